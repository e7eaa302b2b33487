// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/reindex/readers.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "index/generations.h"
#include "index/index_pool.h"
#include "index/reindex.h"
#include "tests/bench/bench_data.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kTexts = 2000;
constexpr std::uint64_t kAloneShare = 5;

std::vector<TextQuery> all_queries() {
  std::vector<TextQuery> queries;
  const std::vector<std::string>& texts = data().queries;
  const std::size_t step = std::max<std::size_t>(1, texts.size() / kTexts);
  for (std::size_t i = 0; i < texts.size() && queries.size() < kTexts; i += step) {
    TextQuery& query = queries.emplace_back();
    query.text = texts[i];
    if (queries.size() % 2 == 0) query.mode = SearchMode::kVector;
  }
  return queries;
}

/// Searches of all threads together.
class Readers {
 public:
  explicit Readers(const std::string& path, const IndexOptions& options = {})
      : pool_(path, options), queries_(all_queries()), had_hits_(queries_.size()) {
    for (std::size_t i = 0; i < queries_.size(); ++i) had_hits_[i] = !pool_.search(queries_[i]).empty();
  }

  SearchFigures run(unsigned threads, std::uint64_t queries) {
    figures_ = {};
    latencies_.clear();
    next_ = 0;
    const auto start = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> readers;
      for (unsigned i = 0; i < threads; ++i) readers.emplace_back([&] { read(queries); });
    }
    figures_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    figures_.queries = latencies_.size();
    std::ranges::sort(latencies_);
    figures_.p50_us = latencies_[latencies_.size() / 2];
    figures_.p99_us = latencies_[latencies_.size() * 99 / 100];
    figures_.mean_us =
        std::accumulate(latencies_.begin(), latencies_.end(), 0.0) / static_cast<double>(latencies_.size());
    return figures_;
  }

 private:
  void read(std::uint64_t queries) {
    SearchFigures own;
    std::vector<double> latencies;
    for (std::uint64_t i = next_++; i < queries; i = next_++) {
      const auto start = std::chrono::steady_clock::now();
      try {
        const bool empty = pool_.search(queries_[i % queries_.size()]).empty();
        own.emptied += empty && had_hits_[i % queries_.size()] ? 1 : 0;
      } catch (const Xapian::Error& error) {
        note(own, error.get_description());
      } catch (const std::exception& error) {
        note(own, error.what());
      }
      latencies.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    const std::lock_guard lock(mutex_);
    figures_.errors += own.errors;
    figures_.emptied += own.emptied;
    if (figures_.first_error.empty()) figures_.first_error = own.first_error;
    latencies_.insert(latencies_.end(), latencies.begin(), latencies.end());
  }

  static void note(SearchFigures& figures, const std::string& error) {
    if (figures.errors++ == 0) figures.first_error = error;
  }

  IndexPool pool_;
  std::vector<TextQuery> queries_;
  std::vector<char> had_hits_;
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  SearchFigures figures_;
  std::vector<double> latencies_;
};

/// Changes the index until it is told to stop.
class Changes {
 public:
  Changes(const World& world, std::string path, ReadersResult& result)
      : path_(std::move(path)), result_(result), thread_([this, &world](const std::stop_token& stop) {
          try {
            change(world, stop);
          } catch (...) {
            failure_ = std::current_exception();
          }
        }) {}

  void stop() {
    thread_.request_stop();
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void change(const World& world, const std::stop_token& stop) {
    const std::vector<std::shared_ptr<const Dictionary>> dictionaries{world.moved({"", 0.1, false}, 2),
                                                                      world.dictionary()};
    const auto other = world.other_space();
    while (!stop.stop_requested()) {
      for (const auto& dictionary : dictionaries) {
        take(reindex(path_, dictionary, one_thread()));
        ++result_.updates;
        if (stop.stop_requested()) return;
      }
      switch_to(other);
      if (stop.stop_requested()) return;
      switch_to(world.dictionary());
    }
  }

  void switch_to(const std::shared_ptr<const Dictionary>& dictionary) {
    const ReindexReport report = reindex(path_, dictionary, one_thread());
    take(report);
    const unsigned before = list_generations(path_).front().number;
    activate_generation(path_, report.generation, one_thread());
    retire_generation(path_, before, one_thread());
    ++result_.switches;
  }

  void take(const ReindexReport& report) { result_.edited += report.edited; }

  static ReindexOptions one_thread() {
    ReindexOptions options;
    options.write.threads = 1;
    return options;
  }

  std::string path_;
  ReadersResult& result_;
  std::exception_ptr failure_;
  std::jthread thread_;
};

/// Commits documents until it is destroyed: one is added, one changed and one deleted, in turn.
class Commits {
 public:
  Commits(const std::string& path, double interval_ms)
      : database_(path, Xapian::DB_OPEN),
        like_(database_.get_document(*database_.postlist_begin({}))),
        interval_(interval_ms),
        thread_([this](const std::stop_token& stop) {
          for (auto next = Clock::now(); !stop.stop_requested(); ++made_) {
            commit();
            next = std::max(Clock::now(), next + std::chrono::duration_cast<Clock::duration>(interval_));
            std::this_thread::sleep_until(next);
          }
        }) {}

  std::uint64_t made() const { return made_; }

 private:
  using Clock = std::chrono::steady_clock;

  void commit() {
    if (made_ % 3 == 0) added_ = database_.add_document(like_);
    if (made_ % 3 == 1) database_.replace_document(added_, like_);
    if (made_ % 3 == 2) database_.delete_document(added_);
    database_.commit();
  }

  Xapian::WritableDatabase database_;
  Xapian::Document like_;
  Xapian::docid added_ = 0;
  std::chrono::duration<double, std::milli> interval_;
  std::atomic<std::uint64_t> made_ = 0;
  std::jthread thread_;
};

}  // namespace

std::vector<CommitsResult> measure_commits(const std::string& path, unsigned threads, std::uint64_t queries,
                                           const std::vector<double>& intervals_ms) {
  constexpr std::size_t kCacheBytes = std::size_t{64} << 20U;
  std::vector<CommitsResult> results;
  for (const double interval_ms : intervals_ms) {
    Readers readers(path, {.postings_cache_bytes = kCacheBytes, .filter_cache_bytes = kCacheBytes});
    std::optional<Commits> commits;
    if (interval_ms > 0) commits.emplace(path, interval_ms);
    CommitsResult& result = results.emplace_back();
    result.interval_ms = interval_ms;
    result.figures = readers.run(threads, queries);
    if (commits) result.commits = commits->made();
  }
  return results;
}

ReadersResult measure_readers(const World& world, unsigned threads, std::uint64_t queries) {
  ReadersResult result;
  const std::string path = world.copy("read");
  Readers readers(path);
  result.alone = readers.run(threads, queries / kAloneShare);
  Changes changes(world, path, result);
  result.beside = readers.run(threads, queries);
  changes.stop();
  return result;
}

}  // namespace vecterm::bench
