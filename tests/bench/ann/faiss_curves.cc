// SPDX-License-Identifier: GPL-2.0-or-later
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/index_io.h>
#include <fmt/format.h>

#include <memory>

#include "tests/bench/ann/build_once.h"
#include "tests/bench/ann/peers.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

constexpr int kIterations = 10;
constexpr int kMostVectorsAList = 64;
constexpr int kM = 16;
constexpr int kEfConstruction = 200;

faiss::Index::idx_t count(std::size_t n) { return static_cast<faiss::Index::idx_t>(n); }

std::unique_ptr<faiss::Index> new_lists(std::size_t dimensions, std::size_t lists) {
  auto index = std::make_unique<faiss::IndexIVFFlat>(new faiss::IndexFlatIP(count(dimensions)), dimensions, lists,
                                                     faiss::METRIC_INNER_PRODUCT);
  index->own_fields = true;
  index->cp.niter = kIterations;
  index->cp.min_points_per_centroid = 1;
  index->cp.max_points_per_centroid = kMostVectorsAList;
  return index;
}

std::unique_ptr<faiss::Index> new_graph(std::size_t dimensions) {
  auto index = std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(dimensions), kM, faiss::METRIC_INNER_PRODUCT);
  index->hnsw.efConstruction = kEfConstruction;
  return index;
}

Costs build(faiss::Index& index, const Collection& collection, const std::string& path) {
  Costs costs;
  costs.resident_bytes = resident_growth([&] {
    costs.build_s = cpu_seconds([&] {
      index.train(count(collection.size()), collection.rows.data());
      index.add(count(collection.size()), collection.rows.data());
    });
  });
  faiss::write_index(&index, path.c_str());
  costs.disk_bytes = disk_bytes(path);
  return costs;
}

Hits nearest(const faiss::Index& index, const Query& query) {
  std::array<float, kHits> cosines{};
  std::array<faiss::Index::idx_t, kHits> documents{};
  index.search(1, query.unit.data(), count(kHits), cosines.data(), documents.data());
  Hits hits;
  for (std::size_t i = 0; i < kHits && documents[i] >= 0; ++i)
    hits.push_back({static_cast<std::uint32_t>(documents[i]), static_cast<double>(cosines[i])});
  return hits;
}

// The index made by `fresh`, or the one that was built before.
std::shared_ptr<faiss::Index> built(std::unique_ptr<faiss::Index> fresh, const Collection& collection,
                                    const std::string& path, Costs& costs) {
  costs = build_once(path, [&] { return build(*fresh, collection, path); });
  if (fresh->ntotal == 0) fresh.reset(faiss::read_index(path.c_str()));
  return fresh;
}

Curve lists_curve(const Collection& collection, const std::vector<Query>& queries, const std::string& directory,
                  std::size_t lists) {
  Curve curve{.system = "faiss-ivf",
              .plan = "",
              .family = fmt::format("nlist {}", lists),
              .knobs = {},
              .costs = {},
              .search = {},
              .judge = {}};
  const auto index = built(new_lists(collection.dimensions, lists), collection,
                           fmt::format("{}/faiss-ivf-{}", directory, lists), curve.costs);
  for (double probes = 1; probes <= static_cast<double>(lists) / 4; probes *= 1.4142135623730951)
    if (const auto rounded = static_cast<std::size_t>(probes + 0.5);
        curve.knobs.empty() || rounded > curve.knobs.back())
      curve.knobs.push_back(rounded);
  curve.search = [index, &queries](std::size_t query, std::size_t probes) {
    dynamic_cast<faiss::IndexIVFFlat&>(*index).nprobe = probes;
    return nearest(*index, queries[query]);
  };
  return curve;
}

}  // namespace

std::vector<Curve> faiss_ivf_curves(const Collection& collection, const std::vector<Query>& queries,
                                    const std::string& directory) {
  std::vector<Curve> curves;
  for (const std::size_t lists : {1024, 4096, 16384})
    if (lists <= collection.size()) curves.push_back(lists_curve(collection, queries, directory, lists));
  return curves;
}

std::vector<Curve> faiss_hnsw_curves(const Collection& collection, const std::vector<Query>& queries,
                                     const std::string& directory) {
  Curve curve{.system = "faiss-hnsw", .plan = "", .family = "", .knobs = {}, .costs = {}, .search = {}, .judge = {}};
  const auto index = built(new_graph(collection.dimensions), collection, directory + "/faiss-hnsw", curve.costs);
  for (std::size_t ef = kHits; ef <= 400; ef += ef < 100 ? 10 : 50) curve.knobs.push_back(ef);
  curve.search = [index, &queries](std::size_t query, std::size_t ef) {
    dynamic_cast<faiss::IndexHNSWFlat&>(*index).hnsw.efSearch = static_cast<int>(ef);
    return nearest(*index, queries[query]);
  };
  return {curve};
}

}  // namespace vecterm::bench
