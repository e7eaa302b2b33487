// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/nearest_search.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace vecterm {
namespace {

// How many of the best by the first pass are compared exactly: recall .998 of an exact scan (tests/bench/ann).
std::size_t compared_for(std::size_t wanted) { return std::max<std::size_t>(40, 2 * wanted + 20); }

// How many postings so many buckets have on average.
std::size_t postings_of(const HashSpace& space, std::size_t probes, std::size_t vectors) {
  const double buckets = space.family() == "cells" ? space.rows() : std::exp2(space.bits()) * space.tables();
  const double filed = static_cast<double>(vectors) * space.assignments() * space.tables();
  return static_cast<std::size_t>(std::ceil(static_cast<double>(probes) * filed / buckets));
}

bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.cosine != b.cosine ? a.cosine > b.cosine : a.docid < b.docid;
}

void keep_best(std::vector<Neighbour>& found, std::size_t wanted) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(wanted, found.size()));
  std::partial_sort(found.begin(), found.begin() + kept, found.end(), nearer);
  found.resize(static_cast<std::size_t>(kept));
}

constexpr std::size_t kWordBits = 64;

std::uint64_t bit_of(Xapian::docid docid) { return std::uint64_t{1} << docid % kWordBits; }

}  // namespace

NearestSearch::NearestSearch(std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards)
    : builder_(std::move(builder)),
      shards_(std::move(shards)),
      quantiser_(builder_->embedder().embedder().dictionary().hash_space().centre()),
      candidates_(shards_.size()) {}

std::size_t NearestSearch::vectors() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.vectors->size();
  return sum;
}

Xapian::docid NearestSearch::global(Xapian::docid local, std::size_t shard) const {
  return static_cast<Xapian::docid>((local - 1) * shards_.size() + shard + 1);
}

std::vector<Neighbour> NearestSearch::find(const NearestRequest& request, SearchReport& report) {
  const HashSpace& space = builder_->embedder().embedder().dictionary().hash_space();
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
  const std::vector<Probe> probes = space.probes(request.unit, request.limits);
  facts.expected = postings_of(space, probes.size(), facts.vectors);
  report.choice = choose_plan(facts);

  if (report.choice.plan == Plan::kExact) return scan(request, report);
  if (report.choice.plan == Plan::kProbe) {
    report.probes = probes.size();
    read_tokens(probes, report);
    for (std::size_t i = 0; i < shards_.size(); ++i) keep_distinct(i, matching.empty() ? nullptr : matching[i].get());
    auto found = compare(request, report);
    // Too few candidates must not hide hits that exist.
    if (found.size() >= std::min(request.wanted, facts.matching.value_or(facts.vectors))) return found;
    report.choice.reason += "; these had too few documents, so all were compared";
    report.choice.plan = matching.empty() ? Plan::kExact : Plan::kFilterFirst;
    if (matching.empty()) return scan(request, report);
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) candidates_[i].docids = *matching[i];
  return compare(request, report);
}

std::vector<Neighbour> NearestSearch::scan(const NearestRequest& request, SearchReport& report) {
  std::vector<Neighbour> found;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].vectors->scan(request.unit, [&](Xapian::docid docid, float cosine) {
      found.push_back({global(docid, i), cosine});
    });
  report.candidates = report.compared = found.size();
  keep_best(found, request.wanted);
  return found;
}

void NearestSearch::read_tokens(const std::vector<Probe>& probes, SearchReport& report) {
  for (Candidates& candidates : candidates_) candidates.docids.clear();
  for (const Probe& probe : probes) {
    const std::string term = builder_->embedder().term(probe.bucket);
    for (std::size_t i = 0; i < shards_.size(); ++i) shards_[i].postings->append(term, candidates_[i].docids);
  }
  for (const Candidates& candidates : candidates_) report.postings += candidates.docids.size();
}

// Drops candidates that came before, and those that are not allowed where `allowed` is given.
void NearestSearch::keep_distinct(std::size_t shard, const DocidList* allowed) {
  DocidList& docids = candidates_[shard].docids;
  bits_.resize(std::max<std::size_t>(bits_.size(), shards_[shard].database.get_lastdocid() / kWordBits + 1));
  const auto first_time = [this](Xapian::docid docid) {
    std::uint64_t& word = bits_[docid / kWordBits];
    const bool is_new = (word & bit_of(docid)) == 0;
    word |= bit_of(docid);
    return is_new;
  };
  std::size_t kept = 0;
  for (const Xapian::docid docid : docids) {
    docids[kept] = docid;
    kept += first_time(docid) ? 1 : 0;
  }
  docids.resize(kept);
  for (const Xapian::docid docid : docids) bits_[docid / kWordBits] = 0;
  if (allowed == nullptr) return;
  for (const Xapian::docid docid : *allowed) bits_[docid / kWordBits] |= bit_of(docid);
  std::erase_if(docids, [this](Xapian::docid docid) { return (bits_[docid / kWordBits] & bit_of(docid)) == 0; });
  for (const Xapian::docid docid : *allowed) bits_[docid / kWordBits] = 0;
}

// The exact cosines of the best by the first pass, ties at the cut included.
std::vector<Neighbour> NearestSearch::compare(const NearestRequest& request, SearchReport& report) {
  const std::size_t count = compared_for(request.wanted);
  std::size_t size = 0;
  for (const Candidates& candidates : candidates_) size += candidates.docids.size();
  report.candidates = size;
  std::int32_t least = kNoScore;
  if (size > count) {
    const Int8Query query = quantiser_.query(request.unit);
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      auto& [docids, scores] = candidates_[i];
      scores.resize(docids.size());
      shards_[i].vectors->first_pass(query, docids, scores);
    }
    least = std::max(least_score(count), kNoScore + 1);
    for (auto& [docids, scores] : candidates_) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < docids.size(); ++i)
        if (scores[i] >= least) docids[kept++] = docids[i];
      docids.resize(kept);
    }
  }
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
  keep_best(found, request.wanted);
  return found;
}

// The count-th largest score of all shards together; the least where there are fewer.
std::int32_t NearestSearch::least_score(std::size_t count) {
  std::vector<std::int32_t> best;  // of the shards so far, a heap with the least on top
  for (const Candidates& candidates : candidates_)
    for (const std::int32_t score : candidates.scores) {
      if (best.size() == count && score <= best.front()) continue;
      if (best.size() == count) {
        std::pop_heap(best.begin(), best.end(), std::greater<>());
        best.back() = score;
      } else {
        best.push_back(score);
      }
      std::push_heap(best.begin(), best.end(), std::greater<>());
    }
  return best.size() < count ? kNoScore : best.front();
}

}  // namespace vecterm
