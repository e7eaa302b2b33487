// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "analyzers/kernels.h"
#include "analyzers/parallel.h"
#include "analyzers/training/batches.h"
#include "analyzers/training/hinge.h"
#include "analyzers/training/vocabulary.h"
#include "analyzers/training/word_rows.h"

namespace vecterm {
namespace {

template <class Number>
void check_range(const char* name, Number value, Number low, Number high) {
  if (value < low || value > high)
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

void check_positive(const char* name, double value, double high) {
  if (!(value > 0 && value <= high))
    throw InvalidArgument(fmt::format("{} must be in (0, {}]; was {}", name, high, value));
}

void check(const TrainingOptions& options) {
  check_range("dimensions", options.dimensions, 2U, 4096U);
  check_range("epochs", options.epochs, 1U, 10000U);
  check_positive("learning_rate", options.learning_rate, 10);
  check_positive("margin", options.margin, 2);
  check_range("negatives", options.negatives, 1U, 100000U);
  check_range("batch", options.batch, 1U, 100000U);
  check_positive("max_norm", options.max_norm, 1000);
  check_positive("sif", options.sif, 1);
  check_range("min_count", options.min_count, 1U, (1U << 31) - 1);
}

void check(const TrainingData& data) {
  for (const auto& task : data.tasks)
    for (const auto& pair : task.pairs) {
      if (pair.query >= data.queries.size())
        throw InvalidArgument(
            fmt::format("queries of task \"{}\" must be below {}; met {}", task.name, data.queries.size(), pair.query));
      if (pair.item >= data.items.size())
        throw InvalidArgument(
            fmt::format("items of task \"{}\" must be below {}; met {}", task.name, data.items.size(), pair.item));
    }
}

/// What a run has seen since it last told its progress.
class Report {
 public:
  explicit Report(const ProgressFunction& progress) : progress_(progress) {}

  void add(double loss, std::size_t pairs, std::size_t words) {
    loss_ += loss;
    pairs_ += pairs;
    words_ += words;
  }

  void tell(double done) {
    using std::chrono::duration;
    if (!progress_) return;
    const auto now = Clock::now();
    const double passed = duration<double>(now - last_).count();
    if (passed < kInterval && done < 1) return;
    const double left = duration<double>(now - start_).count() * (1 - done) / done;
    const double loss = pairs_ == 0 ? 0 : loss_ / static_cast<double>(pairs_);
    const double speed = static_cast<double>(words_) / std::max(passed, 1e-9);
    progress_({"training", done, fmt::format("loss {:.3f}, {:.1f}M words/s, {:.0f} s left", loss, speed / 1e6, left)});
    last_ = now;
    loss_ = 0;
    pairs_ = words_ = 0;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double kInterval = 0.3;

  const ProgressFunction& progress_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  double loss_ = 0;
  std::size_t pairs_ = 0;
  std::size_t words_ = 0;
};

std::string provenance(const TrainingData& data, const TrainingOptions& options, std::size_t words) {
  nlohmann::json tasks = nlohmann::json::array();
  for (const auto& task : data.tasks) tasks.push_back({{"name", task.name}, {"pairs", task.pairs.size()}});
  return nlohmann::json{
      {"trainer", "vecterm"},
      {"objective", "PinText hinge on cosines"},
      {"queries", data.queries.size()},
      {"items", data.items.size()},
      {"tasks", tasks},
      {"words", words},
      {"options",
       {{"dimensions", options.dimensions},
        {"epochs", options.epochs},
        {"learning_rate", options.learning_rate},
        {"margin", options.margin},
        {"negatives", options.negatives},
        {"batch", options.batch},
        {"max_norm", options.max_norm},
        {"sif", options.sif},
        {"min_count", options.min_count},
        {"seed", options.seed}}},
  }
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// One training run. A batch's entities are numbered: first the pool of negatives, then query and positive of each
/// pair in turn. Each phase of a step writes an entity, or a row, from one thread only and sums in a fixed order.
class Trainer {
 public:
  Trainer(const TrainingData& data, const TrainingOptions& options)
      : options_(options),
        vocabulary_(data, options.min_count, options.sif),
        queries_(data.queries, vocabulary_),
        items_(data.items, vocabulary_),
        rows_(vocabulary_.words.size(), options.dimensions, Random(options.seed, 0)),
        order_(options.seed, 1),
        draws_(options.seed, 2) {
    for (const auto& task : data.tasks) add_task(task, data.queries.size());
    if (tasks_.empty()) throw DataError("no training pair has known words on both sides");
    choose_candidates(data.items.size());
    std::size_t largest = 0;
    for (const TaskPairs& task : tasks_) largest = std::max(largest, task.size());
    const std::size_t entities = options.negatives + 2 * std::min<std::size_t>(options.batch, largest);
    units_.resize(entities * options.dimensions);
    gradients_.resize(entities * options.dimensions);
    norms_.resize(entities);
    bags_.resize(entities);
    shares_.resize(entities);
  }

  void run(const ProgressFunction& progress) {
    Report report(progress);
    std::size_t steps = 0;
    for (std::uint32_t epoch = 0; epoch < options_.epochs; ++epoch) {
      for (TaskPairs& task : tasks_) task.shuffle(order_);
      const auto plan = plan_epoch(tasks_, options_.batch);
      const std::size_t all = plan.size() * options_.epochs;
      for (const BatchRange& range : plan) {
        const double done = static_cast<double>(steps) / static_cast<double>(all);
        const auto pairs = tasks_[range.task].slice(range.first, options_.batch);
        const double loss = step(tasks_[range.task], pairs, options_.learning_rate * (1 - done));
        report.add(loss, pairs.size(), words_);
        report.tell(static_cast<double>(++steps) / static_cast<double>(all));
      }
    }
  }

  DictionaryContents result() const {
    DictionaryContents contents;
    contents.dimensions = options_.dimensions;
    const std::vector<bool> learned = words_of_pairs();
    for (std::size_t r = 0; r < vocabulary_.words.size(); ++r) {
      if (!learned[r]) continue;
      contents.words.push_back(vocabulary_.words[r]);
      contents.counts.push_back(vocabulary_.counts[r]);
      contents.weights.push_back(vocabulary_.weights[r]);
      contents.vectors.insert(contents.vectors.end(), rows_.row(r).begin(), rows_.row(r).end());
    }
    return contents;
  }

 private:
  void add_task(const TrainingData::Task& task, std::size_t queries) {
    std::vector<TrainingData::Pair> usable;
    for (const auto& pair : task.pairs)
      if (!queries_[pair.query].empty() && !items_[pair.item].empty()) usable.push_back(pair);
    if (!usable.empty()) tasks_.emplace_back(std::move(usable), queries);
  }

  // Negatives are items that some pair leads to: one that none leads to says nothing about meaning, and as it would
  // never be a positive, its words would only be pushed away from everything.
  void choose_candidates(std::size_t items) {
    std::vector<bool> led_to(items);
    for (const TaskPairs& task : tasks_)
      for (const auto& pair : task.pairs()) led_to[pair.item] = true;
    const bool single = std::count(led_to.begin(), led_to.end(), true) < 2;
    for (std::uint32_t i = 0; i < items; ++i)
      if (led_to[i] || (single && !items_[i].empty())) candidates_.push_back(i);
  }

  // All others keep their random rows, which are noise.
  std::vector<bool> words_of_pairs() const {
    std::vector<bool> found(vocabulary_.words.size());
    for (const TaskPairs& task : tasks_)
      for (const auto& pair : task.pairs())
        for (const auto bag : {queries_[pair.query], items_[pair.item]})
          for (const Share<float>& word : bag) found[word.row] = true;
    return found;
  }

  std::span<float> of(std::vector<float>& matrix, std::size_t entity) const {
    return std::span(matrix).subspan(entity * options_.dimensions, options_.dimensions);
  }

  double step(const TaskPairs& task, std::span<const TrainingData::Pair> pairs, double rate) {
    draw_entities(pairs);
    embed_entities();
    const PackedRows pool({units_.data(), options_.negatives * rows_.dimensions()}, rows_.dimensions());
    losses_.assign(pairs.size(), 0);
    parallel_for(pairs.size(), 8, options_.threads, [&](std::size_t begin, std::size_t end) {
      std::vector<float> cosines(options_.negatives);
      for (std::size_t k = begin; k < end; ++k) losses_[k] = compare(task, pairs[k], k, pool, cosines);
    });
    parallel_for(options_.negatives, 32, options_.threads, [&](std::size_t begin, std::size_t end) {
      turn_shares(begin, end, pairs.size());
      for (std::size_t j = begin; j < end; ++j) differentiate(j);
    });
    const std::size_t entities = options_.negatives + 2 * pairs.size();
    for (std::size_t e = 0; e < entities; ++e)
      if (shares_[e].empty()) bags_[e] = {};
    rows_.step(std::span(bags_).first(entities), gradients_.data(), rate, options_.max_norm, options_.threads);
    double loss = 0;
    for (const double pair_loss : losses_) loss += pair_loss;
    return loss / options_.negatives;
  }

  void draw_entities(std::span<const TrainingData::Pair> pairs) {
    pool_.clear();
    for (std::uint32_t j = 0; j < options_.negatives; ++j) {
      pool_.push_back(candidates_[draws_.below(candidates_.size())]);
      bags_[j] = items_[pool_.back()];
    }
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      bags_[query_of(k)] = queries_[pairs[k].query];
      bags_[query_of(k) + 1] = items_[pairs[k].item];
    }
    entities_ = options_.negatives + 2 * pairs.size();
    words_ = 0;
    for (std::size_t e = 0; e < entities_; ++e) words_ += bags_[e].size();
  }

  void embed_entities() {
    parallel_for(entities_, 16, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t e = begin; e < end; ++e) {
        weighted_sum(rows_.data(), bags_[e], of(units_, e));
        norms_[e] = make_unit(of(units_, e));
      }
    });
  }

  /// The gradients of pair k's query and positive; returns its loss.
  double compare(const TaskPairs& task, const TrainingData::Pair& pair, std::size_t k, const PackedRows& pool,
                 std::vector<float>& cosines) {
    const std::size_t query = query_of(k);
    const std::size_t positive = query + 1;
    shares_[query].clear();
    shares_[positive].clear();
    if (!(norms_[query] > 0) || !(norms_[positive] > 0)) return 0;
    pool.products(of(units_, query), cosines);
    const auto cosine = static_cast<float>(lane_dot<float>(of(units_, query), of(units_, positive)));
    const auto known = [&](std::size_t j) { return !(norms_[j] > 0) || task.known(pair.query, pool_[j]); };
    const double loss =
        hinge_violators<float>(static_cast<float>(options_.margin), cosine, cosines, known, shares_[query]);
    if (shares_[query].empty()) return 0;
    shares_[query].push_back({static_cast<std::uint32_t>(positive), -1});
    shares_[positive].push_back({static_cast<std::uint32_t>(query), -1});
    differentiate(query);
    differentiate(positive);
    return loss;
  }

  /// The shares of the queries in the gradients of negatives [begin, end), from those of the negatives in the queries'.
  void turn_shares(std::size_t begin, std::size_t end, std::size_t pairs) {
    for (std::size_t j = begin; j < end; ++j) shares_[j].clear();
    for (std::size_t k = 0; k < pairs; ++k) {
      const auto& shares = shares_[query_of(k)];
      auto share = std::lower_bound(shares.begin(), shares.end(), begin,
                                    [](const Share<float>& s, std::size_t j) { return s.row < j; });
      for (; share != shares.end() && share->row < end; ++share)
        shares_[share->row].push_back({static_cast<std::uint32_t>(query_of(k)), share->factor});
    }
  }

  void differentiate(std::size_t entity) {
    if (shares_[entity].empty()) return;
    weighted_sum(units_.data(), shares_[entity], of(gradients_, entity));
    cosine_gradient<float>(of(units_, entity), norms_[entity], of(gradients_, entity));
  }

  std::size_t query_of(std::size_t pair) const { return options_.negatives + 2 * pair; }

  TrainingOptions options_;
  Vocabulary vocabulary_;
  Bags queries_;
  Bags items_;
  WordRows rows_;
  Random order_;
  Random draws_;
  std::vector<TaskPairs> tasks_;
  std::vector<std::uint32_t> candidates_;

  // Of the current batch.
  std::size_t entities_ = 0;
  std::size_t words_ = 0;
  std::vector<std::uint32_t> pool_;                  ///< the negatives' items
  std::vector<std::span<const Share<float>>> bags_;  ///< of each entity
  std::vector<float> units_;                         ///< row-major, entities x d
  std::vector<float> norms_;                         ///< of the entities' sums; 0 = no vector
  std::vector<std::vector<Share<float>>> shares_;    ///< the units in each entity's gradient
  std::vector<float> gradients_;                     ///< row-major, entities x d
  std::vector<double> losses_;                       ///< of each pair
};

}  // namespace

DictionaryContents train(const TrainingData& data, const TrainingOptions& options, const ProgressFunction& progress) {
  check(options);
  check(data);
  Trainer trainer(data, options);
  trainer.run(progress);
  DictionaryContents contents = trainer.result();
  contents.provenance = provenance(data, options, contents.words.size());
  return contents;
}

}  // namespace vecterm
