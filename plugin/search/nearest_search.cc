// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/nearest_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "analyzers/rows/kernels.h"
#include "plugin/documents/shard_docids.h"
#include "plugin/search/plan.h"

namespace vecterm {
namespace {

// About how many postings a search reads: of a query's usual number of buckets, in lists of the mean length.
std::size_t expected_postings(const HashSpace& space, std::size_t vectors) {
  constexpr double kUsualCells = 32;
  const auto buckets = static_cast<double>(space.buckets());
  const double probes = space.has_centres() ? kUsualCells : static_cast<double>(space.default_limits().most);
  const double filed = static_cast<double>(vectors) * space.assignments() * space.tables();
  return static_cast<std::size_t>(std::ceil(probes * filed / buckets));
}

constexpr std::size_t kFirstProbes = 32;  // ranked at first; most searches need no more
constexpr std::size_t kBatch = 4;         // buckets between two looks at what was found

}  // namespace

NearestSearch::NearestSearch(std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards)
    : builder_(std::move(builder)),
      shards_(std::move(shards)),
      first_pass_(first_pass_of(builder_->embedder())),
      candidates_(shards_.size()) {}

std::size_t NearestSearch::vectors() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.vectors->size();
  return sum;
}

Xapian::docid NearestSearch::global(Xapian::docid local, std::size_t shard) const {
  return global_docid(local, shard, shards_.size());
}

std::vector<Neighbour> NearestSearch::find(const NearestRequest& request, SearchReport& report) {
  PlanFacts facts{.wanted = request.plan, .vectors = vectors(), .matching = {}, .exact_below = request.exact_below};
  std::vector<std::shared_ptr<const DocidList>> matching;
  if (!request.filter.empty()) {
    facts.matching = 0;
    for (const Shard& shard : shards_) {
      matching.push_back(shard.postings->matching(request.filter));
      *facts.matching += matching.back()->size();
    }
    report.postings += *facts.matching;
  }
  facts.expected = expected_postings(space(), facts.vectors);
  report.choice = choose_plan(facts);

  if (report.choice.plan == Plan::kExact) return scan(request, report);
  const FirstPassQuery query = first_pass_.query(request.unit);
  if (report.choice.plan == Plan::kProbe) {
    begin(matching);
    probe(request, query, report);
    keep_best(query, first_pass_.compared(request.wanted), report);
    auto found = compare(request, report);
    // Too few candidates must not hide hits that exist.
    if (found.size() >= std::min(request.needed, facts.matching.value_or(facts.vectors))) return found;
    report.choice.reason += "; these had too few documents, so all were compared";
    report.choice.plan = matching.empty() ? Plan::kExact : Plan::kFilterFirst;
    if (matching.empty()) return scan(request, report);
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    candidates_[i].docids = *matching[i];
    candidates_[i].scores.clear();
  }
  keep_best(query, first_pass_.compared(request.wanted), report);
  return compare(request, report);
}

std::vector<Neighbour> NearestSearch::scan(const NearestRequest& request, SearchReport& report) {
  std::vector<Neighbour> found;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].vectors->scan(request.unit, [&](Xapian::docid docid, float cosine) {
      found.push_back({global(docid, i), cosine});
    });
  report.candidates = report.compared = found.size();
  keep_nearest(found, request.wanted);
  return found;
}

// Forgets the candidates of the last search. Where lists are given, only documents of them may become candidates.
void NearestSearch::begin(const std::vector<std::shared_ptr<const DocidList>>& allowed) {
  best_.clear();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& [docids, scores, taken] = candidates_[i];
    docids.clear();
    scores.clear();
    taken.reset(!allowed.empty());
    if (allowed.empty()) continue;
    for (const Xapian::docid docid : *allowed[i]) taken.erase(docid);
  }
}

// Looks into buckets, best first, as far as the limits let it.
void NearestSearch::probe(const NearestRequest& request, const FirstPassQuery& query, SearchReport& report) {
  const bool centres = space().has_centres();
  const std::size_t most = request.limits.most;
  std::size_t ranked = centres ? std::min(most, kFirstProbes) : most;
  const double reach = centres ? std::numeric_limits<double>::infinity() : request.limits.reach;
  for (;;) {
    const std::vector<Probe> probes = space().probes(request.unit, {ranked, reach});
    while (report.probes < probes.size()) {
      const Probe& next = probes[report.probes];
      if (centres && !near_enough(next, probes.front().distance, request, query)) return;
      const std::size_t end = std::min(probes.size(), report.probes + (centres ? kBatch : probes.size()));
      for (; report.probes < end; ++report.probes) read(probes[report.probes].bucket, report);
      if (centres) score(query, request.needed);
    }
    if (probes.size() < ranked || ranked == most) return;
    ranked = std::min(most, 8 * ranked);
  }
}

bool NearestSearch::near_enough(const Probe& next, double nearest, const NearestRequest& request,
                                const FirstPassQuery& query) const {
  if (best_.size() < request.needed) return true;
  const double found = std::sqrt(std::max(0.0, 2 - 2 * query.cosine(best_.front())));
  return next.distance <= (1 + request.limits.reach) * (nearest + found) / 2;
}

// Adds the documents of a bucket that are no candidates yet.
void NearestSearch::read(const Bucket& bucket, SearchReport& report) {
  const std::string term = builder_->embedder().term(bucket);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& [docids, scores, taken] = candidates_[i];
    const std::size_t begin = docids.size();
    shards_[i].postings->append(term, docids);
    report.postings += docids.size() - begin;
    std::size_t kept = begin;
    for (std::size_t j = begin; j < docids.size(); ++j) {
      docids[kept] = docids[j];
      kept += taken.insert(docids[j]) ? 1 : 0;
    }
    docids.resize(kept);
  }
}

// The first pass over the candidates that it has not seen.
void NearestSearch::score(const FirstPassQuery& query, std::size_t needed) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& [docids, scores, taken] = candidates_[i];
    const std::size_t begin = scores.size();
    scores.resize(docids.size());
    shards_[i].vectors->first_pass(query, std::span(docids).subspan(begin), std::span(scores).subspan(begin));
    for (const std::int32_t score : std::span(scores).subspan(begin)) {
      if (best_.size() == needed && score <= best_.front()) continue;
      if (best_.size() == needed) {
        std::pop_heap(best_.begin(), best_.end(), std::greater<>());
        best_.pop_back();
      }
      best_.push_back(score);
      std::push_heap(best_.begin(), best_.end(), std::greater<>());
    }
  }
}

// Drops all candidates but the `count` best by the first pass; ties at the cut stay.
void NearestSearch::keep_best(const FirstPassQuery& query, std::size_t count, SearchReport& report) {
  for (const Candidates& candidates : candidates_) report.candidates += candidates.docids.size();
  if (report.candidates <= count) return;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& [docids, scores, taken] = candidates_[i];
    const std::size_t begin = scores.size();
    scores.resize(docids.size());
    shards_[i].vectors->first_pass(query, std::span(docids).subspan(begin), std::span(scores).subspan(begin));
  }
  const std::int32_t least = std::max(least_score(count), kNoScore + 1);
  for (auto& [docids, scores, taken] : candidates_) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < docids.size(); ++i)
      if (scores[i] >= least) docids[kept++] = docids[i];
    docids.resize(kept);
  }
}

// The count-th largest score of all shards together. REQUIRES: there are more.
std::int32_t NearestSearch::least_score(std::size_t count) {
  best_.clear();
  for (const Candidates& candidates : candidates_) {
    positions_of_largest(candidates.scores, count, maxima_, positions_);
    for (const std::uint32_t position : positions_) best_.push_back(candidates.scores[position]);
  }
  const auto last = best_.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(best_.begin(), last, best_.end(), std::greater<>());
  return *last;
}

// The exact cosines of what is left.
std::vector<Neighbour> NearestSearch::compare(const NearestRequest& request, SearchReport& report) {
  std::vector<Neighbour> found;
  std::vector<float> cosines;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const DocidList& docids = candidates_[i].docids;
    cosines.resize(docids.size());
    shards_[i].vectors->cosines(docids, request.unit, cosines);
    for (std::size_t j = 0; j < docids.size(); ++j)
      if (!std::isnan(cosines[j])) found.push_back({global(docids[j], i), cosines[j]});
  }
  report.compared = found.size();
  keep_nearest(found, request.wanted);
  return found;
}

}  // namespace vecterm
