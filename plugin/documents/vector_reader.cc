// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/documents/vector_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr double kRoundedNorm = 1e-6;  // what rounding to floats makes of the square of 1 at most

}  // namespace

VectorReader::~VectorReader() = default;

FirstPass first_pass_of(const DocumentEmbedder& embedder) {
  return {embedder.record().settings.codec, embedder.embedder().dictionary().hash_space().centre()};
}

float defined_cosine(float cosine) { return std::isfinite(cosine) ? std::clamp(cosine, -1.0F, 1.0F) : 0.0F; }

UnitVector query_vector(std::span<const float> given, std::size_t dimensions) {
  if (given.size() != dimensions)
    throw InvalidArgument(fmt::format("query vector must have {} dimensions; had {}", dimensions, given.size()));
  double squares = 0;
  for (std::size_t i = 0; i < dimensions; ++i) {
    if (!std::isfinite(given[i]))
      throw InvalidArgument(fmt::format("query vector must have finite numbers; number {} was {}", i + 1, given[i]));
    squares += double{given[i]} * double{given[i]};
  }
  if (std::abs(squares - 1) <= kRoundedNorm) return {given.begin(), given.end()};
  auto unit = normalised(given);
  if (!unit) throw InvalidArgument(fmt::format("query vector must not be zero; all {} numbers were 0", dimensions));
  return std::move(*unit);
}

std::optional<float> VectorReader::cosine(Xapian::docid docid, std::span<const float> unit) {
  float cosine = 0;
  cosines(std::span(&docid, 1), unit, std::span(&cosine, 1));
  return std::isnan(cosine) ? std::nullopt : std::optional(cosine);
}

SlotVectorReader::SlotVectorReader(Xapian::Database database, const DocumentEmbedder& embedder)
    : database_(std::move(database)),
      slot_(embedder.record().slot()),
      generation_(embedder.record().generation),
      first_pass_(first_pass_of(embedder)),
      row_(embedder.record().dimensions) {}

void SlotVectorReader::cosines(std::span<const Xapian::docid> docids, std::span<const float> unit,
                               std::span<float> cosines) {
  visit_rows(docids, [&](std::size_t i, bool there) { cosines[i] = there ? defined_cosine(dot(unit, row_)) : NAN; });
}

void SlotVectorReader::first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                                  std::span<std::int32_t> scores) {
  std::vector<std::uint8_t> bytes(first_pass_.row_bytes());
  static constexpr std::uint32_t kOnlyRow = 0;
  visit_rows(docids, [&](std::size_t i, bool there) {
    scores[i] = kNoScore;
    if (!there) return;
    first_pass_.quantise(row_, bytes);
    query.score(bytes.data(), std::span(&kOnlyRow, 1), scores.subspan(i, 1));
  });
}

void SlotVectorReader::scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) {
  const auto end = database_.valuestream_end(slot_);
  for (auto value = database_.valuestream_begin(slot_); value != end; ++value)
    if (decode_value(*value, generation_, row_)) visit(value.get_docid(), defined_cosine(dot(unit, row_)));
}

Xapian::doccount SlotVectorReader::size() const { return database_.get_value_freq(slot_); }

// Calls visit(i, whether row_ holds the vector of docids[i]). A value stream goes forwards only, so in ascending order
// of docid.
void SlotVectorReader::visit_rows(std::span<const Xapian::docid> docids,
                                  const std::function<void(std::size_t, bool)>& visit) {
  std::vector<std::size_t> order(docids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!std::is_sorted(docids.begin(), docids.end()))
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return docids[a] < docids[b]; });
  for (const std::size_t i : order) visit(i, read_row(docids[i]));
}

bool SlotVectorReader::read_row(Xapian::docid docid) {
  const auto end = database_.valuestream_end(slot_);
  if (!position_ || *position_ == end || position_->get_docid() > docid) position_ = database_.valuestream_begin(slot_);
  if (*position_ == end) return false;
  position_->skip_to(docid);
  if (*position_ == end || position_->get_docid() != docid) return false;
  return decode_value(**position_, generation_, row_);
}

}  // namespace vecterm
