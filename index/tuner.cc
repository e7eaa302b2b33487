// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <memory>

#include "analyzers/errors.h"
#include "analyzers/parallel.h"
#include "index/collection.h"
#include "index/corpus.h"
#include "index/database_directory.h"
#include "index/index.h"
#include "index/throttled_progress.h"
#include "index/vector_table.h"

namespace vecterm {
namespace {

constexpr double kTie = 1e-6;                // cosines that differ by less are of duplicates
constexpr double kEnough = 0.9995;           // recall beyond which a curve says nothing new
constexpr double kFirstReach = 1.0 / 65536;  // families differ in what their costs count
constexpr double kLastReach = 1e6;
constexpr double kMostProbes = 4096;
constexpr int kBisections = 3;  // of the interval around the wanted recall

void check_range(const char* name, std::size_t value, std::size_t most) {
  if (value < 1 || value > most) throw InvalidArgument(fmt::format("{} must be in [1, {}]; was {}", name, most, value));
}

void check(const TuneOptions& options) {
  if (!(options.recall > 0 && options.recall <= 1))
    throw InvalidArgument(fmt::format("recall must be in (0, 1]; was {}", options.recall));
  check_range("k", options.k, 1000);
  check_range("sample", options.sample, 100000);
}

double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

/// A query and what the exact scan found.
struct JudgedVector {
  UnitVector unit;
  Xapian::docid exclude = 0;
  std::size_t nearest = 0;  ///< how many there are, at most k
  double least_cosine = 0;  ///< of the last of them
};

// At most `most` of the values, evenly spread.
template <class Value>
void keep_spread(std::vector<Value>& values, std::size_t most) {
  if (values.size() <= most) return;
  for (std::size_t i = 1; i < most; ++i) values[i] = std::move(values[i * values.size() / most]);
  values.resize(most);
}

std::vector<JudgedVector> vectors_of_queries(Index& index, const TuneOptions& options) {
  std::vector<JudgedVector> vectors;
  for (const CorpusQuery& query : read_queries(options.queries))
    if (auto unit = index.searcher().builder().vector(query.text)) vectors.push_back({.unit = std::move(*unit)});
  keep_spread(vectors, options.sample);
  if (vectors.empty())
    throw DataError(fmt::format("no query of {} has a word that the dictionary knows", options.queries));
  return vectors;
}

std::vector<JudgedVector> vectors_of_documents(Index& index, const TuneOptions& options) {
  const Xapian::Database& database = index.database();
  const std::string marker = index.record().marker();
  std::vector<Xapian::docid> docids(database.postlist_begin(marker), database.postlist_end(marker));
  keep_spread(docids, options.sample);
  std::vector<JudgedVector> vectors;
  for (const Xapian::docid docid : docids)
    if (auto unit = index.searcher().builder().vector(database.get_document(docid)))
      vectors.push_back({.unit = std::move(*unit), .exclude = docid});
  if (vectors.empty()) throw DataError("no document of the index has a vector");
  return vectors;
}

/// Runs the sample of queries on all threads, one handle of the index each.
class Bench {
 public:
  Bench(const std::string& path, const TuneOptions& options, const ProgressFunction& progress)
      : options_(options), progress_(progress) {
    handles_.push_back(std::make_unique<Index>(path));
    if (open_collection(path).directories.empty())
      throw InvalidArgument(fmt::format("tuning needs local databases; {} has remote ones", path));
    queries_ = options.queries.empty() ? vectors_of_documents(*handles_.front(), options)
                                       : vectors_of_queries(*handles_.front(), options);
    while (handles_.size() < std::min<std::size_t>(resolve_threads(options.threads), queries_.size()))
      handles_.push_back(std::make_unique<Index>(*handles_.front()));
    judge();
  }

  const IndexRecord& record() const { return handles_.front()->record(); }
  const HashSpace& hash_space() const { return handles_.front()->dictionary().hash_space(); }
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
      for (std::size_t i = begin; i < end; ++i) body(handles_[begin / share]->searcher(), i);
    });
  }

  SearchRequest request(const JudgedVector& query) const {
    SearchRequest request;
    request.vector = query.unit;
    request.k = options_.k;
    request.exclude = query.exclude;
    return request;
  }

  void judge() {
    for_each_query([this](Searcher& searcher, std::size_t i) {
      SearchRequest exact = request(queries_[i]);
      exact.plan = Plan::kExact;
      const std::vector<Hit> hits = searcher.search(exact);
      queries_[i].nearest = hits.size();
      if (!hits.empty()) queries_[i].least_cosine = hits.back().cosine;
    });
    std::erase_if(queries_, [](const JudgedVector& query) { return query.nearest == 0; });
    if (queries_.empty()) throw DataError("tuning needs at least two documents with a vector");
  }

  Outcome run(Searcher& searcher, const JudgedVector& query, const ProbeLimits& limits) const {
    SearchRequest by_tokens = request(query);
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
        std::ranges::count_if(hits, [&](const Hit& hit) { return hit.cosine >= query.least_cosine - kTie; }));
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
    for (const JudgedVector& query : queries_) nearest += query.nearest;
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
  std::vector<std::unique_ptr<Index>> handles_;
  std::vector<JudgedVector> queries_;
  std::size_t points_ = 0;
};

/// One kind of limits: which ones a number stands for.
struct LimitsOf {
  std::size_t most = 0;  ///< the number is a reach, with so many buckets at most; 0 = the number is that of buckets

  ProbeLimits operator()(double number) const {
    if (most == 0) return static_cast<std::size_t>(std::lround(number));
    return {most, number};
  }
};

bool same(const ProbeLimits& a, const ProbeLimits& b) { return a.most == b.most && a.reach == b.reach; }

// Doubles the number up to `last`, then looks closer around the wanted recall.
std::vector<TuningPoint> sweep(Bench& bench, double recall, double first, double last, const LimitsOf& limits_of) {
  std::vector<TuningPoint> points;
  double below = 0;
  double above = 0;
  for (double x = first; x <= last && (points.empty() || points.back().recall < std::max(kEnough, recall)); x *= 2) {
    const TuningPoint point = bench.measure(limits_of(x));
    if (point.recall < recall) below = x;
    if (point.recall >= recall && above == 0) above = x;
    // Steps that look no farther say nothing new.
    const bool farther = points.empty() || point.probes > points.back().probes;
    if (!farther) points.pop_back();
    points.push_back(point);
    const bool at_end =
        std::isinf(point.limits.reach) ? !farther : point.probes > 0.999 * static_cast<double>(point.limits.most);
    if (at_end) break;
  }
  for (int i = 0; i < kBisections && below > 0 && above > below; ++i) {
    const double x = std::sqrt(below * above);
    if (same(limits_of(x), limits_of(below)) || same(limits_of(x), limits_of(above))) break;
    points.push_back(bench.measure(limits_of(x)));
    (points.back().recall < recall ? below : above) = x;
  }
  return points;
}

std::string best_seen(const std::vector<TuningPoint>& curve) {
  const auto best = std::ranges::max_element(curve, {}, &TuningPoint::recall);
  return fmt::format("{:.4f} at {:.1f} probes and {:.0f} postings a query", best->recall, best->probes, best->postings);
}

void store(const std::string& directory, const Tuning& tuning, const DocumentEmbedder& embedder) {
  Xapian::WritableDatabase database = open_for_writing(directory);
  const auto record = IndexRecord::read(database);
  if (!record || record->hash_space != tuning.hash_space)
    throw DataError(fmt::format("the tuning is of hash space {}; the index at {} has {}", tuning.hash_space, directory,
                                record ? record->hash_space : "none"));
  const bool had_sidecar = VectorTable::open(directory, database, embedder) != nullptr;
  writing_to(directory, [&] {
    database.begin_transaction();
    tuning.write(database);
    database.commit_transaction();
  });
  if (had_sidecar) VectorTable::read(database, embedder)->publish(directory, tuning.hash_space);
}

}  // namespace

Tuning tune_index(const std::string& path, const TuneOptions& options, const ProgressFunction& progress) {
  check(options);
  Bench bench(path, options, progress);
  Tuning tuning{.hash_space = bench.record().hash_space,
                .target = options.recall,
                .k = options.k,
                .queries = bench.queries(),
                .curve = {}};
  tuning.curve = sweep(bench, options.recall, 1, kMostProbes, {});
  std::size_t enough = 0;
  for (const TuningPoint& point : tuning.curve)
    if (point.recall >= options.recall && (enough == 0 || point.limits.most < enough)) enough = point.limits.most;
  if (enough == 0)
    throw DataError(
        fmt::format("no limits reach a recall of {}; the best seen was {}: ask for less, search exactly, or learn a "
                    "hash space with fewer and larger buckets",
                    options.recall, best_seen(tuning.curve)));
  // A reach lets near queries stop early, so that far ones may go on for longer.
  const auto with_reach = sweep(bench, options.recall, kFirstReach, kLastReach, {.most = 2 * enough});
  tuning.curve.insert(tuning.curve.end(), with_reach.begin(), with_reach.end());
  std::ranges::stable_sort(tuning.curve, {}, &TuningPoint::cost);
  return tuning;
}

void store_tuning(const std::string& path, const Tuning& tuning) {
  Index index(path);
  for (const std::string& directory : open_collection(path).directories)
    store(directory, tuning, index.searcher().builder().embedder());
}

LineChart tuning_chart(const Tuning& tuning) {
  LineChart chart{.title = fmt::format("Recall@{} of {} queries", tuning.k, tuning.queries),
                  .x_label = "postings a query",
                  .y_label = "recall",
                  .series = {{"by reach", {}}, {"by probes", {}}},
                  .log_x = true,
                  .log_y = false};
  // A point that finds no more than a cheaper one of its kind is not worth a dot.
  for (const TuningPoint& point : tuning.curve) {
    auto& points = chart.series[std::isfinite(point.limits.reach) ? 0 : 1].points;
    if (points.empty() || point.recall > points.back().y) points.push_back({point.postings, point.recall});
  }
  return chart;
}

}  // namespace vecterm
