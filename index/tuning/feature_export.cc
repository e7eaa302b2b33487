// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "analyzers/base/atomic_file.h"
#include "index/rank_tuner.h"
#include "index/tuning/learning_queries.h"
#include "plugin/ranking/names.h"

namespace vecterm {
namespace {

struct Feature {
  std::string name;
  RankingExpression value;
};

// Every variable; of ranks what grows as hits get better.
std::vector<Feature> features_of(const RankingProfile& profile) {
  std::vector<std::string> names;
  for (const RankingVariableName& variable : ranking_variables()) {
    const bool rank = variable.name.starts_with("rank_");
    names.push_back(fmt::format("{}{}", rank ? "1/" : "", variable.name));
  }
  const Ranking ranking(profile);
  for (const Xapian::valueno slot : ranking.score().slots()) names.push_back(fmt::format("value({})", slot));
  std::vector<Feature> features;
  for (const std::string& name : names) features.push_back({name, RankingExpression::compile(name)});
  return features;
}

void append(const LearningQuery& query, std::size_t number, const std::vector<Feature>& features, std::string& out) {
  const std::size_t rows = query.candidates.docids.size();
  std::vector<std::vector<double>> columns;
  for (const Feature& feature : features) {
    columns.emplace_back(rows);
    feature.value.evaluate(query.candidates.columns, query.candidates.query, columns.back());
  }
  for (std::size_t row = 0; row < rows; ++row) {
    out += fmt::format("{} qid:{}", query.scores[row], number);
    for (std::size_t i = 0; i < columns.size(); ++i) out += fmt::format(" {}:{:.9g}", i + 1, columns[i][row]);
    out += fmt::format(" # docid {}\n", query.candidates.docids[row]);
  }
}

}  // namespace

void export_features(const std::string& path, const RankTuneOptions& options, const std::string& file,
                     const ProgressFunction& progress) {
  const auto judged = read_judged_queries(options.queries, options.judgements, options.rel_min);
  const Index index(path, {.dictionaries = options.dictionaries});
  const auto queries = learning_queries(index, judged, options.start, options.a_side, options.threads, progress, true);
  const std::vector<Feature> features = features_of(options.start);
  std::string text = "#";
  for (std::size_t i = 0; i < features.size(); ++i) text += fmt::format(" {}:{}", i + 1, features[i].name);
  text += '\n';
  for (std::size_t i = 0; i < queries.size(); ++i) append(queries[i], i + 1, features, text);
  write_file_atomically(file, text);
}

}  // namespace vecterm
