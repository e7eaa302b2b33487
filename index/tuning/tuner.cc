// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/errors.h"
#include "index/index.h"
#include "index/store/collection.h"
#include "index/tuning/tuning_curve.h"
#include "index/tuning/tuning_sample.h"
#include "index/writing/metadata_update.h"

namespace vecterm {
namespace {

void check_range(const char* name, std::size_t value, std::size_t most) {
  if (value < 1 || value > most) throw InvalidArgument(fmt::format("{} must be in [1, {}]; was {}", name, most, value));
}

double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// A query and what the exact scan found.
struct JudgedQuery {
  TuningQuery query;
  std::size_t nearest = 0;  ///< how many there are, at most k
  double least_cosine = 0;  ///< of the last of them
};

/// Runs the sample of queries on all threads, one handle of the index each.
class Bench {
 public:
  Bench(const std::string& path, const TuneOptions& options, const ProgressFunction& progress)
      : options_(options), progress_(progress) {
    handles_.emplace_back(path, IndexOptions{.dictionaries = options.dictionaries});
    local_databases(path);
    handles_.front().warm_up();
    for (TuningQuery& query : sample_queries(handles_.front(), options.queries, options.sample))
      queries_.push_back({std::move(query)});
    while (handles_.size() < std::min<std::size_t>(resolve_threads(options.threads), queries_.size()))
      handles_.push_back(handles_.front().another_handle());
    judge();
  }

  const IndexRecord& record() const { return handles_.front().record(); }
  const HashSpace& hash_space() const { return handles_.front().dictionary().hash_space(); }
  std::size_t queries() const { return queries_.size(); }

  TuningPoint measure(const ProbeLimits& limits) {
    std::vector<Outcome> outcomes(queries_.size());
    for_each_query([&](Searcher& searcher, std::size_t i) { outcomes[i] = run(searcher, queries_[i], limits); });
    const TuningPoint point = summed_up(outcomes, limits);
    ++points_;
    progress_([&] {
      return Progress{"tuning", std::min(1.0, static_cast<double>(points_) / kUsualPoints),
                      fmt::format("recall {:.3f} at {:.1f} probes", point.recall, point.probes)};
    });
    return point;
  }

 private:
  struct Outcome {
    std::size_t found = 0;
    std::size_t probes = 0;
    std::size_t postings = 0;
    std::size_t candidates = 0;
    double microseconds = 0;
  };

  static constexpr double kUsualPoints = 30;

  void for_each_query(const std::function<void(Searcher&, std::size_t)>& body) {
    const std::size_t share = (queries_.size() + handles_.size() - 1) / handles_.size();
    parallel_for(queries_.size(), share, options_.threads, [&](std::size_t begin, std::size_t end) {
      Index& handle = handles_[begin / share];
      for (std::size_t i = begin; i < end; ++i) handle.read([&] { body(handle.searcher(), i); });
    });
  }

  SearchRequest request(const TuningQuery& query) const {
    SearchRequest request;
    request.vector = query.unit;
    request.k = options_.k;
    if (query.exclude != 0) request.exclude = {query.exclude};
    return request;
  }

  void judge() {
    for_each_query([this](Searcher& searcher, std::size_t i) {
      SearchRequest exact = request(queries_[i].query);
      exact.plan = Plan::kExact;
      const std::vector<Hit> hits = searcher.search(exact);
      queries_[i].nearest = hits.size();
      if (!hits.empty()) queries_[i].least_cosine = hits.back().cosine;
    });
    std::erase_if(queries_, [](const JudgedQuery& query) { return query.nearest == 0; });
    if (queries_.empty()) throw DataError("tuning needs at least two documents with a vector");
  }

  Outcome run(Searcher& searcher, const JudgedQuery& query, const ProbeLimits& limits) const {
    SearchRequest by_tokens = request(query.query);
    by_tokens.plan = Plan::kProbe;
    by_tokens.probes = limits.most;
    if (std::isfinite(limits.reach)) by_tokens.reach = limits.reach;
    SearchReport report;
    const double start = thread_microseconds();
    const std::vector<Hit> hits = searcher.search(by_tokens, &report);
    Outcome outcome{.probes = report.probes, .postings = report.postings, .candidates = report.candidates};
    outcome.microseconds = thread_microseconds() - start;
    if (report.choice.plan != Plan::kProbe) outcome.postings += report.candidates;
    outcome.found = static_cast<std::size_t>(
        std::ranges::count_if(hits, [&](const Hit& hit) { return hit.cosine >= query.least_cosine - kTuningTie; }));
    return outcome;
  }

  TuningPoint summed_up(std::vector<Outcome>& outcomes, const ProbeLimits& limits) const {
    const auto n = static_cast<double>(outcomes.size());
    const auto sum = [&](std::size_t Outcome::*number) {
      std::size_t all = 0;
      for (const Outcome& outcome : outcomes) all += outcome.*number;
      return static_cast<double>(all);
    };
    std::size_t nearest = 0;
    for (const JudgedQuery& query : queries_) nearest += query.nearest;
    const auto middle = outcomes.begin() + static_cast<std::ptrdiff_t>(outcomes.size() / 2);
    std::ranges::nth_element(outcomes, middle, {}, &Outcome::microseconds);
    return {.limits = limits,
            .recall = sum(&Outcome::found) / static_cast<double>(nearest),
            .probes = sum(&Outcome::probes) / n,
            .postings = sum(&Outcome::postings) / n,
            .candidates = sum(&Outcome::candidates) / n,
            .microseconds = middle->microseconds};
  }

  TuneOptions options_;
  ThrottledProgress progress_;
  std::vector<Index> handles_;
  std::vector<JudgedQuery> queries_;
  std::size_t points_ = 0;
};

}  // namespace

void TuneOptions::check() const {
  if (!(recall > 0 && recall <= 1)) throw InvalidArgument(fmt::format("recall must be in (0, 1]; was {}", recall));
  check_range("k", k, 1000);
  check_range("sample", sample, 100000);
}

Tuning tune_index(const std::string& path, const TuneOptions& options, const ProgressFunction& progress) {
  options.check();
  Bench bench(path, options, progress);
  Tuning tuning{.hash_space = bench.record().hash_space,
                .target = options.recall,
                .k = options.k,
                .queries = bench.queries(),
                .curve = {}};
  tuning.curve = tuning_curve(options.recall, [&](const ProbeLimits& limits) { return bench.measure(limits); });
  if (cheapest_with(tuning.curve, options.recall) == nullptr) throw unreached(tuning.curve, options.recall);
  return tuning;
}

void store_tuning(const std::string& path, const Tuning& tuning, const std::vector<std::string>& dictionaries) {
  update_metadata(path, dictionaries, [&](Xapian::WritableDatabase& database, const std::string& directory) {
    const auto record = IndexRecord::read(database);
    if (!record || record->hash_space != tuning.hash_space)
      throw WrongDictionary(fmt::format("the tuning is of hash space {}; the index at {} has {}", tuning.hash_space,
                                        directory, record ? record->hash_space : "none"));
    tuning.write(database);
  });
}

}  // namespace vecterm
