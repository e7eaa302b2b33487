// SPDX-License-Identifier: GPL-2.0-or-later
// Tests reading_state.cc, too.
#include <atomic>
#include <thread>

#include "index/index_pool.h"
#include "tests/support/generations.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDocuments = 200;
constexpr unsigned kReaders = 8;

/// Searches on many threads until it is destroyed. Each search must find something, and none may fail.
class Readers {
 public:
  explicit Readers(const std::string& path) : pool_(path) {
    for (unsigned i = 0; i < kReaders; ++i)
      threads_.emplace_back([this, i](const std::stop_token& stop) {
        TextQuery query;
        query.text = "w1 w2 w" + std::to_string(i + 3);
        query.mode = i % 2 == 0 ? SearchMode::kMixed : SearchMode::kVector;
        while (!stop.stop_requested()) search(query);
      });
  }

  /// Waits until each of the threads has probably searched again.
  void wait() const {
    const std::uint64_t seen = searches_;
    while (searches_ < seen + std::uint64_t{4} * kReaders) std::this_thread::yield();
  }
  std::uint64_t searches() const { return searches_; }
  std::uint64_t empty() const { return empty_; }
  std::uint64_t failed() const { return failed_; }

 private:
  void search(const TextQuery& query) {
    try {
      if (pool_.search(query).empty()) ++empty_;
    } catch (...) {
      ++failed_;
    }
    ++searches_;
  }

  IndexPool pool_;
  std::atomic<std::uint64_t> searches_ = 0;
  std::atomic<std::uint64_t> empty_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace

TEST_CASE_TEMPLATE("searches on eight threads find something through updates, activation and retirement", Has,
                   test::Words, test::NGrams) {
  const test::IndexFixture fixture(Has{});
  fixture.index(test::corpus_lines(0, kDocuments));
  const std::string db = fixture.directory / "db";
  const Readers readers(db);
  readers.wait();
  unsigned serving = 0;
  std::shared_ptr<const Dictionary> current = fixture.dictionary;
  for (std::uint64_t round = 0; round < 3; ++round) {
    current = test::moved_dictionary(*current, {1, 2, 3, 4}, round);
    reindex(db, current, test::small_reindex_batches(50));
    readers.wait();
    current = round % 2 == 0 ? test::other_dictionary(round + 10, Has{}) : test::corpus_dictionary(round + 10, Has{});
    const unsigned next = reindex(db, current, test::small_reindex_batches(50)).generation;
    activate_generation(db, next);
    readers.wait();
    retire_generation(db, serving, test::small_reindex_batches(50));
    readers.wait();
    serving = next;
  }
  MESSAGE(readers.searches() << " searches");
  CHECK(readers.failed() == 0);
  CHECK(readers.empty() == 0);
}
