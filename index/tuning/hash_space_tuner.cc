// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/hash_space_tuner.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/json.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/errors.h"
#include "analyzers/spaces/hash_space_form.h"
#include "analyzers/training/hash_space_learner.h"
#include "index/store/collection.h"
#include "index/tuning/simulated_search.h"
#include "index/tuning/tuning_curve.h"

namespace vecterm {
namespace {

HashSpaceOptions like(const HashSpace& own, unsigned threads) {
  HashSpaceOptions options;
  options.family = own.family();
  options.threads = threads;
  return options;
}

// Half, the same, double; then a quarter and double in two tables.
std::vector<HashSpaceOptions> other_cells(const HashSpace& own, std::size_t documents, unsigned threads) {
  const std::uint32_t cells = own.rows() / own.tables();
  HashSpaceOptions options = like(own, threads);
  options.assignments = own.assignments();
  std::vector<HashSpaceOptions> others(4, options);
  others[0].cells = {cells / 2};
  others[1].cells = {cells};
  others[2].cells = {cells * 2};
  others[3].cells = {cells / 4, cells * 2};
  others[3].assignments = 1;
  std::erase_if(others, [&](const HashSpaceOptions& other) {
    return std::ranges::any_of(other.cells, [&](std::uint32_t number) {
      return number < 2 || number > std::min<std::size_t>(kMaxLearnedCells, documents);
    });
  });
  return others;
}

std::vector<HashSpaceOptions> other_bits(const HashSpace& own, unsigned threads) {
  HashSpaceOptions options = like(own, threads);
  options.tables = own.tables();
  std::vector<HashSpaceOptions> others;
  for (const std::uint32_t bits : {own.bits() - 1, own.bits() + 1}) {
    options.bits = bits;
    if (bits >= 1 && bits <= kMaxHashBits) others.push_back(options);
  }
  return others;
}

std::vector<HashSpaceOptions> alternatives(const HashSpace& own, std::size_t documents, unsigned threads) {
  return own.has_centres() ? other_cells(own, documents, threads) : other_bits(own, threads);
}

/// Tries one hash space after the other.
class HashSpaceBench {
 public:
  HashSpaceBench(const std::string& path, const TuneOptions& options)
      : options_(options), index_(path, {.dictionaries = options.dictionaries}) {
    const std::vector<std::string> directories = local_databases(path);
    std::vector<TuningQuery> queries = sample_queries(index_, options.queries, options.sample);
    index_.read([&] { vectors_ = read_index_vectors(index_, directories); });
    queries_ = judge(vectors_, std::move(queries), options.k, options.threads);
    if (queries_.empty()) throw DataError("tuning needs at least two documents with a vector");
  }

  std::shared_ptr<const HashSpace> own() const { return index_.dictionary().shared_hash_space(); }
  std::size_t documents() const { return vectors_.docids.size(); }
  std::size_t queries() const { return queries_.size(); }

  std::shared_ptr<const HashSpace> learn(const HashSpaceOptions& numbers) const {
    return learn_hash_space(vectors_.rows, vectors_.dimensions, numbers);
  }

  HashSpaceTrial trial(std::shared_ptr<const HashSpace> hash_space) const {
    const SimulatedSearch search(*hash_space, vectors_, queries_, options_.threads);
    const auto curve = tuning_curve(options_.recall, [&](const ProbeLimits& limits) { return search.measure(limits); });
    const TuningPoint* cheapest = cheapest_with(curve, options_.recall);
    return {std::move(hash_space), cheapest != nullptr,
            cheapest != nullptr ? *cheapest : *std::ranges::max_element(curve, {}, &TuningPoint::recall)};
  }

 private:
  const TuneOptions& options_;
  Index index_;
  IndexVectors vectors_;
  std::vector<SimulatedQuery> queries_;
};

// @throws DataError where none reaches the recall
std::size_t best_of(const std::vector<HashSpaceTrial>& trials, double recall) {
  std::vector<TuningPoint> points;
  std::size_t best = trials.size();
  for (std::size_t i = 0; i < trials.size(); ++i) {
    points.push_back(trials[i].point);
    if (trials[i].reached && (best == trials.size() || trials[i].point.cost() < trials[best].point.cost())) best = i;
  }
  if (best == trials.size()) throw unreached(points, recall);
  return best;
}

}  // namespace

HashSpaceTuning tune_hash_space(const std::string& path, const TuneOptions& options, const ProgressFunction& progress) {
  options.check();
  const HashSpaceBench bench(path, options);
  const auto others = alternatives(*bench.own(), bench.documents(), options.threads);
  HashSpaceTuning tuning{bench.documents(), bench.queries(), {bench.trial(bench.own())}, 0};
  ThrottledProgress report(progress);
  for (std::size_t i = 0; i < others.size(); ++i) {
    report([&] {
      return Progress{"hash spaces", static_cast<double>(i + 1) / static_cast<double>(others.size() + 1),
                      fmt::format("{} of {}", i + 2, others.size() + 1)};
    });
    auto hash_space = bench.learn(others[i]);
    if (hash_space->fingerprint() != bench.own()->fingerprint())
      tuning.trials.push_back(bench.trial(std::move(hash_space)));
  }
  tuning.best = best_of(tuning.trials, options.recall);
  return tuning;
}

std::string hash_space_numbers(const HashSpace& hash_space) {
  if (!hash_space.has_centres()) return fmt::format("tables {}, bits {}", hash_space.tables(), hash_space.bits());
  return fmt::format("{} {}, tables {}, assignments {}", hash_space.rows(), hash_space.row_name(), hash_space.tables(),
                     hash_space.assignments());
}

DictionaryContents with_hash_space(const Dictionary& dictionary, std::shared_ptr<const HashSpace> hash_space) {
  DictionaryContents contents = dictionary.contents();
  Json provenance = Json::object_of(dictionary.provenance());
  provenance.set("tuned", fmt::format("{}: {}", hash_space->family(), hash_space_numbers(*hash_space)));
  contents.provenance = provenance.sorted_text();
  contents.hash_space = std::move(hash_space);
  return contents;
}

}  // namespace vecterm
