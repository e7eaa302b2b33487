// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/table_vector_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr std::size_t kScanned = 256;  // rows at a time

bool is_in(const DocidRanges& ranges, Xapian::docid docid) {
  const auto after = std::ranges::upper_bound(ranges, docid, {}, &DocidRange::first);
  return after != ranges.begin() && docid <= std::prev(after)->last;
}

template <class Number>
void scatter(std::span<const Number> from, std::span<const std::size_t> where, std::span<Number> to) {
  for (std::size_t i = 0; i < where.size(); ++i) to[where[i]] = from[i];
}

}  // namespace

void TableVectorReader::cosines(std::span<const Xapian::docid> docids, std::span<const float> unit,
                                std::span<float> cosines) {
  if (const VectorTable* const rows = prepare(docids)) cosines_of(*rows, docids, unit, cosines);
  if (apart_.empty()) return;
  std::vector<float> read(apart_.size());
  slot_.cosines(apart_docids_, unit, read);
  scatter<float>(read, apart_, cosines);
}

void TableVectorReader::first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                                   std::span<std::int32_t> scores) {
  if (const VectorTable* const rows = prepare(docids)) first_pass_of(*rows, query, docids, scores);
  if (apart_.empty()) return;
  std::vector<std::int32_t> read(apart_.size());
  slot_.first_pass(query, apart_docids_, read);
  scatter<std::int32_t>(read, apart_, scores);
}

void TableVectorReader::scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) {
  if (!is_complete()) take(provider_(slot_.size() / kSingleCost + 1));
  if (!is_complete()) return slot_.scan(unit, visit);
  std::vector<float> cosine(kScanned);
  const auto docids = rows_.table->docids();
  for (std::size_t first = 0; first < docids.size(); first += kScanned) {
    const std::size_t count = std::min(kScanned, docids.size() - first);
    cosines(docids.subspan(first, count), unit, std::span(cosine).first(count));
    for (std::size_t i = 0; i < count; ++i) visit(docids[first + i], cosine[i]);
  }
}

void TableVectorReader::take(KeptRows found) {
  if (found.table && (!found.changed || !rows_.table)) rows_ = std::move(found);
}

/// The table, which says nothing of the documents in apart_. Null where there is none.
const VectorTable* TableVectorReader::prepare(std::span<const Xapian::docid> docids) {
  find_apart(docids);
  if (apart_.empty()) return rows_.table.get();
  take(provider_(apart_.size()));
  find_apart(docids);
  apart_docids_.clear();
  for (const std::size_t i : apart_) apart_docids_.push_back(docids[i]);
  return rows_.table.get();
}

void TableVectorReader::find_apart(std::span<const Xapian::docid> docids) {
  apart_.clear();
  if (is_complete()) return;
  for (std::size_t i = 0; i < docids.size(); ++i)
    if (!rows_.table || is_in(*rows_.changed, docids[i])) apart_.push_back(i);
}

void TableVectorReader::cosines_of(const VectorTable& rows, std::span<const Xapian::docid> docids,
                                   std::span<const float> unit, std::span<float> cosines) {
  vectors_.resize(docids.size() * unit.size());
  row_numbers_.resize(docids.size());
  for (std::size_t i = 0; i < docids.size(); ++i) {
    row_numbers_[i] = static_cast<std::uint32_t>(i);
    const auto out = std::span(vectors_).subspan(i * unit.size(), unit.size());
    const std::uint32_t row = rows.row_of(docids[i]);
    if (row != VectorTable::kNoRow)
      rows.copy_row(row, out);
    else
      std::fill(out.begin(), out.end(), 0.0F);
  }
  lane_products(unit, vectors_, row_numbers_, cosines);
  for (std::size_t i = 0; i < docids.size(); ++i)
    cosines[i] = rows.row_of(docids[i]) != VectorTable::kNoRow ? defined_cosine(cosines[i]) : NAN;
}

void TableVectorReader::first_pass_of(const VectorTable& rows, const FirstPassQuery& query,
                                      std::span<const Xapian::docid> docids, std::span<std::int32_t> scores) {
  row_numbers_.resize(docids.size());
  bool complete = true;
  for (std::size_t i = 0; i < docids.size(); ++i) {
    row_numbers_[i] = rows.row_of(docids[i]);
    complete = complete && row_numbers_[i] != VectorTable::kNoRow;
  }
  if (!complete) std::replace(row_numbers_.begin(), row_numbers_.end(), VectorTable::kNoRow, 0U);
  if (rows.size() > 0) query.score(rows.first_rows(), row_numbers_, scores);
  if (complete) return;
  for (std::size_t i = 0; i < docids.size(); ++i)
    if (rows.row_of(docids[i]) == VectorTable::kNoRow) scores[i] = kNoScore;
}

}  // namespace vecterm
