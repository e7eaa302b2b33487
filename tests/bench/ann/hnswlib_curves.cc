// SPDX-License-Identifier: GPL-2.0-or-later
// This unit alone is compiled with the processor's vector instructions: hnswlib's header chooses at compile time.
#include <hnswlib/hnswlib.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "tests/bench/ann/build_once.h"
#include "tests/bench/ann/peers.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kM = 16;
constexpr std::size_t kEfConstruction = 200;
constexpr std::size_t kLargestEf = 400;

struct Graph {
  explicit Graph(std::size_t dimensions) : space(dimensions) {}
  hnswlib::InnerProductSpace space;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;
};

Costs build(Graph& graph, const Collection& collection, const std::string& path) {
  Costs costs;
  costs.resident_bytes = resident_growth([&] {
    costs.build_s = cpu_seconds([&] {
      graph.index =
          std::make_unique<hnswlib::HierarchicalNSW<float>>(&graph.space, collection.size(), kM, kEfConstruction);
      for (std::size_t i = 0; i < collection.size(); ++i) graph.index->addPoint(collection.row(i).data(), i);
    });
  });
  graph.index->saveIndex(path);
  costs.disk_bytes = disk_bytes(path);
  return costs;
}

// The best `fetched` that pass the filter, at most ten, best first.
Hits nearest(const Graph& graph, const Query& query, std::size_t fetched, const Filter& filter) {
  auto queue = graph.index->searchKnn(query.unit.data(), fetched);
  std::vector<std::pair<float, hnswlib::labeltype>> nearest_last;
  for (; !queue.empty(); queue.pop()) nearest_last.push_back(queue.top());
  Hits hits;
  for (auto found = nearest_last.rbegin(); found != nearest_last.rend() && hits.size() < kHits; ++found)
    if (filter.share == 1 || filter.passes(found->second))
      hits.push_back({static_cast<std::uint32_t>(found->second), 1 - static_cast<double>(found->first)});
  return hits;
}

}  // namespace

std::vector<Curve> hnswlib_curves(const Collection& collection, const std::vector<Query>& queries,
                                  const std::string& directory) {
  const auto graph = std::make_shared<Graph>(collection.dimensions);
  const std::string path = directory + "/hnswlib";
  const Costs costs = build_once(path, [&] { return build(*graph, collection, path); });
  if (!graph->index) graph->index = std::make_unique<hnswlib::HierarchicalNSW<float>>(&graph->space, path);

  Curve plain{.system = "hnswlib", .plan = "", .family = "", .knobs = {}, .costs = costs, .search = {}, .judge = {}};
  for (std::size_t ef = kHits; ef <= kLargestEf; ef += 5) plain.knobs.push_back(ef);
  plain.search = [graph, &queries](std::size_t query, std::size_t ef) {
    graph->index->setEf(ef);
    return nearest(*graph, queries[query], kHits, kFilters[0]);
  };
  std::vector<Curve> curves{plain};
  for (const Filter& filter : {kFilters[1], kFilters[2]}) {
    Curve curve = plain;
    curve.plan = "over-fetch";
    curve.filter = filter;
    curve.knobs.clear();
    for (double factor = 1; factor < 40; factor *= 1.25)
      curve.knobs.push_back(static_cast<std::size_t>(std::lround(factor * kHits / filter.share)));
    curve.search = [graph, &queries, filter](std::size_t query, std::size_t fetched) {
      graph->index->setEf(fetched);
      return nearest(*graph, queries[query], fetched, filter);
    };
    curves.push_back(curve);
  }
  return curves;
}

}  // namespace vecterm::bench
