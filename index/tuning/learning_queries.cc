// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/learning_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analyzers/errors.h"
#include "index/store/document_data.h"
#include "index/tuning/each_query.h"

namespace vecterm {
namespace {

constexpr std::size_t kNdcgDepth = 10;
constexpr std::size_t kMostCandidates = 10000;

void check(const RankingExpression& score, std::size_t a_side) {
  if (!score.inputs().empty())
    throw InvalidArgument(
        fmt::format("a profile to learn must not need inputs, which judged queries have not; needs input({})",
                    score.inputs().front()));
  if (a_side < kNdcgDepth || a_side > kMostCandidates)
    throw InvalidArgument(fmt::format("candidates must be in [{}, {}]; was {}", kNdcgDepth, kMostCandidates, a_side));
}

LearningQuery learning_query(Index& index, const JudgedQuery& judged, const RankingExpression& score,
                             std::size_t a_side, bool features) {
  LearningQuery query;
  query.ideal = ideal_gain(judged.judgements);
  TextQuery text;
  text.text = judged.text;
  text.operators = false;
  if (judged.text.empty()) return query;
  index.read([&] {
    SearchRequest request = index.request(text);
    request.features = features;
    query.candidates = index.searcher().features(request, score, a_side);
    query.scores.clear();
    for (const Xapian::docid docid : query.candidates.docids) {
      const auto found = judged.judgements.find(document_id(index.database().get_document(docid), docid));
      query.scores.push_back(found == judged.judgements.end() ? 0 : found->second);
    }
  });
  return query;
}

}  // namespace

double LearningQuery::ndcg_10(const RankingExpression& score,
                              const decltype(RankingProfile::parameters)& parameters) const {
  if (ideal <= 0) return 0;
  RankingQuery query = candidates.query;
  query.parameters = parameters;
  std::vector<double> values(candidates.docids.size());
  score.evaluate(candidates.columns, query, values);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t depth = std::min(kNdcgDepth, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(depth), order.end(),
      [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  double gain = 0;
  for (std::size_t i = 0; i < depth; ++i) gain += gain_at(scores[order[i]], i + 1);
  return gain / ideal;
}

std::vector<LearningQuery> learning_queries(const Index& index, const std::vector<JudgedQuery>& judged,
                                            const RankingProfile& profile, std::size_t a_side, unsigned threads,
                                            const ProgressFunction& progress, bool features) {
  const RankingExpression score = Ranking(profile).score();
  check(score, a_side);
  std::vector<LearningQuery> queries(judged.size());
  for_each_query(index, judged.size(), threads, "reading features", progress, [&](Index& handle, std::size_t i) {
    queries[i] = learning_query(handle, judged[i], score, a_side, features);
  });
  return queries;
}

}  // namespace vecterm
