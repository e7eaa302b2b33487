// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/rankings.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "index/rank_tuner.h"

namespace vecterm::bench {
namespace {

constexpr const char* kSums[]{"bm25 + 10*cosine", "bm25/max_bm25 + 0.5*cosine", "minmax(bm25) + minmax(cosine)",
                              "rrf(60)"};

class Measuring {
 public:
  Measuring(const PreparedSet& set, unsigned threads)
      : set_(set), threads_(threads), judged_(read_judged_queries(set.queries, set.judgements, set.rel_min)) {}

  MeasuredRanking alone(const char* name, SearchMode mode) const {
    say(name);
    return {name, {}, evaluate_each(set_.index, judged_, options(mode))};
  }

  MeasuredRanking sum(const char* expression) const {
    say(expression);
    RankingProfile profile;
    profile.second_phase = expression;
    EvaluationOptions how = options(SearchMode::kMixed);
    how.ranking = std::make_shared<const Ranking>(profile);
    return {expression, profile, evaluate_each(set_.index, judged_, how)};
  }

  RankTuning fit() const {
    say("default and fitted profile");
    RankTuneOptions how;
    how.queries = set_.queries;
    how.judgements = set_.judgements;
    how.start = default_profile();
    how.rel_min = set_.rel_min;
    how.folds = 5;
    how.threads = threads_;
    return tune_rank(set_.index, how);
  }

 private:
  EvaluationOptions options(SearchMode mode) const {
    return {.mode = mode, .ranking = {}, .rel_min = set_.rel_min, .threads = threads_};
  }

  void say(const char* ranking) const {
    fmt::print(stderr, "relevance: {}, {} queries: {}\n", set_.name, judged_.size(), ranking);
  }

  const PreparedSet& set_;
  const unsigned threads_;
  const std::vector<JudgedQuery> judged_;
};

}  // namespace

std::vector<MeasuredRanking> measure(const PreparedSet& set, unsigned threads) {
  const Measuring measuring(set, threads);
  std::vector<MeasuredRanking> measured{measuring.alone(kWords, SearchMode::kWords),
                                        measuring.alone(kVector, SearchMode::kVector)};
  for (const char* expression : kSums) measured.push_back(measuring.sum(expression));
  RankTuning tuning = measuring.fit();
  measured.push_back({kDefault, default_profile(), std::move(tuning.before)});
  measured.push_back({kFitted, std::move(tuning.fitted), std::move(tuning.after)});
  return measured;
}

}  // namespace vecterm::bench
