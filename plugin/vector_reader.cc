// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/vector_reader.h"

#include <cmath>

namespace vecterm {
namespace {

// NaN from a damaged or foreign row counts as unrelated.
float defined(float cosine) { return std::isfinite(cosine) ? cosine : 0.0F; }

}  // namespace

VectorReader::~VectorReader() = default;

SlotVectorReader::SlotVectorReader(Xapian::Database database, const IndexRecord& record)
    : database_(std::move(database)), slot_(record.slot()), generation_(record.generation), row_(record.dimensions) {}

std::optional<float> SlotVectorReader::cosine(Xapian::docid docid, std::span<const float> unit) {
  const auto end = database_.valuestream_end(slot_);
  // A value stream goes forwards only; ascending questions share one.
  if (!position_ || *position_ == end || position_->get_docid() > docid) position_ = database_.valuestream_begin(slot_);
  if (*position_ == end) return std::nullopt;
  position_->skip_to(docid);
  if (*position_ == end || position_->get_docid() != docid) return std::nullopt;
  if (!decode_value(**position_, generation_, row_)) return std::nullopt;
  return defined(dot(unit, row_));
}

void SlotVectorReader::scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) {
  const auto end = database_.valuestream_end(slot_);
  for (auto value = database_.valuestream_begin(slot_); value != end; ++value)
    if (decode_value(*value, generation_, row_)) visit(value.get_docid(), defined(dot(unit, row_)));
}

Xapian::doccount SlotVectorReader::size() const { return database_.get_value_freq(slot_); }

}  // namespace vecterm
