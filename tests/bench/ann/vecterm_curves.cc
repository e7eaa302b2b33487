// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/vecterm_curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "index/index.h"

namespace vecterm::bench {
namespace {

constexpr double kTie = 1e-6;
constexpr double kStep = 2;  // from one number of probes to the next

// From an eighth of the default probes to eight times as many.
std::vector<std::size_t> swept_probes(std::size_t standard, double step) {
  std::vector<std::size_t> probes;
  for (double factor = 0.125; factor < 8.5; factor *= step) {
    const auto rounded = static_cast<std::size_t>(std::lround(factor * static_cast<double>(standard)));
    if (rounded > 0 && (probes.empty() || rounded > probes.back())) probes.push_back(rounded);
  }
  return probes;
}

Hits found(const std::vector<Hit>& hits) {
  Hits result;
  for (const Hit& hit : hits) result.push_back({hit.docid - 1, hit.score});
  return result;
}

Curve curve(const std::string& plan, const std::string& family, const Costs& costs) {
  return {.system = "vecterm", .plan = plan, .family = family, .knobs = {0}, .costs = costs, .search = {}, .judge = {}};
}

Curve vector_curve(std::shared_ptr<Index> index, Curve made, const SearchRequest& standard,
                   const std::vector<Query>& queries) {
  SearchRequest request = standard;
  if (made.filter.share < 1) request.filter = Xapian::Query(made.filter.term);
  made.search = [index, request, &queries](std::size_t query, std::size_t probes) mutable {
    request.vector = queries[query].unit;
    request.probes = probes;
    return found(index->searcher().search(request));
  };
  return made;
}

Hits found(const std::vector<TextHit>& hits) {
  Hits result;
  for (const TextHit& hit : hits) result.push_back({hit.hit.docid - 1, hit.hit.score});
  return result;
}

Curve text_curve(std::shared_ptr<Index> index, Curve made, SearchMode mode, const std::vector<Query>& queries) {
  made.search = [index, mode, &queries](std::size_t query, std::size_t) {
    TextQuery text;
    text.text = queries[query].text;
    text.mode = mode;
    return found(index->search(text));
  };
  return made;
}

// The share of the best ten by mixed scores that is among the hits.
double mixed_recall(Index& index, const Query& query, const Hits& hits) {
  TextQuery text;
  text.text = query.text;
  text.exact = true;
  const Hits exact = found(index.search(text));
  if (exact.empty()) return 1;
  const auto right =
      std::count_if(hits.begin(), hits.end(), [&](const Found& hit) { return hit.score >= exact.back().score - kTie; });
  return static_cast<double>(right) / static_cast<double>(exact.size());
}

}  // namespace

std::vector<Curve> vector_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                 const Costs& costs) {
  std::vector<Curve> curves = plain_curves(path, family, queries, costs);
  const auto index = std::make_shared<Index>(path);
  const auto probes = swept_probes(index->dictionary().hash_space().default_probes(), kStep);
  SearchRequest scan;
  scan.exact_below = std::numeric_limits<std::size_t>::max();
  curves.push_back(vector_curve(index, curve("exact", family, costs), scan, queries));
  for (const Filter& filter : {kFilters[1], kFilters[2], kFilters[3]}) {
    Curve made = curve("plain", family, costs);
    made.filter = filter;
    made.knobs = probes;
    curves.push_back(vector_curve(index, made, SearchRequest{}, queries));
  }
  return curves;
}

std::vector<Curve> plain_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                const Costs& costs) {
  const auto index = std::make_shared<Index>(path);
  Curve made = curve("plain", family, costs);
  made.knobs = swept_probes(index->dictionary().hash_space().default_probes(), kStep);
  SearchRequest tokens;
  tokens.exact_below = 0;
  return {vector_curve(index, made, tokens, queries)};
}

std::vector<Curve> text_curves(const std::string& path, const std::vector<Query>& queries, const Costs& words,
                               const Costs& mixed) {
  const auto index = std::make_shared<Index>(path);
  Curve words_only = text_curve(index, curve("words", "", words), SearchMode::kWords, queries);
  words_only.judge = [](std::size_t, const Hits&) { return 1.0; };
  Curve both = text_curve(index, curve("mixed", "cells", mixed), SearchMode::kMixed, queries);
  both.judge = [index, &queries](std::size_t query, const Hits& hits) {
    return mixed_recall(*index, queries[query], hits);
  };
  return {words_only, both};
}

}  // namespace vecterm::bench
