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
constexpr std::size_t kTextQueries = 200;  // the same for words and mixed, which are compared
constexpr std::size_t kCacheBytes = std::size_t{1} << 30;

// Knobs are percents of how far the family looks by default: of the reach where it has one, else of the probes.
std::vector<std::size_t> percents(double step) {
  std::vector<std::size_t> knobs;
  for (double percent = 12.5; percent < 810; percent *= step)
    knobs.push_back(static_cast<std::size_t>(std::lround(percent)));
  return knobs;
}

void set_limits(SearchRequest& request, ProbeLimits limits, std::size_t percent) {
  const double factor = static_cast<double>(percent) / 100;
  const bool has_reach = std::isfinite(limits.reach);
  request.reach = has_reach ? std::optional(factor * limits.reach) : std::nullopt;
  const double probes = (has_reach ? std::max(1.0, factor) : factor) * static_cast<double>(limits.most);
  request.probes = static_cast<std::size_t>(std::max(1.0, std::round(probes)));
}

Hits found(const std::vector<Hit>& hits) {
  Hits result;
  for (const Hit& hit : hits) result.push_back({hit.docid - 1, hit.score});
  return result;
}

// How a plan is asked for, and on which handle.
struct PlanSetup {
  const char* name;
  Plan plan;
  double step;  ///< from one knob to the next; 0 = no knob
  bool cached = false;
};
constexpr PlanSetup kDirect{"direct", Plan::kProbe, 1.25};
constexpr PlanSetup kCached{"cached", Plan::kProbe, 1.25, true};
constexpr PlanSetup kPlain{"plain", Plan::kPlainTerms, 2};
constexpr PlanSetup kExact{"exact", Plan::kExact, 0};
constexpr PlanSetup kFilterFirst{"filter-first", Plan::kFilterFirst, 0};
constexpr PlanSetup kFilterFirstCached{"filter-first", Plan::kFilterFirst, 0, true};

class Handles {
 public:
  explicit Handles(const std::string& path)
      : plain_(std::make_shared<Index>(path)),
        cached_(std::make_shared<Index>(
            path,
            IndexOptions{.postings_cache_bytes = kCacheBytes, .filter_cache_bytes = kCacheBytes, .dictionary = {}})) {}
  std::shared_ptr<Index> of(const PlanSetup& setup) const { return setup.cached ? cached_ : plain_; }

 private:
  std::shared_ptr<Index> plain_;
  std::shared_ptr<Index> cached_;
};

Curve curve(const std::string& plan, const std::string& family, const Costs& costs) {
  return {.system = "vecterm", .plan = plan, .family = family, .knobs = {0}, .costs = costs, .search = {}, .judge = {}};
}

Curve vector_curve(const Handles& handles, const PlanSetup& setup, const Filter& filter, const std::string& family,
                   const std::vector<Query>& queries, const Costs& costs) {
  Curve made = curve(setup.name, family, costs);
  made.filter = filter;
  if (setup.step > 0) made.knobs = percents(setup.step);
  SearchRequest request;
  request.plan = setup.plan;
  if (filter.share < 1) request.filter = Xapian::Query(filter.term);
  const auto index = handles.of(setup);
  const ProbeLimits limits = index->dictionary().hash_space().default_limits();
  made.search = [index, request, limits, &queries](std::size_t query, std::size_t percent) mutable {
    request.vector = queries[query].unit;
    if (percent != 0) set_limits(request, limits, percent);
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
  made.asked = kTextQueries;
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
  text.plan = Plan::kExact;
  const Hits exact = found(index.search(text));
  if (exact.empty()) return 1;
  const auto right =
      std::count_if(hits.begin(), hits.end(), [&](const Found& hit) { return hit.score >= exact.back().score - kTie; });
  return static_cast<double>(right) / static_cast<double>(exact.size());
}

}  // namespace

std::vector<Curve> family_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                 const Costs& costs) {
  const Handles handles(path);
  std::vector<Curve> curves;
  for (const PlanSetup& setup : {kDirect, kPlain})
    curves.push_back(vector_curve(handles, setup, kFilters[0], family, queries, costs));
  return curves;
}

std::vector<Curve> plan_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                               const Costs& costs) {
  const Handles handles(path);
  std::vector<Curve> curves;
  for (const PlanSetup& setup : {kDirect, kCached, kPlain, kExact})
    curves.push_back(vector_curve(handles, setup, kFilters[0], family, queries, costs));
  // The widest filter is kept in a cache, the others are read each time.
  for (const PlanSetup& setup : {kCached, kFilterFirstCached})
    curves.push_back(vector_curve(handles, setup, kFilters[1], family, queries, costs));
  for (const Filter& filter : {kFilters[2], kFilters[3]})
    curves.push_back(vector_curve(handles, kFilterFirst, filter, family, queries, costs));
  return curves;
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
