// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "analyzers/errors.h"
#include "index/tuning/each_query.h"
#include "index/writing/corpus.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {
namespace {

constexpr std::size_t kDepth = 10;
constexpr std::size_t kRecallDepth = 100;

std::size_t count_relevant(const QueryJudgements& judgements, double rel_min) {
  return static_cast<std::size_t>(
      std::ranges::count_if(judgements, [&](const auto& entry) { return entry.second >= rel_min; }));
}

/// Nothing can be found by an empty text, but it counts.
std::vector<std::string> ranking_of(Index& index, const std::string& text, const EvaluationOptions& options) {
  std::vector<std::string> ranking;
  if (text.empty()) return ranking;
  TextQuery query;
  query.text = text;
  query.mode = options.mode;
  query.ranking = options.ranking;
  query.operators = false;
  query.k = kRecallDepth;
  for (TextHit& hit : index.search(query)) ranking.push_back(std::move(hit.id));
  return ranking;
}

/// The share of the queries that a dictionary was learned from.
std::optional<double> learned_share(const Dictionary& dictionary, const std::vector<JudgedQuery>& queries) {
  std::vector<std::uint64_t> hashes;
  const XapianTokenizer tokenizer;
  for (const JudgedQuery& query : queries) hashes.push_back(TextSketch::hash_of(tokenizer.terms(query.text)));
  return dictionary.learned_queries().share(hashes);
}

}  // namespace

Metrics evaluate_ranking(const std::vector<std::string>& ranking, const QueryJudgements& judgements, double rel_min) {
  Metrics metrics;
  const std::size_t relevant = count_relevant(judgements, rel_min);
  if (relevant == 0) return metrics;
  std::size_t found = 0;
  double gain = 0;
  for (std::size_t i = 0; i < std::min(ranking.size(), kRecallDepth); ++i) {
    const auto judged = judgements.find(ranking[i]);
    if (judged == judgements.end()) continue;
    if (i < kDepth) gain += gain_at(judged->second, i + 1);
    if (judged->second < rel_min) continue;
    if (found++ == 0 && i < kDepth) metrics.mrr_10 = 1 / static_cast<double>(i + 1);
    if (i < kDepth) metrics.recall_10 = static_cast<double>(found) / static_cast<double>(relevant);
  }
  const double ideal = ideal_gain(judgements);
  metrics.ndcg_10 = ideal > 0 ? gain / ideal : 0;
  metrics.recall_100 = static_cast<double>(found) / static_cast<double>(relevant);
  metrics.queries = 1;
  return metrics;
}

std::vector<JudgedQuery> read_judged_queries(const std::string& queries, const std::string& judgements,
                                             double rel_min) {
  std::unordered_map<std::string, QueryJudgements> by_query;
  for (Judgement& judgement : read_judgements(judgements))
    by_query[judgement.query].insert_or_assign(std::move(judgement.document), judgement.score);
  std::vector<JudgedQuery> judged;
  for (CorpusQuery& query : read_queries(queries))
    if (const auto found = by_query.find(query.id); found != by_query.end())
      if (count_relevant(found->second, rel_min) > 0)
        judged.push_back({std::move(query.id), std::move(query.text), found->second});
  if (judged.empty())
    throw DataError(
        fmt::format("no query of {} has a document with a score of at least {} in {}", queries, rel_min, judgements));
  return judged;
}

std::vector<Metrics> evaluate_each(const std::string& path, const std::vector<JudgedQuery>& queries,
                                   const EvaluationOptions& options, const ProgressFunction& progress) {
  std::vector<Metrics> results(queries.size());
  const Index index(path, {.dictionaries = options.dictionaries, .allow_programs = options.allow_programs});
  for_each_query(index, queries.size(), options.threads, "evaluating", progress, [&](Index& handle, std::size_t i) {
    results[i] = evaluate_ranking(ranking_of(handle, queries[i].text, options), queries[i].judgements, options.rel_min);
  });
  return results;
}

Metrics evaluate(const std::string& path, const std::string& queries, const std::string& judgements,
                 const EvaluationOptions& options, const ProgressFunction& progress) {
  const std::vector<JudgedQuery> judged = read_judged_queries(queries, judgements, options.rel_min);
  Metrics metrics = mean(evaluate_each(path, judged, options, progress));
  const Index index(path, {.dictionaries = options.dictionaries, .allow_programs = options.allow_programs});
  metrics.learned = learned_share(index.dictionary(), judged);
  return metrics;
}

Metrics mean(const std::vector<Metrics>& all) {
  Metrics sum;
  for (const Metrics& metrics : all) {
    sum.ndcg_10 += metrics.ndcg_10;
    sum.recall_10 += metrics.recall_10;
    sum.recall_100 += metrics.recall_100;
    sum.mrr_10 += metrics.mrr_10;
    sum.queries += metrics.queries;
  }
  const auto n = static_cast<double>(sum.queries);
  return {sum.ndcg_10 / n, sum.recall_10 / n, sum.recall_100 / n, sum.mrr_10 / n, sum.queries, {}};
}

double gain_at(double score, std::size_t rank) {
  return std::max(0.0, score) / std::log2(static_cast<double>(rank) + 1);
}

double ideal_gain(const QueryJudgements& judgements) {
  std::vector<double> scores;
  for (const auto& [id, score] : judgements) scores.push_back(score);
  std::ranges::sort(scores, std::greater());
  double gain = 0;
  for (std::size_t i = 0; i < std::min(scores.size(), kDepth); ++i) gain += gain_at(scores[i], i + 1);
  return gain;
}

}  // namespace vecterm
