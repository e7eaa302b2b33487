// SPDX-License-Identifier: GPL-2.0-or-later
// recall [EPOCHS]: recall@10 of each token family and number of probes against the exact scan, with the postings
// read and the candidates found. One line of a table for each; the documents' own queries are asked.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/bench/bench_data.h"

using namespace vecterm;

namespace {

constexpr std::size_t kHits = 10;
constexpr std::size_t kQueries = 500;

using Ids = std::vector<std::uint32_t>;

std::uint64_t key(const Bucket& bucket) { return std::uint64_t{bucket.table} << 32U | bucket.bucket; }

struct Collection {
  std::vector<float> rows;  // row-major n x d
  std::size_t dimensions;
  std::size_t size() const { return rows.size() / dimensions; }
  std::span<const float> row(std::size_t i) const { return std::span(rows).subspan(i * dimensions, dimensions); }
};

// The nearest of `ids`, best first, ties by number.
Ids nearest(const Collection& collection, std::span<const float> query, Ids ids) {
  std::vector<std::pair<float, std::uint32_t>> scored;
  scored.reserve(ids.size());
  for (const std::uint32_t id : ids) scored.emplace_back(-dot(query, collection.row(id)), id);
  const std::size_t kept = std::min(kHits, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(kept), scored.end());
  Ids result;
  for (std::size_t i = 0; i < kept; ++i) result.push_back(scored[i].second);
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<UnitVector> query_vectors(const Embedder& embedder) {
  const XapianTokenizer tokenizer;
  const auto& queries = bench::data().queries;
  std::vector<UnitVector> units;
  const std::size_t step = std::max<std::size_t>(1, queries.size() / kQueries);
  for (std::size_t i = 0; i < queries.size() && units.size() < kQueries; i += step)
    if (auto unit = embedder.embed(tokenizer.terms(queries[i]))) units.push_back(std::move(*unit));
  return units;
}

void report(const HashSpace& space, const Collection& collection, const std::vector<UnitVector>& queries,
            const std::vector<Ids>& exact) {
  std::unordered_map<std::uint64_t, Ids> postings;
  for (std::size_t i = 0; i < collection.size(); ++i)
    for (const Bucket& bucket : space.hash(collection.row(i)))
      postings[key(bucket)].push_back(static_cast<std::uint32_t>(i));
  for (const std::size_t factor : {1, 2, 4, 8, 16, 32, 64}) {
    const std::size_t probes = (space.has_centres() ? 32 : space.default_limits().most) * factor / 16;
    if (probes == 0) continue;
    std::size_t read = 0, found = 0, candidates = 0;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      Ids ids;
      for (const Probe& probe : space.probes(queries[q], probes))
        if (const auto list = postings.find(key(probe.bucket)); list != postings.end())
          ids.insert(ids.end(), list->second.begin(), list->second.end());
      read += ids.size();
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      candidates += ids.size();
      const Ids hits = nearest(collection, queries[q], std::move(ids));
      Ids common;
      std::set_intersection(hits.begin(), hits.end(), exact[q].begin(), exact[q].end(), std::back_inserter(common));
      found += common.size();
    }
    const auto mean = [&](std::size_t sum) { return static_cast<double>(sum) / static_cast<double>(queries.size()); };
    fmt::print("{:<14} {:>6} {:>6} {:>4} {:>7}{} {:>10.0f} {:>10.0f} {:>9.4f}\n", space.family(), space.tables(),
               space.rows(), space.bits(), probes, factor == 16 && !space.has_centres() ? '*' : ' ', mean(read),
               mean(candidates), mean(found) / kHits);
  }
}

// Every family by default, and cells in two resolutions.
std::vector<std::shared_ptr<const HashSpace>> all_spaces(const Collection& collection) {
  std::vector<std::shared_ptr<const HashSpace>> spaces;
  for (const char* family : {"cells", "cross-polytope", "hyperplane", "p-stable"}) {
    HashSpaceOptions options;
    options.family = family;
    spaces.push_back(learn_hash_space(collection.rows, collection.dimensions, options));
  }
  HashSpaceOptions two;
  two.cells = {1024, 8192};
  two.assignments = 1;
  spaces.insert(spaces.begin() + 1, learn_hash_space(collection.rows, collection.dimensions, two));
  return spaces;
}

int run(std::uint32_t epochs) {
  DictionaryContents contents = bench::learned(epochs);
  const Collection collection{bench::vectors(contents), contents.dimensions};
  const auto spaces = all_spaces(collection);
  contents.hash_space = spaces.front();
  const auto queries = query_vectors(Embedder(Dictionary::parse(serialise_dictionary(contents))));

  Ids all(collection.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  std::vector<Ids> exact;
  for (const UnitVector& query : queries) exact.push_back(nearest(collection, query, all));
  fmt::print("{} documents, {} dimensions, {} queries; * = default\n", collection.size(), collection.dimensions,
             queries.size());
  fmt::print("{:<14} {:>6} {:>6} {:>4} {:>8} {:>10} {:>10} {:>9}\n", "family", "tables", "rows", "bits", "probes",
             "postings", "candidates", "recall@10");
  for (const auto& space : spaces) report(*space, collection, queries, exact);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? static_cast<std::uint32_t>(std::strtoul(argv[1], nullptr, 10)) : 4);
  } catch (const Error& error) {
    fmt::print(stderr, "recall: {}\n", error.what());
    return 3;
  }
}
