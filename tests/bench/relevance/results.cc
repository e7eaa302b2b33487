// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vecterm::bench {
namespace {

constexpr std::size_t kColumns = 4;  // of a ranking: the estimates of RankingResults

// Row-major, queries x (rankings x kColumns).
std::vector<double> values_of(const std::vector<MeasuredRanking>& measured) {
  const std::vector<Metrics>& words = measured.front().of_each;
  std::vector<double> values;
  for (std::size_t query = 0; query < words.size(); ++query)
    for (const MeasuredRanking& ranking : measured) {
      const Metrics& metrics = ranking.of_each[query];
      values.insert(values.end(), {metrics.ndcg_10, metrics.recall_100, metrics.ndcg_10 - words[query].ndcg_10,
                                   metrics.recall_100 - words[query].recall_100});
    }
  return values;
}

std::string cell(const Estimate& estimate, const char* sign) {
  const auto figure = [&](double value) { return fmt::format(fmt::runtime(fmt::format("{{:{}.4f}}", sign)), value); };
  return fmt::format("{} [{}, {}]", figure(estimate.mean), figure(estimate.low), figure(estimate.high));
}

nlohmann::ordered_json json(const Estimate& estimate) {
  return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}};
}

}  // namespace

const RankingResults& SetResults::of(const std::string& ranking) const {
  return *std::ranges::find(rankings, ranking, &RankingResults::name);
}

SetResults summarised(const std::string& set, const std::vector<MeasuredRanking>& measured) {
  const std::vector<Estimate> estimates = bootstrap(values_of(measured), measured.size() * kColumns);
  SetResults results{set, measured.front().of_each.size()};
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const Estimate* of = &estimates[i * kColumns];
    results.rankings.push_back({measured[i].name, measured[i].profile, of[0], of[1], of[2], of[3]});
  }
  return results;
}

std::string ranking_table(const SetResults& results) {
  std::string table = fmt::format("\n{}: {} queries\n{:<30} {:<23} {:<26} {:<23} {}\n", results.set, results.queries,
                                  "", "nDCG@10", "beyond words", "Recall@100", "beyond words");
  for (const RankingResults& ranking : results.rankings)
    table +=
        fmt::format("{:<30} {:<23} {:<26} {:<23} {}\n", ranking.name, cell(ranking.ndcg_10, ""),
                    cell(ranking.ndcg_10_gain, "+"), cell(ranking.recall_100, ""), cell(ranking.recall_100_gain, "+"));
  table += "fitted on all queries:";
  for (const auto& [name, value] : results.of(kFitted).profile->parameters)
    table += fmt::format(" {} {:.4g}", name, value);
  return table + "\n";
}

std::string ranking_lines(const SetResults& results) {
  std::string lines;
  for (const RankingResults& ranking : results.rankings) {
    nlohmann::ordered_json object{{"set", results.set},
                                  {"queries", results.queries},
                                  {"ranking", ranking.name},
                                  {"expression", nullptr},
                                  {"parameters", nlohmann::json::object()},
                                  {"ndcg@10", json(ranking.ndcg_10)},
                                  {"ndcg@10_gain", json(ranking.ndcg_10_gain)},
                                  {"recall@100", json(ranking.recall_100)},
                                  {"recall@100_gain", json(ranking.recall_100_gain)}};
    if (ranking.profile) {
      object["expression"] = ranking.profile->second_phase;
      object["parameters"] = ranking.profile->parameters;
    }
    lines += object.dump() + "\n";
  }
  return lines;
}

}  // namespace vecterm::bench
