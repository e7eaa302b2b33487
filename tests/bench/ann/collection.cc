// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/collection.h"

#include <algorithm>
#include <cmath>

#include "analyzers/rows/kernels.h"
#include "analyzers/vector_codec.h"

namespace vecterm::bench {
namespace {

constexpr double kTie = 1e-6;

// The largest ten of the numbers offered.
class LargestTen {
 public:
  void offer(float value) {
    if (values_.size() == kHits && value <= values_.front()) return;
    if (values_.size() == kHits) {
      std::pop_heap(values_.begin(), values_.end(), std::greater<>());
      values_.pop_back();
    }
    values_.push_back(value);
    std::push_heap(values_.begin(), values_.end(), std::greater<>());
  }
  std::size_t size() const { return values_.size(); }
  float least() const { return values_.empty() ? 0 : values_.front(); }

 private:
  std::vector<float> values_;  ///< a heap, the least in front
};

}  // namespace

bool Filter::passes(std::size_t document) const {
  std::uint64_t mixed = (document + 1) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 32)) * 0xbf58476d1ce4e5b9U;
  return static_cast<double>((mixed >> 32) % 1000) < share * 1000 - 0.5;
}

std::vector<float> stored(std::span<const float> unit) {
  std::string bytes;
  append_row(VectorCodec::kFloat16, unit, bytes);
  std::vector<float> row(unit.size());
  decode_row(VectorCodec::kFloat16, bytes, row);
  return row;
}

Truth::Truth(const Collection& collection, const std::vector<Query>& queries)
    : collection_(collection), queries_(queries) {
  const PackedRows packed(collection.rows, collection.dimensions);
  std::vector<std::uint8_t> passed(collection.size());  // a bit a filter
  for (std::size_t i = 0; i < collection.size(); ++i) {
    const auto row = collection.row(i);
    if (std::all_of(row.begin(), row.end(), [](float value) { return value == 0; })) continue;
    for (std::size_t f = 0; f < kFilters.size(); ++f)
      if (kFilters[f].passes(i)) passed[i] = static_cast<std::uint8_t>(passed[i] | 1U << f);
  }
  std::vector<float> cosines(collection.size());
  for (const Query& query : queries) {
    packed.products(query.unit, cosines);
    std::array<LargestTen, kFilters.size()> best;
    for (std::size_t i = 0; i < cosines.size(); ++i)
      for (std::size_t f = 0; passed[i] >> f != 0; ++f)
        if ((passed[i] >> f & 1U) != 0) best[f].offer(cosines[i]);
    auto& answers = answers_.emplace_back();
    for (std::size_t f = 0; f < kFilters.size(); ++f) answers[f] = {best[f].size(), best[f].least()};
  }
}

double Truth::recall(std::size_t query, const Filter& filter, const Hits& hits) const {
  const auto number =
      std::find_if(kFilters.begin(), kFilters.end(), [&](const Filter& f) { return f.share == filter.share; });
  const Answer& answer = answers_[query][static_cast<std::size_t>(number - kFilters.begin())];
  if (answer.wanted == 0) return 1;
  const auto right = std::count_if(hits.begin(), hits.end(), [&](const Found& found) {
    const double cosine = static_cast<double>(dot(queries_[query].unit, collection_.row(found.document)));
    return filter.passes(found.document) && cosine >= static_cast<double>(answer.least) - kTie;
  });
  return std::min(1.0, static_cast<double>(right) / static_cast<double>(answer.wanted));
}

}  // namespace vecterm::bench
