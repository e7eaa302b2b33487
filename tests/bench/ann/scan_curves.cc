// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>

#include "analyzers/vector_codec.h"
#include "tests/bench/ann/peers.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kCompared = 40;
constexpr std::size_t kBlock = 1024;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTERM_TARGET(target_name) __attribute__((target(target_name), optimize("O3")))
#else
#define VECTERM_TARGET(target_name)
#endif

// Rows are bytes from 1 to 255, which shifts all products of a query alike and suits the instructions.
using Products = void (*)(const std::uint8_t* rows, std::size_t count, const std::int8_t* query, std::size_t dimensions,
                          std::int32_t* out);

inline __attribute__((always_inline)) void sums(const std::uint8_t* rows, std::size_t count, const std::int8_t* query,
                                                std::size_t dimensions, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < dimensions; ++j) sum += std::int32_t{rows[i * dimensions + j]} * query[j];
    out[i] = sum;
  }
}

VECTERM_TARGET("avx512bw,avx512vl,avx512vnni")
void vnni_products(const std::uint8_t* rows, std::size_t count, const std::int8_t* query, std::size_t dimensions,
                   std::int32_t* out) {
  sums(rows, count, query, dimensions, out);
}

VECTERM_TARGET("avx2")
void avx2_products(const std::uint8_t* rows, std::size_t count, const std::int8_t* query, std::size_t dimensions,
                   std::int32_t* out) {
  sums(rows, count, query, dimensions, out);
}

void plain_products(const std::uint8_t* rows, std::size_t count, const std::int8_t* query, std::size_t dimensions,
                    std::int32_t* out) {
  sums(rows, count, query, dimensions, out);
}

Products widest_products() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl")) return vnni_products;
  if (__builtin_cpu_supports("avx2")) return avx2_products;
#endif
  return plain_products;
}

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
    rows_.resize(collection.rows.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
      rows_[i] = static_cast<std::uint8_t>(128 + rounded(collection.rows[i] - mean_[i % d], largest));
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

  std::size_t bytes() const { return rows_.size(); }

 private:
  using Scored = std::pair<std::int32_t, std::uint32_t>;

  static int rounded(float value, float largest) { return static_cast<int>(std::lround(127 * value / largest)); }

  // The documents with the largest products; their order is that of the cosine but for the rounding.
  std::vector<Scored> best(const UnitVector& unit) const {
    const std::size_t d = unit.size();
    float largest = 0;
    for (const float value : unit) largest = std::max(largest, std::abs(value));
    std::vector<std::int8_t> query(d);
    for (std::size_t j = 0; j < d; ++j) query[j] = static_cast<std::int8_t>(rounded(unit[j], largest));
    std::vector<Scored> heap;
    std::array<std::int32_t, kBlock> scores{};
    for (std::size_t begin = 0; begin < collection_.size(); begin += kBlock) {
      const std::size_t count = std::min(kBlock, collection_.size() - begin);
      products_(rows_.data() + begin * d, count, query.data(), d, scores.data());
      for (std::size_t i = 0; i < count; ++i)
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
  std::vector<std::uint8_t> rows_;  ///< row-major n x d, centred, 128 for zero
  Products products_ = widest_products();
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
