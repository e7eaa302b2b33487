// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/rank_tuner.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <memory>

#include "analyzers/base/parallel.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/errors.h"
#include "index/index.h"
#include "index/tuning/learning_queries.h"

namespace vecterm {
namespace {

using Parameters = decltype(RankingProfile::parameters);

constexpr int kRounds = 4;       // over all parameters
constexpr int kHalfOctaves = 8;  // that a parameter may change up or down in a round

/// The nDCG@10 of every query under many settings of a profile's parameters.
class Objective {
 public:
  Objective(const std::vector<LearningQuery>& queries, const RankingProfile& start, unsigned threads)
      : queries_(queries), start_(start), score_(Ranking(start).score()), threads_(threads) {}

  /// The mean over the queries that are not of this fold.
  double without(std::size_t fold, const std::vector<std::size_t>& folds, const Parameters& parameters) {
    const std::vector<double>& all = of_each(parameters);
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (folds[i] == fold) continue;
      sum += all[i];
      ++n;
    }
    return sum / static_cast<double>(n);
  }

 private:
  const std::vector<double>& of_each(const Parameters& parameters) {
    const auto [known, missing] = known_.try_emplace(parameters);
    if (!missing) return known->second;
    std::vector<double>& results = known->second;
    results.resize(queries_.size());
    const std::size_t share = (queries_.size() + resolve_threads(threads_) - 1) / resolve_threads(threads_);
    parallel_for(queries_.size(), share, threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) results[i] = queries_[i].ndcg_10(score_, parameters);
    });
    return results;
  }

  const std::vector<LearningQuery>& queries_;
  const RankingProfile& start_;
  RankingExpression score_;
  unsigned threads_;
  std::map<Parameters, std::vector<double>> known_;
};

// What a parameter may become, the smallest change first.
std::vector<double> alternatives(double value) {
  std::vector<double> values;
  for (int step = 1; step <= kHalfOctaves; ++step)
    for (const double exponent : {-step / 2.0, step / 2.0})
      values.push_back(value == 0 ? std::exp2(exponent) : value * std::exp2(exponent));
  return values;
}

template <class Goodness>
Parameters ascend(Parameters parameters, const Goodness& goodness) {
  double best = goodness(parameters);
  for (int round = 0; round < kRounds; ++round) {
    const double before = best;
    for (const auto& [name, value] : Parameters(parameters)) {
      Parameters tried = parameters;
      for (const double alternative : alternatives(value)) {
        tried[name] = alternative;
        const double reached = goodness(tried);
        if (reached <= best) continue;
        best = reached;
        parameters = tried;
      }
    }
    if (best == before) break;
  }
  return parameters;
}

void check(const RankTuneOptions& options) {
  if (options.folds < 2 || options.folds > 100)
    throw InvalidArgument(fmt::format("folds must be in [2, 100]; was {}", options.folds));
  if (options.start.parameters.empty())
    throw InvalidArgument(
        "the profile must have parameters to fit, such as share in \"bm25/saturation + share*cosine\"; has none");
}

// Every fold has as many queries, give or take one.
std::vector<std::size_t> folds_of(std::size_t queries, std::size_t folds) {
  if (queries < folds)
    throw InvalidArgument(
        fmt::format("folds must be at most the number of judged queries, {}; was {}", queries, folds));
  std::vector<std::size_t> fold(queries);
  for (std::size_t i = 0; i < queries; ++i) fold[i] = i % folds;
  return fold;
}

}  // namespace

RankTuning tune_rank(const std::string& path, const RankTuneOptions& options, const ProgressFunction& progress) {
  check(options);
  const std::vector<JudgedQuery> judged = read_judged_queries(options.queries, options.judgements, options.rel_min);
  RankTuning tuning{.fitted = options.start, .before = {}, .after = {}, .fold = {}, .of_fold = {}};
  tuning.fold = folds_of(judged.size(), options.folds);
  const Index index(path, {.dictionaries = options.dictionaries});
  const auto queries = learning_queries(index, judged, options.start, options.a_side, options.threads, progress);
  Objective objective(queries, options.start, options.threads);
  ThrottledProgress throttled(progress);
  for (std::size_t fold = 0; fold <= options.folds; ++fold) {
    throttled([&] {
      return Progress{"fitting", static_cast<double>(fold) / static_cast<double>(options.folds + 1),
                      fold < options.folds ? fmt::format("without fold {} of {}", fold + 1, options.folds)
                                           : std::string("all queries")};
    });
    RankingProfile fitted = options.start;
    fitted.parameters = ascend(options.start.parameters, [&](const Parameters& parameters) {
      return objective.without(fold, tuning.fold, parameters);
    });
    (fold == options.folds ? tuning.fitted : tuning.of_fold.emplace_back()) = std::move(fitted);
  }
  EvaluationOptions how{.rel_min = options.rel_min, .threads = options.threads, .dictionaries = options.dictionaries};
  how.ranking = std::make_shared<const Ranking>(options.start);
  tuning.before = evaluate_each(path, judged, how, progress);
  tuning.after.resize(judged.size());
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    std::vector<JudgedQuery> held_out;
    for (std::size_t i = fold; i < judged.size(); i += options.folds) held_out.push_back(judged[i]);
    how.ranking = std::make_shared<const Ranking>(tuning.of_fold[fold]);
    const auto metrics = evaluate_each(path, held_out, how, progress);
    for (std::size_t i = 0; i < metrics.size(); ++i) tuning.after[fold + i * options.folds] = metrics[i];
  }
  return tuning;
}

}  // namespace vecterm
