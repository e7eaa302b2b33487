// SPDX-License-Identifier: GPL-2.0-or-later
// Tests write_transaction.cc, disk_errors.cc, too.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "analyzers/errors.h"
#include "index/indexer.h"
#include "index/reindex.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDocuments = 1500;

pid_t start_child(const std::function<void()>& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child != 0) return child;
  try {
    work();
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

// Whether the child came to its end; otherwise it was killed.
bool is_finished(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

// Runs work until it is finished, killing it at random moments. Returns how often it was killed.
int run_through_kills(const std::function<void()>& work, std::chrono::microseconds uninterrupted,
                      test::Random& random) {
  for (int kills = 0;; ++kills) {
    const pid_t child = start_child(work);
    // Later runs are left more time, so that the end is reached on a slow machine too.
    const auto percent = 1 + random.below(40 + 10 * static_cast<std::size_t>(kills));
    std::this_thread::sleep_for(uninterrupted * percent / 100);
    kill(child, SIGKILL);
    if (is_finished(child)) return kills;
  }
}

void check_same(const std::string& path, const std::string& expected) {
  CHECK(test::stored_documents(path) == test::stored_documents(expected));
  CHECK(test::stored_postings(path) == test::stored_postings(expected));
  CHECK(test::metadata_of(path, schema::kIndexKey) == test::metadata_of(expected, schema::kIndexKey));
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
  CHECK(Xapian::Database::check(path) == 0);
}

class Fixture {
 public:
  Fixture() {
    corpus = test::write_file(directory / "corpus.jsonl", lines());
    const auto start = std::chrono::steady_clock::now();
    index("expected");
    uninterrupted = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  }

  // Some ids come twice.
  static std::string lines() {
    return test::corpus_lines(0, kDocuments / 2) + test::corpus_lines(100, 150, 2) +
           test::corpus_lines(kDocuments / 2, kDocuments);
  }

  WriteReport index(const std::string& name) const {
    return index_corpora(directory / name, dictionary, {corpus}, test::corpus_settings(), test::small_batches(40));
  }

  // Stops at a line near the end, which is then mended.
  void index_up_to_bad_line(const std::string& name) {
    test::write_file(corpus, test::corpus_lines(0, 1000) + "{]\n");
    CHECK_THROWS_AS(index(name), DataError);
    test::write_file(corpus, lines());
  }

  test::TemporaryDirectory directory;
  std::shared_ptr<const Dictionary> dictionary = test::corpus_dictionary();
  std::string corpus;
  std::chrono::microseconds uninterrupted{};
};

}  // namespace

TEST_CASE("an indexing run that is killed again and again ends as one that never was") {
  const Fixture fixture;
  test::Random random(20);
  int kills = 0;
  for (int round = 0; round < 3; ++round) {
    const std::string name = "killed" + std::to_string(round);
    kills += run_through_kills([&] { fixture.index(name); }, fixture.uninterrupted, random);
    check_same(fixture.directory / name, fixture.directory / "expected");
  }
  MESSAGE(kills << " kills");
  CHECK(kills > 0);
}

TEST_CASE("an embedding run that is killed again and again ends as one that never was") {
  const Fixture fixture;
  test::Random random(30);
  const auto build = [&](const std::string& name) {
    Xapian::WritableDatabase database(fixture.directory / name, Xapian::DB_CREATE);
    Xapian::TermGenerator generator;
    for (std::size_t i = 0; i < kDocuments; ++i) {
      Xapian::Document document;
      generator.set_document(document);
      generator.index_text(test::corpus_line(i));
      database.add_document(document);
    }
  };
  const auto embed = [&](const std::string& name) {
    embed_index(fixture.directory / name, fixture.dictionary, std::nullopt, {.write = test::small_batches(40)});
  };
  build("whole");
  embed("whole");
  build("killed");
  const int kills = run_through_kills([&] { embed("killed"); }, fixture.uninterrupted, random);
  MESSAGE(kills << " kills");
  check_same(fixture.directory / "killed", fixture.directory / "whole");
}

TEST_CASE("an interrupted run goes on after its last commit") {
  Fixture fixture;
  const std::string lines = test::corpus_lines(0, 1000);
  test::write_file(fixture.corpus, lines + "{]\n");
  CHECK_THROWS_AS(fixture.index("db"), DataError);
  test::write_file(fixture.corpus, lines + test::corpus_line(1000));
  const WriteReport report = fixture.index("db");
  CHECK(report.skipped == 1000);
  CHECK(report.documents == 1);
}

TEST_CASE("an interrupted run starts over where the input has changed, even by one document or by its length") {
  const std::string one_differs = test::corpus_line(0, 9) + test::corpus_lines(1, 1200);
  for (const std::string& changed : {one_differs, test::corpus_lines(0, 999), test::corpus_lines(1, 1200)}) {
    Fixture fixture;
    fixture.index_up_to_bad_line("db");
    test::write_file(fixture.corpus, changed);
    CHECK(fixture.index("db").skipped == 0);
    CHECK(test::metadata_of(fixture.directory / "db", schema::kCursorKey).empty());
    fixture.index("fresh");
    std::map<std::string, test::StoredDocument> by_id;
    for (const auto& [docid, document] : test::stored_documents(fixture.directory / "db"))
      by_id[document.terms.front().term] = document;
    for (const auto& [docid, document] : test::stored_documents(fixture.directory / "fresh"))
      CHECK(by_id[document.terms.front().term] == document);
  }
}

TEST_CASE("what is no cursor is ignored, and deleting and embedding remove one") {
  Fixture fixture;
  fixture.index_up_to_bad_line("db");
  const std::string path = fixture.directory / "db";
  CHECK(delete_documents(path, {"nobody"}) == 0);
  CHECK(!test::metadata_of(path, schema::kCursorKey).empty());
  CHECK(delete_documents(path, {"d999"}) == 1);
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
  for (const std::string cursor : {"x", "[]", "{\"lines\":-1}", "{\"lines\":3,\"checksum\":\"00\"}"}) {
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN);
    database.set_metadata(std::string(schema::kCursorKey), cursor);
    database.close();
    CHECK(fixture.index("db").skipped == 0);
  }
  fixture.index_up_to_bad_line("db");
  embed_index(path, fixture.dictionary);
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
}

TEST_CASE("standard input is indexed from its beginning, without a cursor") {
  const Fixture fixture;
  const std::string path = fixture.directory / "piped";
  CHECK(is_finished(start_child([&] {
    if (freopen(fixture.corpus.c_str(), "r", stdin) == nullptr) throw std::runtime_error("freopen");
    index_corpora(path, fixture.dictionary, {"-"}, test::corpus_settings(), test::small_batches(40));
  })));
  CHECK(test::stored_documents(path) == test::stored_documents(fixture.directory / "expected"));

  CHECK(is_finished(start_child([&] {
    std::ofstream(fixture.directory / "bad") << test::corpus_lines(0, 100) << "{]\n";
    if (freopen((fixture.directory / "bad").c_str(), "r", stdin) == nullptr) throw std::runtime_error("freopen");
    try {
      index_corpora(path, fixture.dictionary, {"-"}, test::corpus_settings(), test::small_batches(40));
    } catch (const DataError&) {
      return;
    }
    throw std::runtime_error("the bad line was not refused");
  })));
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
}

TEST_CASE("a pipe is read once, from its beginning to its end") {
  Fixture fixture;
  fixture.index_up_to_bad_line("db");
  const std::string pipe = fixture.directory / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const std::jthread writer([&] { std::ofstream(pipe) << Fixture::lines(); });
  const WriteReport report = index_corpora(fixture.directory / "db", fixture.dictionary, {pipe});
  CHECK(report.skipped == 0);
  CHECK(report.documents == kDocuments + 50);
}
