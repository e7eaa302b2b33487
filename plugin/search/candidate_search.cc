// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/candidate_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

#include "analyzers/errors.h"
#include "plugin/documents/shard_docids.h"
#include "plugin/ranking_source.h"
#include "plugin/search/docid_source.h"

namespace vecterm {
namespace {

constexpr std::size_t kUsuallyMerged = 1000;  // candidates of either side in the plain-terms plan
constexpr float kNoVector = std::numeric_limits<float>::quiet_NaN();

Xapian::Query filtered(const Xapian::Query& query, const Xapian::Query& filter) {
  return filter.empty() ? query : Xapian::Query(Xapian::Query::OP_FILTER, query, filter);
}

Xapian::doccount as_count(std::size_t n) {
  return static_cast<Xapian::doccount>(std::min<std::size_t>(n, std::numeric_limits<Xapian::doccount>::max()));
}

void check_distinct(const std::vector<Shard>& shards) {
  std::set<std::string> uuids;
  for (const Shard& shard : shards)
    if (!uuids.insert(shard.database.get_uuid()).second)
      throw InvalidArgument(fmt::format("shards must be databases of their own; two have the uuid {}: one is a copy",
                                        shard.database.get_uuid()));
}

// How many near documents probing must find before it may stop early.
std::size_t needed_of(std::size_t window) { return (window + 3) / 4; }

auto too_far(double min_cosine) {
  return [min_cosine](const auto& found) { return !(static_cast<double>(found.cosine) >= min_cosine); };
}

MatchCount count_of(const Xapian::MSet& matches) {
  return {matches.get_matches_lower_bound(), matches.get_matches_estimated(), matches.get_matches_upper_bound()};
}

bool compares_all(Plan plan) { return plan == Plan::kExact || plan == Plan::kFilterFirst; }

// Whether the expression says more of a document than its cosine does.
bool reads_documents(const RankingExpression& expression) {
  return !expression.slots().empty() || expression.uses(RankingVariable::kDoclength);
}

double value_of(const RankingExpression& expression, const RankingQuery& facts) {
  double value = 0;
  RankingCandidates one;
  one.size = 1;
  expression.evaluate(one, facts, std::span(&value, 1));
  return value;
}

}  // namespace

struct CandidateSearch::Run {
  const SearchRequest& request;
  const Ranking& ranking;
  const RankingQuery& facts;
  const ProbeLimits& limits;
  std::size_t window;
};

CandidateSearch::CandidateSearch(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder,
                                 std::vector<Shard> shards)
    : database_(std::move(database)), builder_(std::move(builder)), anywhere_(database_, builder_) {
  check_distinct(shards);
  if (!shards.empty()) local_ = std::make_unique<NearestSearch>(builder_, std::move(shards));
}

Candidates CandidateSearch::find(const SearchRequest& request, const Ranking& ranking, const RankingQuery& facts,
                                 const ProbeLimits& limits, std::size_t window, SearchReport& report) {
  const Run run{request, ranking, facts, limits, window};
  Candidates candidates;
  if (request.words.empty()) {
    candidates = nearest_only(run, report);
  } else if (!is_local(request)) {
    candidates = request.vector ? merged(run, report) : words_only(run, report);
  } else if (fits_matcher(run)) {
    candidates = joined(run, report);
  } else {
    candidates = request.vector ? either(run, report) : words_only(run, report);
  }
  if (request.min_cosine) std::erase_if(candidates.documents, too_far(*request.min_cosine));
  std::erase_if(candidates.documents, [&](const Candidate& candidate) {
    return std::ranges::find(request.exclude, candidate.docid) != request.exclude.end();
  });
  std::ranges::sort(candidates.documents, {}, &Candidate::docid);
  return candidates;
}

// Whether the matcher has something to add to the words' weights, and can: it takes no weights below 0.
bool CandidateSearch::fits_matcher(const Run& run) const {
  if (!run.ranking.first_phase()) return false;
  const auto& [words_factor, rest] = *run.ranking.first_phase();
  const double factor = value_of(words_factor, run.facts);
  if (!(factor >= 0)) return false;
  if (!reads_documents(rest)) return run.request.vector.has_value();
  const RankingBounds bounds = rest.bounds(run.facts, ranking_ranges(database_, rest.slots()));
  return bounds.defined && bounds.low >= -RankingSource::kMaxOffset;
}

// The best by words and the nearest, as many of either as the window has.
Candidates CandidateSearch::either(const Run& run, SearchReport& report) {
  const Neighbours nearest = near_enough(run, run.window, needed_of(run.window), report);
  Candidates candidates = words_only(run, report);
  candidates.all = candidates.all && nearest.all;
  std::vector<Candidate>& documents = candidates.documents;
  std::ranges::sort(documents, {}, &Candidate::docid);
  std::vector<Candidate> others;
  for (const auto& [docid, cosine] : nearest.found)
    if (!std::ranges::binary_search(documents, docid, {}, &Candidate::docid)) others.push_back({docid, 0, kNoVector});
  std::ranges::sort(others, {}, &Candidate::docid);
  weigh(run.request.words, others);
  documents.insert(documents.end(), others.begin(), others.end());
  std::ranges::sort(documents, {}, &Candidate::docid);
  compare(*run.request.vector, nearest.found, documents);
  return candidates;
}

// Tokens leave others to be found, unless they led to all there are, or to some that are too far already.
CandidateSearch::Neighbours CandidateSearch::near_enough(const Run& run, std::size_t wanted, std::size_t needed,
                                                         SearchReport& report) {
  if (!run.request.vector) return {};
  std::vector<Neighbour> found = nearest(run.request, run.limits, wanted, needed, report);
  bool all = found.size() < (compares_all(report.choice.plan) ? wanted : needed);
  if (run.request.min_cosine) all = std::erase_if(found, too_far(*run.request.min_cosine)) > 0 || all;
  return {std::move(found), all};
}

bool CandidateSearch::is_local(const SearchRequest& request) const {
  return local_ != nullptr && request.plan != Plan::kPlainTerms;
}

Candidates CandidateSearch::nearest_only(const Run& run, SearchReport& report) {
  const Neighbours nearest = near_enough(run, run.window, run.window, report);
  const std::size_t found = nearest.found.size();
  const std::size_t most = nearest.all ? found : database_.get_value_freq(builder_->embedder().record().slot());
  const bool any = run.request.filter.empty() && !run.request.min_cosine;  // document with a vector
  report.matches = {any ? most : found, any ? most : found, most};
  Candidates candidates{.documents = {}, .all = nearest.all};
  for (const auto& [docid, cosine] : nearest.found) candidates.documents.push_back({docid, 0, cosine});
  return candidates;
}

std::vector<Neighbour> CandidateSearch::nearest(const SearchRequest& request, const ProbeLimits& limits,
                                                std::size_t wanted, std::size_t needed, SearchReport& report) {
  const NearestRequest nearest{.unit = *request.vector,
                               .filter = request.filter,
                               .wanted = wanted,
                               .needed = needed,
                               .limits = limits,
                               .plan = request.plan,
                               .exact_below = request.exact_below};
  if (is_local(request)) return local_->find(nearest, report);
  return anywhere_.find(nearest, std::max(request.candidates.value_or(kUsuallyMerged), wanted), report);
}

Xapian::Query CandidateSearch::source(std::span<const Xapian::docid> docids, std::span<const double> weights) const {
  std::vector<Shard>& shards = local_->shards();
  std::vector<std::vector<DocidSource::Posting>> postings(shards.size());
  for (std::size_t i = 0; i < docids.size(); ++i)
    postings[shard_of(docids[i], shards.size())].push_back({local_docid(docids[i], shards.size()), weights[i]});
  DocidSource::Shards by_uuid;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    std::ranges::sort(postings[i], {}, &DocidSource::Posting::docid);
    by_uuid[shards[i].database.get_uuid()] = std::move(postings[i]);
  }
  return Xapian::Query((new DocidSource(std::make_shared<const DocidSource::Shards>(std::move(by_uuid))))->release());
}

Candidates CandidateSearch::words_only(const Run& run, SearchReport& report) const {
  const Xapian::MSet matches = this->matches(run, run.request.words);
  report.matches = count_of(matches);
  Candidates candidates{.documents = {}, .all = matches.size() < run.window};
  for (auto match = matches.begin(); match != matches.end(); ++match)
    candidates.documents.push_back({*match, match.get_weight(), kNoVector});
  return candidates;
}

Xapian::MSet CandidateSearch::matches(const Run& run, const Xapian::Query& query) const {
  const bool near = run.request.min_cosine && run.request.vector && is_local(run.request);
  static const RankingExpression weightless = RankingExpression::compile("0");
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(near ? filtered(query, ranking_source(run, weightless, run.request.min_cosine)) : query,
                             run.request.filter));
  return enquire.get_mset(0, as_count(run.window), run.request.count_all ? database_.get_doccount() : 0);
}

// One run of the matcher for words and neighbours together.
Candidates CandidateSearch::joined(const Run& run, SearchReport& report) {
  const Neighbours nearest = near_enough(run, run.window, needed_of(run.window), report);
  const Xapian::MSet matches = this->matches(run, first_phase_query(run, nearest));
  report.matches = count_of(matches);
  Candidates candidates{.documents = {}, .all = nearest.all && matches.size() < run.window};
  for (auto match = matches.begin(); match != matches.end(); ++match)
    candidates.documents.push_back({*match, 0, kNoVector});
  std::ranges::sort(candidates.documents, {}, &Candidate::docid);
  weigh(run.request.words, candidates.documents);
  if (run.request.vector) compare(*run.request.vector, nearest.found, candidates.documents);
  return candidates;
}

// The first phase as a query: the words, scaled by A, and what neighbours have of G beyond all others, or where that is
// not known, the G of every match.
Xapian::Query CandidateSearch::first_phase_query(const Run& run, const Neighbours& neighbours) const {
  const auto& [words_factor, rest] = *run.ranking.first_phase();
  const double factor = value_of(words_factor, run.facts);
  const bool by_words = factor > 0;
  const double scale = by_words ? 1 / factor : 1;  // the words' weights stay as they are where they count
  const Xapian::Query words =
      by_words ? run.request.words : Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, run.request.words, 0.0);
  std::vector<Xapian::docid> docids;
  for (const Neighbour& neighbour : neighbours.found) docids.push_back(neighbour.docid);
  auto weights = beyond_others(run, neighbours);
  if (!weights) {
    const Xapian::Query either(Xapian::Query::OP_OR, words, source(docids, std::vector<double>(docids.size())));
    return {Xapian::Query::OP_AND_MAYBE, either,
            Xapian::Query(Xapian::Query::OP_SCALE_WEIGHT, ranking_source(run, rest, {}), scale)};
  }
  if (docids.empty()) return words;
  for (double& weight : *weights) weight *= scale;
  return {Xapian::Query::OP_OR, words, source(docids, *weights)};
}

// What neighbours have of G beyond the most that any other document can have, which is as far as the last of them at
// least, or has no vector. Nothing where G says more than the cosine, or others can have more of it than a neighbour.
std::optional<std::vector<double>> CandidateSearch::beyond_others(const Run& run, const Neighbours& neighbours) const {
  const RankingExpression& rest = run.ranking.first_phase()->rest;
  if (reads_documents(rest)) return std::nullopt;
  RankingCandidates columns;
  columns.size = neighbours.found.size();
  for (const Neighbour& neighbour : neighbours.found) columns.cosine.push_back(static_cast<double>(neighbour.cosine));
  std::vector<double> weights(columns.size);
  if (weights.empty()) return weights;
  rest.evaluate(columns, run.facts, weights);
  RankingRanges others = ranking_ranges(database_, {});
  others.cosine.high = std::max(0.0, columns.cosine.back());
  if (neighbours.all) others.cosine = {0, 0};
  const double most = rest.bounds(run.facts, others).high;
  const double rounding = 1e-12 * std::max(1.0, std::abs(most));
  if (std::ranges::min(weights) < most - rounding) return std::nullopt;
  for (double& weight : weights) weight = std::max(0.0, weight - most);
  return weights;
}

// Weighs every document by an expression, or leaves out those that are too far.
Xapian::Query CandidateSearch::ranking_source(const Run& run, const RankingExpression& expression,
                                              std::optional<double> min_cosine) const {
  const auto readers = [this](const Xapian::Database& searched) {
    for (const Shard& shard : local_->shards())
      if (shard.database.get_uuid() == searched.get_uuid()) return shard.vectors;
    throw InvalidArgument("a search's database must be one of its shards");
  };
  auto* const source =
      new RankingSource(database_, builder_->shared_embedder(), run.request.vector.value_or(UnitVector()), expression,
                        run.facts, min_cosine, readers);
  return Xapian::Query(source->release());
}

// Remote databases: single documents cannot be weighed afterwards, so every match of the words is.
Candidates CandidateSearch::merged(const Run& run, SearchReport& report) {
  const std::size_t side = std::max(run.request.candidates.value_or(kUsuallyMerged), run.window);
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(run.request.words, run.request.filter));
  const Xapian::MSet matches = enquire.get_mset(0, database_.get_doccount());
  report.matches = count_of(matches);
  const auto [found, found_all] = near_enough(run, side, needed_of(run.window), report);
  std::unordered_map<Xapian::docid, double> bm25;
  std::set<Xapian::docid> docids;
  for (auto match = matches.begin(); match != matches.end(); ++match) {
    bm25.emplace(*match, match.get_weight());
    if (docids.size() < side) docids.insert(*match);
  }
  for (const Neighbour& neighbour : found) docids.insert(neighbour.docid);
  Candidates candidates{.documents = {}, .all = matches.size() < side && found_all};
  for (const Xapian::docid docid : docids) {
    const auto weight = bm25.find(docid);
    candidates.documents.push_back({docid, weight == bm25.end() ? 0 : weight->second, kNoVector});
  }
  compare(*run.request.vector, found, candidates.documents);
  return candidates;
}

// The words' weights. They are added up as in a search for the words alone.
void CandidateSearch::weigh(const Xapian::Query& words, std::vector<Candidate>& candidates) const {
  std::vector<Xapian::docid> docids;
  for (const Candidate& candidate : candidates) docids.push_back(candidate.docid);
  const std::vector<double> weightless(docids.size(), 0.0);
  Xapian::Enquire enquire(database_);
  enquire.set_query({Xapian::Query::OP_FILTER, words, source(docids, weightless)});
  const Xapian::MSet matches = enquire.get_mset(0, as_count(docids.size()));
  for (auto match = matches.begin(); match != matches.end(); ++match)
    std::ranges::lower_bound(candidates, *match, {}, &Candidate::docid)->bm25 = match.get_weight();
}

// The cosines: those of neighbours are known. REQUIRES: candidates by docid.
void CandidateSearch::compare(std::span<const float> unit, std::span<const Neighbour> neighbours,
                              std::vector<Candidate>& candidates) {
  for (const auto& [docid, cosine] : neighbours) {
    const auto candidate = std::ranges::lower_bound(candidates, docid, {}, &Candidate::docid);
    if (candidate != candidates.end() && candidate->docid == docid) candidate->cosine = cosine;
  }
  if (!local_) {
    for (Candidate& candidate : candidates)
      if (std::isnan(candidate.cosine)) candidate.cosine = anywhere_.cosine(candidate.docid, unit).value_or(kNoVector);
    return;
  }
  std::vector<Shard>& shards = local_->shards();
  std::vector<Xapian::docid> docids;
  std::vector<float> cosines;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    std::vector<Candidate*> unknown;
    docids.clear();
    for (Candidate& candidate : candidates) {
      if (shard_of(candidate.docid, shards.size()) != i || !std::isnan(candidate.cosine)) continue;
      unknown.push_back(&candidate);
      docids.push_back(local_docid(candidate.docid, shards.size()));
    }
    cosines.resize(docids.size());
    shards[i].vectors->cosines(docids, unit, cosines);
    for (std::size_t j = 0; j < unknown.size(); ++j) unknown[j]->cosine = cosines[j];
  }
}

}  // namespace vecterm
