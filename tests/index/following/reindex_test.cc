// SPDX-License-Identifier: GPL-2.0-or-later
// Tests edit_batches.cc, reindexer.cc and write_options.cc, too.
#include "index/reindex.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "analyzers/errors.h"
#include "analyzers/words/dictionary_difference.h"
#include "index/index.h"
#include "index/store/database_directory.h"
#include "index/store/vector_table.h"
#include "plugin/document_embedder.h"
#include "tests/support/generations.h"

using namespace vecterm;
using test::moved_dictionary;
using test::refuses;
using test::small_reindex_batches;
using Kind = ReindexReport::Kind;

namespace {

constexpr std::size_t kDocuments = 400;

/// An index of the fixture's dictionary, and what others are compared with.
struct Fixture : test::IndexFixture {
  explicit Fixture(test::Entries has = test::Entries::kWords) : IndexFixture(has) {
    index(test::corpus_lines(0, kDocuments));
  }

  std::string db() const { return directory / "db"; }
  /// The same corpus, indexed with another dictionary from the beginning.
  std::string fresh(const std::shared_ptr<const Dictionary>& with, const std::string& name = "fresh") const {
    index_corpora(directory / name, with, {directory / "corpus.jsonl"}, test::corpus_settings());
    return directory / name;
  }
};

void check_same(const std::string& path, const std::string& expected) {
  CHECK(test::stored_documents(path) == test::stored_documents(expected));
  CHECK(test::stored_postings(path) == test::stored_postings(expected));
  CHECK(test::metadata_of(path, schema::kIndexKey) == test::metadata_of(expected, schema::kIndexKey));
  CHECK(test::metadata_of(path, schema::kUpdateKey).empty());
  CHECK(test::metadata_of(path, schema::kChangedKey).empty());
}

std::uint64_t revision(const std::string& path) { return Xapian::Database(path).get_revision(); }

/// Starts an update in a process that is killed when it has gone through some documents.
void update_in_part(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ReindexOptions slow = small_reindex_batches(20, 1);
    slow.rate = 20;
    reindex(path, dictionary, slow);
    _exit(0);
  }
  const auto has_begun = [&] {
    const std::string update = test::metadata_of(path, schema::kUpdateKey);
    return !update.empty() && update.find("\"next\":1,") == std::string::npos;
  };
  while (!has_begun()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE_TEMPLATE("an update gives bit for bit what indexing anew gives, whatever changes and in whatever batches",
                   Has, test::Words, test::NGrams, test::Hashed) {
  test::Random random(5);
  for (const std::uint32_t batch : {1U, 37U, 10000U}) {
    const Fixture fixture(Has{});
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < batch % 10 + 1; ++i) numbers.push_back(random.below(test::kVocabulary));
    const auto moved = moved_dictionary(*fixture.dictionary, numbers, batch);
    const ReindexReport report = reindex(fixture.db(), moved, small_reindex_batches(batch));
    CHECK(report.kind == Kind::kUpdate);
    CHECK(report.words_moved > 0);
    CHECK(report.sidecar);
    check_same(fixture.db(), fixture.fresh(moved));
  }
}

TEST_CASE_TEMPLATE("words that come and go change their documents, and documents without a vector get and lose one",
                   Has, test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  fixture.index(test::corpus_lines(0, kDocuments) + R"({"_id":"only","text":"w63 w63"})"
                                                    "\n");
  std::vector<std::string> words{"w63", "w64"};
  for (std::size_t i = 10; i < test::kVocabulary; ++i) words.push_back("w" + std::to_string(i));
  const auto changed = test::dictionary_with(words, fixture.dictionary->shared_hash_space(), 4, Has{});
  const ReindexReport report = reindex(fixture.db(), changed);
  CHECK(report.words_added == 2);
  CHECK(report.words_removed == 10);
  const auto expected = fixture.fresh(changed);
  check_same(fixture.db(), expected);
  reindex(fixture.db(), fixture.dictionary);
  check_same(fixture.db(), fixture.fresh(fixture.dictionary, "back"));
}

TEST_CASE("only documents with a changed word are computed, and those whose embedding stays are not written") {
  const Fixture fixture;
  const auto moved = moved_dictionary(*fixture.dictionary, {17});
  const Xapian::Database before(fixture.db());
  CHECK(reindex(fixture.db(), moved).documents == before.get_termfreq("w17"));

  CHECK(difference(*fixture.dictionary, *moved).moved == std::vector<std::string>{"w17"});
  // The same rows, only counted otherwise.
  DictionaryContents contents = moved->contents();
  for (std::uint64_t& count : contents.counts) ++count;
  const auto recounted = Dictionary::parse(serialise_dictionary(contents));
  const ReindexReport report = reindex(fixture.db(), recounted);
  CHECK(report.documents == 0);
  check_same(fixture.db(), fixture.fresh(recounted));
}

TEST_CASE_TEMPLATE("an update that was killed goes on without its dictionary file", Has, test::Words, test::NGrams,
                   test::Hashed) {
  const Fixture fixture(Has{});
  const auto moved = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  update_in_part(fixture.db(), moved);
  CHECK(IndexRecord::read(Xapian::Database(fixture.db()))->dictionary == moved->fingerprint());
  CHECK(list_generations(fixture.db()).front().updated.value_or(1) < 1);
  const ReindexReport report = reindex(fixture.db(), nullptr);
  CHECK(report.kind == Kind::kCurrent);
  CHECK(report.documents > 0);
  check_same(fixture.db(), fixture.fresh(moved));
}

TEST_CASE("files that a run killed after its last commit did not come to are seen to by the next") {
  const Fixture fixture;
  const auto moved = moved_dictionary(*fixture.dictionary, {1});
  reindex(fixture.db(), moved);
  const std::string before = dictionary_path(fixture.db(), fixture.dictionary->fingerprint());
  const auto sidecar = [&] {
    const Xapian::Database database(fixture.db());
    return VectorTable::open(fixture.db(), database, DocumentEmbedder(moved, *IndexRecord::read(database)));
  };
  CHECK(sidecar() != nullptr);
  for (const auto& entry : std::filesystem::directory_iterator(fixture.db()))
    if (entry.path().extension() == schema::kSidecarFileSuffix) std::filesystem::remove(entry.path());
  test::write_file(before, std::string(fixture.dictionary->bytes()));
  const ReindexReport report = reindex(fixture.db(), moved);
  CHECK(report.documents == 0);
  CHECK(report.sidecar);
  CHECK(sidecar() != nullptr);
  CHECK(!std::filesystem::exists(before));
}

TEST_CASE_TEMPLATE("an update that comes before the last one is through does both", Has, test::Words, test::NGrams,
                   test::Hashed) {
  const Fixture fixture(Has{});
  const auto first = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  const auto second = moved_dictionary(*first, {3, 4}, 8);
  update_in_part(fixture.db(), first);
  reindex(fixture.db(), second, small_reindex_batches(50));
  check_same(fixture.db(), fixture.fresh(second));
}

TEST_CASE_TEMPLATE("a new hash space that comes before an update is through waits for it", Has, test::Words,
                   test::NGrams) {
  const Fixture fixture(Has{});
  const auto moved = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  update_in_part(fixture.db(), moved);
  CHECK(reindex(fixture.db(), test::other_dictionary(3, Has{})).kind == Kind::kGeneration);
  retire_generation(fixture.db(), 1);
  check_same(fixture.db(), fixture.fresh(moved));
}

TEST_CASE_TEMPLATE("where the dictionary before is missing, all documents are computed again", Has, test::Words,
                   test::NGrams) {
  const Fixture fixture(Has{});
  std::filesystem::remove(dictionary_path(fixture.db(), fixture.dictionary->fingerprint()));
  const auto moved = moved_dictionary(*fixture.dictionary, {1});
  const ReindexReport report = reindex(fixture.db(), moved);
  CHECK(report.everywhere);
  CHECK(report.documents == kDocuments);
  check_same(fixture.db(), fixture.fresh(moved));
}

TEST_CASE("from an update's beginning on, writers with the dictionary before are refused") {
  const Fixture fixture;
  const DocumentEmbedder before(fixture.dictionary, new_record(*fixture.dictionary, test::corpus_settings()));
  before.check_is_current(Xapian::Database(fixture.db()));
  const auto moved = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  update_in_part(fixture.db(), moved);
  CHECK(refuses<Conflict>([&] { before.check_is_current(Xapian::Database(fixture.db())); }, moved->fingerprint()));
  CHECK(refuses<DataError>([&] { fixture.index(test::corpus_lines(0, 3)); }, "vecterm reindex"));
}

TEST_CASE_TEMPLATE("a plan says what re-indexing then does, and writes nothing", Has, test::Words, test::NGrams,
                   test::Hashed) {
  const Fixture fixture(Has{});
  {
    Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
    Xapian::Document document;
    document.add_term("w1");
    database.add_document(document);
  }
  for (const auto& dictionary : {moved_dictionary(*fixture.dictionary, {1, 2, 3}), test::other_dictionary(3, Has{}),
                                 std::shared_ptr<const Dictionary>()}) {
    const std::uint64_t before = revision(fixture.db());
    const ReindexReport plan = plan_reindex(fixture.db(), dictionary);
    CHECK(revision(fixture.db()) == before);
    const ReindexReport done = reindex(fixture.db(), dictionary);
    CHECK(plan.kind == done.kind);
    CHECK(plan.words_moved == done.words_moved);
    CHECK(plan.documents == done.documents);
    CHECK(plan.edited == done.edited);
    CHECK(plan.bytes == done.bytes);
    CHECK(plan.tokens_added == done.tokens_added);
    CHECK(plan.tokens_removed == done.tokens_removed);
  }
}

TEST_CASE_TEMPLATE("where there is nothing to do, nothing is written", Has, test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const std::uint64_t before = revision(fixture.db());
  CHECK(reindex(fixture.db(), fixture.dictionary).documents == 0);
  CHECK(reindex(fixture.db(), nullptr).documents == 0);
  CHECK(revision(fixture.db()) == before);
}

TEST_CASE("vectors of a host's own named space are left alone") {
  const Fixture fixture;
  {
    Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      Xapian::Document document = database.get_document(docid);
      document.add_boolean_term("XIMG5abc_00_1");
      document.add_boolean_term("XIMGM5abc");
      document.add_boolean_term("XLSHIMG5abc_00_1");  // a longer prefix than ours
      document.add_value(2001, "an image's vector");
      database.replace_document(docid, document);
    }
  }
  reindex(fixture.db(), moved_dictionary(*fixture.dictionary, {1, 2, 3}));
  reindex(fixture.db(), test::other_dictionary());
  activate_generation(fixture.db(), 1);
  retire_generation(fixture.db(), 0);
  const Xapian::Database database(fixture.db());
  for (const char* term : {"XIMG5abc_00_1", "XIMGM5abc", "XLSHIMG5abc_00_1"})
    CHECK(database.get_termfreq(term) == kDocuments);
  CHECK(database.get_value_freq(2001) == kDocuments);
}

TEST_CASE_TEMPLATE("a collection of several databases follows as a whole", Has, test::Words, test::NGrams) {
  const Fixture fixture(Has{});
  index_corpora(fixture.directory / "second", fixture.dictionary,
                {fixture.corpus(test::corpus_lines(1000, 1100), "more.jsonl")}, test::corpus_settings());
  const std::string stub = test::write_file(fixture.directory / "stub", "auto db\nauto second\n");
  Index index(stub);
  TextQuery query;
  query.text = "w1 w2 w3";
  CHECK(!index.search(query).empty());
  const auto moved = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  reindex(stub, moved);
  check_same(fixture.db(), fixture.fresh(moved));
  CHECK(Index(stub).record().dictionary == moved->fingerprint());
  CHECK(!index.search(query).empty());
  reindex(stub, test::other_dictionary(3, Has{}));
  activate_generation(stub, 1);
  CHECK(list_generations(stub).front().all_documents == kDocuments + 100);
  CHECK(Index(stub).record().generation == 1);
  CHECK(!index.search(query).empty());
}

TEST_CASE("databases of a collection that differ are refused, with what to do") {
  const Fixture fixture;
  index_corpora(fixture.directory / "second", test::other_dictionary(), {fixture.directory / "corpus.jsonl"});
  const std::string stub = test::write_file(fixture.directory / "stub", "auto db\nauto second\n");
  CHECK(refuses<DataError>([&] { Index index(stub); }, "finish what was begun"));
}

TEST_CASE("while an index is watched, documents of other programs are embedded") {
  const Fixture fixture;
  std::atomic<bool> go_on = true;
  std::atomic<std::uint64_t> embedded = 0;
  std::jthread watching([&] {
    watch_index(
        fixture.db(), {}, std::chrono::milliseconds(5), [&] { return go_on.load(); },
        [&](const ReindexReport& report) { embedded += report.edited; });
  });
  for (int i = 0; i < 5; ++i) {
    // Opened for a moment only, as the watcher writes too.
    while (true) try {
        Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
        Xapian::Document document;
        document.add_term("w" + std::to_string(i));
        database.add_document(document);
        database.commit();
        break;
      } catch (const Xapian::DatabaseLockError&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (embedded < 5 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  go_on = false;
  watching.join();
  CHECK(embedded == 5);
  CHECK(Xapian::Database(fixture.db()).get_termfreq(new_record(*fixture.dictionary).marker()) == kDocuments + 5);
}

TEST_CASE("what is written while a watcher has just embedded something is not overlooked") {
  const Fixture fixture;
  const auto add_plain_document = [&] {
    Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
    Xapian::Document document;
    document.add_term("w1");
    database.add_document(document);
    database.commit();
  };
  add_plain_document();
  std::uint64_t embedded = 0;
  int looks = 0;
  watch_index(
      fixture.db(), {}, std::chrono::milliseconds(1), [&] { return embedded < 2 && ++looks < 100; },
      [&](const ReindexReport& report) {
        if (embedded == 0) add_plain_document();
        embedded += report.edited;
      });
  CHECK(embedded == 2);
}

TEST_CASE("watching outlasts a database that is away for a while, and ends where it does not come back") {
  const Fixture fixture;
  const std::string aside = fixture.db() + ".aside";
  ReindexOptions options;
  std::uint64_t looks = 0;
  const auto look = [&] {
    if (++looks == 3) std::filesystem::rename(fixture.db(), aside);
    if (looks == 20) std::filesystem::rename(aside, fixture.db());
    return looks < 40;
  };
  const auto watch = [&] {
    watch_index(fixture.db(), options, std::chrono::milliseconds(1), look, [](const auto&) {});
  };
  CHECK_NOTHROW(watch());
  CHECK(looks == 40);
  options.write.lock_seconds = 0;
  looks = 0;
  CHECK_THROWS_AS(watch(), NotFound);
  CHECK(looks == 3);
}

TEST_CASE_TEMPLATE("others write between the batches, and their documents are right in the end", Has, test::Words,
                   test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const auto moved = moved_dictionary(*fixture.dictionary, {1, 2, 3});
  std::atomic<bool> go_on = true;
  std::uint64_t written = 0;
  std::jthread host([&] {
    while (go_on) try {
        Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
        const IndexRecord record = *IndexRecord::read(database);
        const auto current = record.dictionary == moved->fingerprint() ? moved : fixture.dictionary;
        const DocumentEmbedder embedder(current, record);
        Xapian::Document document;
        document.add_term("w" + std::to_string(written % test::kVocabulary));
        embedder.apply(document);
        database.replace_document(static_cast<Xapian::docid>(1 + written * 7 % kDocuments), document);
        database.commit();
        ++written;
      } catch (const Xapian::DatabaseLockError&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
  });
  reindex(fixture.db(), moved, small_reindex_batches(20));
  go_on = false;
  host.join();
  MESSAGE(written << " documents of the host");
  CHECK(written > 0);
  const Xapian::Database database(fixture.db());
  const DocumentEmbedder expected(moved, *IndexRecord::read(database));
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid)
    CHECK(expected.change(database.get_document(*docid)).empty());
}

TEST_CASE("while somebody else writes, re-indexing waits as long as it may") {
  const Fixture fixture;
  const auto moved = moved_dictionary(*fixture.dictionary, {1});
  ReindexOptions options;
  options.write.lock_seconds = 0.05;
  auto held = std::make_unique<Xapian::WritableDatabase>(fixture.db(), Xapian::DB_OPEN);
  CHECK_THROWS_AS(reindex(fixture.db(), moved, options), Xapian::DatabaseLockError);
  options.write.lock_seconds = 60;
  const std::jthread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    held.reset();
  });
  reindex(fixture.db(), moved, options);
  check_same(fixture.db(), fixture.fresh(moved));
}

TEST_CASE("numbers out of their range are refused") {
  const Fixture fixture;
  ReindexOptions options;
  options.rate = -1;
  CHECK(refuses<InvalidArgument>([&] { reindex(fixture.db(), nullptr, options); }, "rate must be in [0, "));
  options = {};
  options.write.lock_seconds = std::nan("");
  CHECK(refuses<InvalidArgument>([&] { reindex(fixture.db(), nullptr, options); }, "lock_seconds must be in"));
  options = {};
  options.write.batch = 0;
  CHECK(refuses<InvalidArgument>([&] { reindex(fixture.db(), nullptr, options); }, "batch must be in"));
}
