// SPDX-License-Identifier: GPL-2.0-or-later
// Tests index_files.cc, batch_writer.cc, corpus_pipeline.cc, corpus_stream.cc and document_builder.cc, too.
#include "index/indexer.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <optional>
#include <thread>

#include "analyzers/errors.h"
#include "index/config.h"
#include "index/index.h"
#include "index/reindex.h"
#include "index/store/database_directory.h"
#include "index/store/document_data.h"
#include "plugin/document_embedder.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;

using test::refuses;
using Fixture = test::IndexFixture;

TEST_CASE("docids, terms, positions and values are the same for any number of threads and any batch") {
  const Fixture fixture;
  const std::string lines = test::corpus_lines(0, 2500);
  const WriteReport report = fixture.index(lines, "one", test::small_batches(10000, 1));
  CHECK(report.documents == 2500);
  CHECK(report.skipped == 0);
  CHECK(report.vectors > 2400);
  const auto expected = test::stored_documents(fixture.directory / "one");
  CHECK(expected.size() == 2500);
  CHECK(expected.at(8).terms.front().term == "Qd7");
  for (const unsigned threads : {2U, 4U}) {
    const std::string name = "db" + std::to_string(threads);
    fixture.index(lines, name, test::small_batches(threads == 2 ? 10000 : 7, threads));
    CHECK(test::stored_documents(fixture.directory / name) == expected);
  }
}

TEST_CASE("a document carries words of title and text, its id, tokens, vector, metadata and data") {
  const Fixture fixture;
  fixture.index(R"({"_id":"a","title":"w1 w2","text":"w3 w1","metadata":{"section":["Red",":x","blue",""],"size":12}}
{"_id":"b","text":"nothing known"})");
  const auto documents = test::stored_documents(fixture.directory / "db");
  const test::StoredDocument& a = documents.at(1);
  using Term = test::StoredDocument::Term;
  const auto has = [](const test::StoredDocument& document, const Term& term) {
    return std::ranges::find(document.terms, term) != document.terms.end();
  };
  CHECK(has(a, {"w1", 2, {1, 104}}));
  CHECK(has(a, {"Zw3", 1, {}}));
  CHECK(has(a, {"Qa", 0, {}}));
  CHECK(has(a, {"XSECTION:Red", 0, {}}));
  CHECK(has(a, {"XSECTION::x", 0, {}}));
  CHECK(has(a, {"XSECTIONblue", 0, {}}));
  CHECK(!has(a, {"XSECTION", 0, {}}));
  CHECK(a.values.at(1) == "Red");
  CHECK(Xapian::sortable_unserialise(a.values.at(2)) == 12);
  CHECK(a.values.at(schema::kVectorSlot).size() == 1 + 2 * 8);
  CHECK(nlohmann::json::parse(a.data) == nlohmann::json{{"id", "a"}, {"title", "w1 w2"}});
  CHECK(has(documents.at(2), {new_record(*fixture.dictionary).marker(), 0, {}}));
  CHECK(documents.at(2).values.empty());
}

TEST_CASE("a document without a title shows the beginning of its text, cut between characters") {
  const Fixture fixture;
  std::string text = "x";
  for (int i = 0; i < 60; ++i) text += "é";
  fixture.index(R"({"_id":"a","text":")" + text + "\"}\n" + R"({"_id":"b","text":"short"})");
  const Xapian::Database database(fixture.directory / "db");
  CHECK(document_title(database.get_document(1)) == text.substr(0, 79));
  CHECK(document_title(database.get_document(2)) == "short");
}

TEST_CASE("the record and the dictionary are in the index, and no cursor once it is finished") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 20), "db", test::small_batches(3));
  const std::string path = fixture.directory / "db";
  const auto record = IndexRecord::read(Xapian::Database(path));
  REQUIRE(record);
  CHECK(record->dictionary == fixture.dictionary->fingerprint());
  CHECK(record->settings == test::corpus_settings());
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
  CHECK(test::read_file(dictionary_path(path, record->dictionary)) == fixture.dictionary->bytes());
}

TEST_CASE("an empty corpus makes an index that can be opened") {
  const Fixture fixture;
  CHECK(fixture.index("\n\n").documents == 0);
  CHECK(Index(fixture.directory / "db").database().get_doccount() == 0);
}

TEST_CASE("a document whose id is there already is replaced under its docid, within a run and later") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 50) + test::corpus_line(7, 2), "db", test::small_batches(20));
  fixture.index(test::corpus_line(30, 2) + test::corpus_line(50));
  const std::string once =
      test::corpus_lines(0, 7) + test::corpus_line(7, 2) + test::corpus_lines(8, 30) + test::corpus_line(30, 2);
  fixture.index(once + test::corpus_lines(31, 51), "expected");
  CHECK(test::stored_documents(fixture.directory / "db") == test::stored_documents(fixture.directory / "expected"));
  CHECK(test::stored_postings(fixture.directory / "db") == test::stored_postings(fixture.directory / "expected"));
}

TEST_CASE("several corpora are indexed one after the other, gzip or not") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 30), "expected");
  const std::vector<std::string> corpora{fixture.corpus(test::corpus_lines(0, 10), "a"),
                                         fixture.corpus(test::gzipped(test::corpus_lines(10, 20)), "b"),
                                         fixture.corpus(test::corpus_lines(20, 30), "c")};
  index_corpora(fixture.directory / "db", fixture.dictionary, corpora, test::corpus_settings());
  CHECK(test::stored_documents(fixture.directory / "db") == test::stored_documents(fixture.directory / "expected"));
}

TEST_CASE("documents before a bad line are committed, and the mended corpus goes on after them") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  const auto index_with = [&](const std::string& line) {
    return fixture.index(test::corpus_lines(0, 25) + "\n" + line + test::corpus_lines(26, 40), "db",
                         test::small_batches(10));
  };
  CHECK(refuses<DataError>([&] { index_with("{]\n"); }, "corpus.jsonl, line 27: no JSON"));
  CHECK(Xapian::Database(path).get_doccount() == 25);
  CHECK(!test::metadata_of(path, schema::kCursorKey).empty());
  const WriteReport report = index_with(test::corpus_line(25));
  CHECK(report.skipped == 25);
  CHECK(report.documents == 15);
  fixture.index(test::corpus_lines(0, 40), "expected");
  CHECK(test::stored_documents(path) == test::stored_documents(fixture.directory / "expected"));
  CHECK(test::metadata_of(path, schema::kCursorKey).empty());
}

TEST_CASE("metadata that cannot be held is refused with field, place and value") {
  const Fixture fixture;
  const auto index_metadata = [&](const std::string& metadata) {
    return [&fixture, metadata] { fixture.index(R"({"_id":"a","metadata":)" + metadata + "}"); };
  };
  CHECK(refuses<DataError>(index_metadata(R"({"size":"big"})"),
                           "line 1: metadata \"size\" must be a number; was \"big\""));
  CHECK(refuses<DataError>(index_metadata(R"({"size":"inf"})"), "must be a number"));
  CHECK(refuses<DataError>(index_metadata(R"({"section":")" + std::string(238, 'x') + "\"}"),
                           "metadata \"section\" must have at most 245 bytes; has 246"));
  CHECK(!test::message_of<DataError>(index_metadata(R"({"section":")" + std::string(237, 'x') + "\"}")).size());
}

TEST_CASE("unreadable input is refused before there is a database") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  const auto index_files = [&](const std::vector<std::string>& corpora) {
    return [&, corpora] { index_corpora(path, fixture.dictionary, corpora); };
  };
  const std::string good = fixture.corpus(test::corpus_lines(0, 5));
  CHECK_THROWS_AS(index_files({good, fixture.directory / "missing"})(), NotFound);
  CHECK_THROWS_AS(index_files({})(), InvalidArgument);
  CHECK_THROWS_AS(index_files({"-", "-"})(), InvalidArgument);
  CHECK_THROWS_AS(index_files({test::write_file(fixture.directory / "table.tsv", "\nid\ttext\n"), good})(), DataError);
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("truncated gzip commits the documents before the damage") {
  const Fixture fixture;
  const std::string whole = test::gzipped(test::corpus_lines(0, 3000));
  const std::string corpus = fixture.corpus(whole.substr(0, whole.size() / 2));
  CHECK_THROWS_AS(index_corpora(fixture.directory / "db", fixture.dictionary, {corpus}), DataError);
  CHECK(Xapian::Database(fixture.directory / "db").get_doccount() > 0);
}

TEST_CASE("a path that holds something else is refused and left alone") {
  const Fixture fixture;
  const std::string corpus = fixture.corpus(test::corpus_lines(0, 5));
  const auto index_into = [&](const std::string& path) {
    return [&fixture, &corpus, path] { index_corpora(path, fixture.dictionary, {corpus}); };
  };
  CHECK(refuses<DataError>(index_into(corpus), "is a file"));
  std::filesystem::create_directory(fixture.directory / "photos");
  test::write_file(fixture.directory / "photos/cat.jpg", "cat");
  CHECK(refuses<DataError>(index_into(fixture.directory / "photos"), "no Xapian database, and it has other files"));
  CHECK(std::distance(std::filesystem::directory_iterator(fixture.directory / "photos"), {}) == 1);
  CHECK_THROWS_AS(index_into("")(), InvalidArgument);
  std::filesystem::create_directory(fixture.directory / "empty");
  index_into(fixture.directory / "empty")();
  CHECK(Xapian::Database(fixture.directory / "empty").get_doccount() == 5);
}

TEST_CASE("what a process killed while it made the database left behind is taken over") {
  const Fixture fixture;
  const std::string lines = test::corpus_lines(0, 5);
  fixture.index(lines);
  std::filesystem::rename(fixture.directory / "db/iamglass", fixture.directory / "db/v.tmp");
  for (const auto& entry : std::filesystem::directory_iterator(fixture.directory / "db")) {
    if (entry.path().extension() == ".glass") std::filesystem::resize_file(entry.path(), 0);
    if (entry.path().filename().string().starts_with("vecterm-")) std::filesystem::remove(entry.path());
  }
  CHECK(test::message_of<DataError>([&] { Index(fixture.directory / "db"); }).starts_with("no database at"));
  CHECK(fixture.index(lines).documents == 5);
  CHECK(Xapian::Database(fixture.directory / "db").get_doccount() == 5);
}

TEST_CASE("files that a killed process was writing are removed by the next one, and no others") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 5));
  const std::string db = fixture.directory / "db/";
  const std::string dictionary = dictionary_path(fixture.directory / "db", fixture.dictionary->fingerprint());
  const std::vector<std::string> unfinished{dictionary + ".a1B2c3", db + "vecterm-0abc-7.rows.XyZ123"};
  const std::vector<std::string> others{db + "vecterm-notes.a1B2c3", db + "vecterm-0abc.rows.txt",
                                        db + "a.dict.a1B2c3"};
  for (const auto& names : {unfinished, others})
    for (const std::string& name : names) test::write_file(name, "half");
  delete_documents(fixture.directory / "db", {"d1"});
  for (const std::string& name : unfinished) CHECK(!std::filesystem::exists(name));
  for (const std::string& name : others) CHECK(std::filesystem::exists(name));
  CHECK(std::filesystem::exists(dictionary));
}

TEST_CASE("an index of another dictionary is refused with what to do") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 5));
  const auto other = test::corpus_dictionary(2);
  const std::string path = fixture.directory / "db";
  const auto call = [&] { index_corpora(path, other, {fixture.directory / "corpus.jsonl"}); };
  CHECK(refuses<WrongDictionary>(call, fixture.dictionary->fingerprint()));
  CHECK(refuses<WrongDictionary>(call, other->fingerprint()));
  CHECK(refuses<WrongDictionary>(call, "vecterm reindex"));
  CHECK_THROWS_AS(embed_index(path, other), WrongDictionary);
}

TEST_CASE("other settings than the index's are refused, and no settings mean the index's") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  fixture.index(test::corpus_lines(0, 5));
  const std::string more = fixture.corpus(test::corpus_lines(5, 10));
  CHECK(refuses<InvalidArgument>([&] { index_corpora(path, fixture.dictionary, {more}, AnalyzerSettings()); },
                                 "settings must be those that the index"));
  index_corpora(path, fixture.dictionary, {more});
  CHECK(test::stored_documents(path).at(6).values.contains(1));
}

TEST_CASE("options out of range are refused with the bound and the value") {
  const Fixture fixture;
  WriteOptions options;
  options.threads = 1025;
  CHECK(refuses<InvalidArgument>([&] { fixture.index("", "db", options); }, "threads must be in [0, 1024]; was 1025"));
  options = {};
  options.batch = 0;
  CHECK(refuses<InvalidArgument>([&] { fixture.index("", "db", options); }, "batch must be in [1, 10000000]; was 0"));
  CHECK(!std::filesystem::exists(fixture.directory / "db"));
}

TEST_CASE("a second writer is refused by Xapian's lock") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 5));
  const Xapian::WritableDatabase other(fixture.directory / "db", Xapian::DB_OPEN);
  const std::string db = fixture.directory / "db";
  const WriteOptions at_once{.lock_seconds = 0};
  CHECK_THROWS_AS(fixture.index(test::corpus_lines(5, 6), "db", at_once), Xapian::DatabaseLockError);
  CHECK_THROWS_AS(embed_index(db, fixture.dictionary, {}, {.write = at_once}), Xapian::DatabaseLockError);
  CHECK_THROWS_AS(delete_documents(db, {"d1"}, at_once), Xapian::DatabaseLockError);
}

TEST_CASE("every writer waits while somebody else writes") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 5));
  const std::string db = fixture.directory / "db";
  const auto beside_another = [&](const std::function<void()>& write) {
    auto other = std::make_optional<Xapian::WritableDatabase>(db, Xapian::DB_OPEN);
    std::jthread done([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      other.reset();
    });
    CHECK_NOTHROW(write());
  };
  beside_another([&] { fixture.index(test::corpus_lines(5, 6)); });
  beside_another([&] { embed_index(db, fixture.dictionary); });
  beside_another([&] { CHECK(delete_documents(db, {"d1"}) == 1); });
  beside_another([&] { store_profiles(db, {{"recent", default_profile()}}); });
}

TEST_CASE("with too little disk space nothing is begun") {
  const Fixture fixture;
  WriteOptions options;
  options.min_free_bytes = std::numeric_limits<std::uint64_t>::max();
  const auto call = [&] { fixture.index(test::corpus_lines(0, 5), "db", options); };
  CHECK(refuses<DiskError>(call, "min_free_bytes is 18446744073709551615"));
  CHECK(!std::filesystem::exists(fixture.directory / "db"));
  fixture.index(test::corpus_lines(0, 5));
  const auto before = test::stored_documents(fixture.directory / "db");
  CHECK_THROWS_AS(fixture.index(test::corpus_lines(3, 9, 2), "db", options), DiskError);
  CHECK(test::stored_documents(fixture.directory / "db") == before);
}

TEST_CASE("a disk that fills up is a DiskError, and the last commit stays") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 5));
  const auto before = test::stored_documents(fixture.directory / "db");
  rlimit old{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const std::string lines = test::corpus_lines(5, 2000);
  const std::string corpus = fixture.corpus(lines);
  const rlimit small{96 << 10, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = test::message_of<DiskError>(
      [&] { index_corpora(fixture.directory / "db", fixture.dictionary, {corpus}, test::corpus_settings()); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  CHECK(message.find("what was committed before is intact") != std::string::npos);
  CHECK(test::stored_documents(fixture.directory / "db") == before);
}

TEST_CASE("progress runs up to the end, and throwing there cancels") {
  const Fixture fixture;
  const std::string corpus = fixture.corpus(test::corpus_lines(0, 20000));
  double last = 0;
  index_corpora(fixture.directory / "db", fixture.dictionary, {corpus}, {}, {}, [&](const Progress& progress) {
    CHECK(progress.step == "indexing");
    CHECK(progress.done >= last);
    CHECK(progress.done <= 1);
    last = progress.done;
  });
  CHECK(last > 0);
  struct Cancelled {};
  const auto cancel = [](const Progress&) { throw Cancelled(); };
  CHECK_THROWS_AS(index_corpora(fixture.directory / "other", fixture.dictionary, {corpus}, {}, {}, cancel), Cancelled);
  CHECK(Xapian::Database(fixture.directory / "other").get_doccount() == 0);
}

TEST_CASE("deleting removes documents with all their terms and says how many there were") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 20));
  const std::string path = fixture.directory / "db";
  CHECK(delete_documents(path, {"d3", "d19", "d3", "nobody", "", std::string(300, 'x')}) == 2);
  const auto documents = test::stored_documents(path);
  CHECK(documents.size() == 18);
  CHECK(!documents.contains(4));
  CHECK(!test::stored_postings(path).contains("Qd3"));
  CHECK(delete_documents(path, {"d3"}) == 0);
  CHECK(fixture.index(test::corpus_line(3)).documents == 1);
  CHECK(test::stored_documents(path).at(21).terms.front().term == "Qd3");
}

TEST_CASE("deleting needs a database") {
  const Fixture fixture;
  CHECK(refuses<DataError>([&] { delete_documents(fixture.directory / "db", {"a"}); }, "no database at"));
  CHECK(!std::filesystem::exists(fixture.directory / "db"));
}
