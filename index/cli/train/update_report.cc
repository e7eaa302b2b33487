// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/train/update_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/words/dictionary_difference.h"
#include "index/feeding/training_input.h"

namespace vecterm::cli {

namespace {

double kept_share(const UpdateCost& cost) {
  return static_cast<double>(cost.kept_tokens) / static_cast<double>(std::max<std::uint64_t>(1, cost.tokens));
}

Json figures(const TaskEvaluation& task) { return {{"recall@10", task.items.recall_10}, {"mrr", task.items.mrr}}; }

}  // namespace

UpdateReport report_update(std::shared_ptr<const Dictionary> old, std::shared_ptr<const Dictionary> recent,
                           const TrainingData& data, std::size_t documents, unsigned threads) {
  const DictionaryDifference words = difference(*old, *recent);
  UpdateReport report;
  report.added = words.added.size();
  report.moved = words.moved.size();
  report.unchanged = old->size() - words.moved.size();
  report.keeps_hash_space = old->hash_space().fingerprint() == recent->hash_space().fingerprint();
  report.cost = update_cost(old, recent, data, documents, threads);
  report.before = evaluate_tasks(data, entity_vectors(Embedder(old), data), threads);
  report.after = evaluate_tasks(data, entity_vectors(Embedder(recent), data), threads);
  return report;
}

std::vector<std::string> lines(const UpdateReport& report) {
  const UpdateCost& cost = report.cost;
  std::vector<std::string> lines{
      fmt::format("update: {} words added, {} moved, {} unchanged; {} hash space", report.added, report.moved,
                  report.unchanged, report.keeps_hash_space ? "the old" : "a new"),
      fmt::format("of {} documents {} have a changed word and {} change; {:.1f} % of all tokens stay", cost.documents,
                  cost.with_changed_word, cost.changed, 100 * kept_share(cost))};
  for (std::size_t t = 0; t < report.before.size(); ++t) {
    const RetrievalMetrics &before = report.before[t].items, &after = report.after[t].items;
    lines.push_back(fmt::format("quality of {}: Recall@10 {:.3f} -> {:.3f} of {} items, MRR {:.3f} -> {:.3f}",
                                report.before[t].task, before.recall_10, after.recall_10,
                                report.before[t].distinct_items, before.mrr, after.mrr));
  }
  if (report.before.empty())
    lines.emplace_back("quality before and after was not measured: --validation-pairs or --validation holds pairs out");
  return lines;
}

Json json(const UpdateReport& report) {
  Json quality;
  for (std::size_t t = 0; t < report.before.size(); ++t)
    quality.set(report.before[t].task, {{"before", figures(report.before[t])}, {"after", figures(report.after[t])}});
  return {{"event", "update"},
          {"words_added", report.added},
          {"words_moved", report.moved},
          {"words_unchanged", report.unchanged},
          {"keeps_hash_space", report.keeps_hash_space},
          {"documents", report.cost.documents},
          {"documents_with_changed_word", report.cost.with_changed_word},
          {"documents_changed", report.cost.changed},
          {"tokens_kept", kept_share(report.cost)},
          {"quality", quality}};
}

}  // namespace vecterm::cli
