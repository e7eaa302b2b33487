// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/task_evaluation.h"

#include <algorithm>
#include <string>

#include "analyzers/base/parallel.h"
#include "analyzers/text/ngrams.h"

namespace vecterm {
namespace {

std::vector<std::uint32_t> distinct(std::span<const TrainingData::Pair> pairs,
                                    std::uint32_t TrainingData::Pair::*side) {
  std::vector<std::uint32_t> entities;
  entities.reserve(pairs.size());
  for (const TrainingData::Pair& pair : pairs) entities.push_back(pair.*side);
  std::ranges::sort(entities);
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  return entities;
}

std::uint32_t place(const std::vector<std::uint32_t>& entities, std::uint32_t entity) {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(entities, entity) - entities.begin());
}

std::vector<float> units(const std::vector<std::uint32_t>& entities, const EntityVectors& vectors, unsigned threads) {
  std::vector<float> rows(entities.size() * vectors.dimensions);
  parallel_for(entities.size(), 64, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      vectors.embed(entities[i], std::span(rows).subspan(i * vectors.dimensions, vectors.dimensions));
  });
  return rows;
}

// Rows as a slot with this codec gives them back; those without a vector have none.
std::vector<float> stored(std::vector<float> rows, std::size_t dimensions, VectorCodec codec) {
  std::string bytes;
  for (std::size_t begin = 0; begin < rows.size(); begin += dimensions) {
    const std::span<float> row(&rows[begin], dimensions);
    if (std::ranges::all_of(row, [](float value) { return value == 0; })) continue;
    bytes.clear();
    append_row(codec, row, bytes);
    decode_row(codec, bytes, row);
  }
  return rows;
}

double coverage(const TrainingData& data, std::initializer_list<const std::vector<std::uint32_t>*> sides,
                const EntityVectors& vectors) {
  double known = 0;
  double all = 0;
  for (const auto* side : sides)
    for (const std::uint32_t entity : *side)
      for (const auto& [word, wdf] : data.bag(entity)) {
        if (ngram_of(data.words()[word]) != NGram::kWord) continue;
        all += wdf;
        known += vectors.knows(word) ? wdf : 0;
      }
  return all > 0 ? known / all : 0;
}

TaskEvaluation evaluate_task(const TrainingData& data, const TrainingData::Task& task, const EntityVectors& vectors,
                             unsigned threads, VectorCodec codec) {
  const auto queries = distinct(task.held_out.span(), &TrainingData::Pair::query);
  const auto items = distinct(task.held_out.span(), &TrainingData::Pair::item);
  std::vector<RelevantPair> forwards, backwards;
  for (const TrainingData::Pair& pair : task.held_out) {
    forwards.push_back({place(queries, pair.query), place(items, pair.item)});
    backwards.push_back({forwards.back().item, forwards.back().query});
  }
  const auto query_units = units(queries, vectors, threads);
  const auto item_units = units(items, vectors, threads);
  const std::size_t d = vectors.dimensions;
  TaskEvaluation result;
  result.task = task.name;
  result.items = evaluate_retrieval(query_units, stored(item_units, d, codec), forwards, d, threads);
  result.queries = evaluate_retrieval(item_units, stored(query_units, d, codec), backwards, d, threads);
  result.distinct_items = items.size();
  result.distinct_queries = queries.size();
  result.coverage = coverage(data, {&queries, &items}, vectors);
  return result;
}

}  // namespace

std::vector<TaskEvaluation> evaluate_tasks(const TrainingData& data, const EntityVectors& vectors, unsigned threads,
                                           VectorCodec codec) {
  std::vector<TaskEvaluation> results;
  for (const TrainingData::Task& task : data.tasks())
    if (!task.held_out.empty()) results.push_back(evaluate_task(data, task, vectors, threads, codec));
  return results;
}

}  // namespace vecterm
