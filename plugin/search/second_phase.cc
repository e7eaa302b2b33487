// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/second_phase.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plugin/ranking/columns.h"

namespace vecterm {
namespace {

bool better(const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.docid < b.docid; }

void add_features(const RankingCandidates& columns, const RankingExpression& score, const RankingQuery& facts,
                  std::vector<Hit>& hits) {
  const auto add = [&](const std::string& name, const std::vector<double>& values) {
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i].features.emplace_back(name, values[i]);
  };
  for (const RankingVariableName& variable : ranking_variables())
    add(std::string(variable.name), ranking_column(variable.variable, columns, facts));
  for (const Xapian::valueno slot : score.slots()) add(fmt::format("value({})", slot), ranking_column(slot, columns));
}

}  // namespace

std::vector<Hit> SecondPhase::rank(const SearchRequest& request, const RankingExpression& score,
                                   const RankingQuery& facts, const ProbeLimits& limits,
                                   const std::vector<Candidate>& candidates) const {
  const RankingCandidates columns = this->columns(request, score, limits, candidates);
  std::vector<double> scores(candidates.size());
  score.evaluate(columns, facts, scores);
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    hits.push_back({.docid = candidates[i].docid,
                    .score = scores[i],
                    .bm25 = columns.bm25[i],
                    .cosine = columns.cosine[i],
                    .features = {}});
  if (request.features) add_features(columns, score, facts, hits);
  std::ranges::sort(hits, better);
  return hits;
}

RankingCandidates SecondPhase::columns(const SearchRequest& request, const RankingExpression& score,
                                       const ProbeLimits& limits, const std::vector<Candidate>& candidates) const {
  RankingCandidates columns;
  columns.size = candidates.size();
  for (const auto& [docid, bm25, cosine] : candidates) {
    columns.bm25.push_back(bm25);
    columns.cosine.push_back(std::isnan(cosine) ? 0.0 : static_cast<double>(cosine));
    columns.has_vector.push_back(std::isnan(cosine) ? 0 : 1);
  }
  if (score.uses(RankingVariable::kDoclength) || request.features)
    for (const Candidate& candidate : candidates) columns.doclength.push_back(database_.get_doclength(candidate.docid));
  if ((score.uses(RankingVariable::kVotes) || request.features) && request.vector)
    columns.votes = votes(*request.vector, limits, candidates);
  for (const Xapian::valueno slot : score.slots()) columns.values[slot] = values(slot, candidates);
  return columns;
}

std::vector<double> SecondPhase::values(Xapian::valueno slot, const std::vector<Candidate>& candidates) const {
  std::vector<double> values(candidates.size());
  auto value = database_.valuestream_begin(slot);
  const auto end = database_.valuestream_end(slot);
  for (std::size_t i = 0; i < candidates.size() && value != end; ++i) {
    value.skip_to(candidates[i].docid);
    if (value != end && value.get_docid() == candidates[i].docid) values[i] = Xapian::sortable_unserialise(*value);
  }
  return values;
}

// Lists of documents are read, not lists of terms: there are fewer tokens than candidates' terms.
std::vector<double> SecondPhase::votes(const UnitVector& unit, const ProbeLimits& limits,
                                       const std::vector<Candidate>& candidates) const {
  std::vector<double> votes(candidates.size());
  const Xapian::Query tokens = builder_->tokens(unit, limits);
  for (auto token = tokens.get_unique_terms_begin(); token != tokens.get_terms_end(); ++token) {
    auto posting = database_.postlist_begin(*token);
    const auto end = database_.postlist_end(*token);
    for (std::size_t i = 0; i < candidates.size() && posting != end; ++i) {
      posting.skip_to(candidates[i].docid);
      if (posting != end && *posting == candidates[i].docid) ++votes[i];
    }
  }
  return votes;
}

}  // namespace vecterm
