// SPDX-License-Identifier: GPL-2.0-or-later
// Tests reading_state.cc, too.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "index/evaluation.h"
#include "index/index_pool.h"
#include "index/rank_tuner.h"
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

TEST_CASE("evaluation and learning go on beside a writer that commits all the time") {
  const test::IndexFixture fixture;
  fixture.index(test::corpus_lines(0, kDocuments));
  const std::string db = fixture.directory / "db";
  std::string queries, judgements;
  for (std::size_t i = 0; i < 60; ++i) {
    queries += fmt::format("{{\"_id\": \"q{}\", \"text\": \"w{} w{}\"}}\n", i, i, i + 1);
    judgements += fmt::format("q{}\td{}\t1\n", i, i);
  }
  RankTuneOptions options;
  options.queries = fixture.corpus(queries, "queries.jsonl");
  options.judgements = fixture.corpus(judgements, "qrels.tsv");
  options.start = default_profile();
  options.a_side = 20;
  options.threads = 2;
  const std::jthread writer([&](const std::stop_token& stop) {
    Xapian::WritableDatabase database(db, Xapian::DB_OPEN);
    for (std::uint64_t round = 0; !stop.stop_requested(); ++round) {
      database.set_metadata("round", std::to_string(round));
      Xapian::Document document;
      document.add_term("other");
      document.add_boolean_term(schema::id_term(std::to_string(round % 10)));
      database.replace_document(schema::id_term(std::to_string(round % 10)), document);
      database.commit();
#ifdef VECTERM_SANITIZED
      // Readers are ten times slower than they are; Xapian's writer is not.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
#endif
    }
  });
  for (int i = 0; i < 3; ++i) {
    CHECK_NOTHROW(evaluate(db, options.queries, options.judgements, {}));
    CHECK_NOTHROW(export_features(db, options, fixture.directory / "features.txt"));
    CHECK_NOTHROW(list_generations(db));
    Index index(db);
    CHECK_NOTHROW(index.read([&] { index.docid("d7"); }));
  }
}
