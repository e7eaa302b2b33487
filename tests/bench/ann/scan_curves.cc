// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>

#include "analyzers/rows/kernels.h"
#include "analyzers/vector_codec.h"
#include "tests/bench/ann/peers.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kCompared = 40;
constexpr std::size_t kBlocks = 64;  // of rows, at a time

class Int8Rows {
 public:
  explicit Int8Rows(const Collection& collection) : collection_(collection), mean_(collection.dimensions) {
    const std::size_t d = collection.dimensions;
    std::vector<double> sums(d);
    for (std::size_t i = 0; i < collection.rows.size(); ++i) sums[i % d] += static_cast<double>(collection.rows[i]);
    for (std::size_t j = 0; j < d; ++j) mean_[j] = static_cast<float>(sums[j] / static_cast<double>(collection.size()));
    float largest = 0;
    for (std::size_t i = 0; i < collection.rows.size(); ++i)
      largest = std::max(largest, std::abs(collection.rows[i] - mean_[i % d]));
    std::vector<std::int8_t> rounded_rows(collection.rows.size());
    for (std::size_t i = 0; i < rounded_rows.size(); ++i)
      rounded_rows[i] = rounded(collection.rows[i] - mean_[i % d], largest);
    rows_ = std::make_unique<const PackedInt8Rows>(rounded_rows, d);
  }

  Hits nearest(const Query& query) const {
    Hits hits;
    for (const auto& [product, document] : best(query.unit))
      hits.push_back({document, static_cast<double>(dot(query.unit, collection_.row(document)))});
    const auto wanted = hits.begin() + static_cast<std::ptrdiff_t>(std::min(kHits, hits.size()));
    std::partial_sort(hits.begin(), wanted, hits.end(),
                      [](const Found& a, const Found& b) { return a.score > b.score; });
    hits.erase(wanted, hits.end());
    return hits;
  }

  std::size_t bytes() const { return rows_->rows() * (rows_->padded_dimensions() + sizeof(std::int32_t)); }

 private:
  using Scored = std::pair<std::int32_t, std::uint32_t>;

  static std::int8_t rounded(float value, float largest) {
    return static_cast<std::int8_t>(std::lround(127 * value / largest));
  }

  // The documents with the largest products; their order is that of the cosine but for the rounding.
  std::vector<Scored> best(const UnitVector& unit) const {
    const std::size_t d = unit.size();
    float largest = 0;
    for (const float value : unit) largest = std::max(largest, std::abs(value));
    std::vector<std::int8_t> query(rows_->padded_dimensions());
    for (std::size_t j = 0; j < d; ++j) query[j] = rounded(unit[j], largest);
    std::vector<Scored> heap;
    std::array<std::int32_t, kBlocks * PackedInt8Rows::kBlock> scores{};
    for (std::size_t block = 0; block < rows_->blocks(); block += kBlocks) {
      const std::size_t begin = block * PackedInt8Rows::kBlock;
      const std::size_t count = std::min(kBlocks, rows_->blocks() - block) * PackedInt8Rows::kBlock;
      rows_->products(query, block, std::span(scores).first(count));
      for (std::size_t i = 0; i < std::min(count, rows_->rows() - begin); ++i)
        if (heap.size() < kCompared || scores[i] > heap.front().first)
          offer(heap, {scores[i], static_cast<std::uint32_t>(begin + i)});
    }
    return heap;
  }

  static void offer(std::vector<Scored>& heap, Scored scored) {
    if (heap.size() == kCompared) {
      std::pop_heap(heap.begin(), heap.end(), std::greater<>());
      heap.pop_back();
    }
    heap.push_back(scored);
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  }

  const Collection& collection_;
  std::vector<float> mean_;
  std::unique_ptr<const PackedInt8Rows> rows_;  ///< centred
};

}  // namespace

std::vector<Curve> scan_curves(const Collection& collection, const std::vector<Query>& queries) {
  std::shared_ptr<const Int8Rows> rows;
  Costs costs;
  costs.build_s = cpu_seconds([&] { rows = std::make_shared<const Int8Rows>(collection); });
  costs.resident_bytes = rows->bytes() + collection.rows.size() * sizeof(float);
  costs.disk_bytes = costs.resident_bytes;
  return {{.system = "exact",
           .plan = "exact",
           .family = "",
           .knobs = {0},
           .costs = costs,
           .search = [rows, &queries](std::size_t query, std::size_t) { return rows->nearest(queries[query]); },
           .judge = {}}};
}

}  // namespace vecterm::bench
