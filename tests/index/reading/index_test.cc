// SPDX-License-Identifier: GPL-2.0-or-later
// Tests text_query.cc and text_request.cc, too.
#include "index/index.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "analyzers/errors.h"
#include "index/index_pool.h"
#include "index/store/database_directory.h"
#include "index/store/document_data.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;
using test::refuses;

namespace {

class Fixture {
 public:
  explicit Fixture(const std::string& lines = test::corpus_lines(0, 200)) { add(lines); }

  void add(const std::string& lines) const {
    const std::string corpus = test::write_file(directory / "corpus.jsonl", lines);
    index_corpora(path, dictionary, {corpus}, test::corpus_settings());
  }

  test::TemporaryDirectory directory;
  std::string path = directory / "db";
  std::shared_ptr<const Dictionary> dictionary = test::corpus_dictionary();
};

TextQuery text_query(const std::string& text, SearchMode mode = SearchMode::kMixed) {
  TextQuery query;
  query.text = text;
  query.mode = mode;
  return query;
}

std::vector<std::string> ids(const std::vector<TextHit>& hits) {
  std::vector<std::string> result;
  for (const TextHit& hit : hits) result.push_back(hit.id);
  return result;
}

std::string opening_error(const std::string& path) {
  return test::message_of<DataError>([&] { const Index index(path); });
}

/// How long it takes to find out that an index cannot be opened, in milliseconds.
template <class Kind>
double failing_ms(const std::string& path) {
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(Index{path}, Kind);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("modes are spelled words, vector and mixed") {
  CHECK(search_mode("words") == SearchMode::kWords);
  CHECK(search_mode("vector") == SearchMode::kVector);
  CHECK(search_mode("mixed") == SearchMode::kMixed);
  CHECK(test::message_of<InvalidArgument>([] { search_mode("hybrid"); }) ==
        "mode must be \"words\", \"vector\" or \"mixed\"; was \"hybrid\"");
}

TEST_CASE("a search by words, by vector and by both gives ids, titles, scores and shared tokens") {
  const Fixture fixture(R"({"_id":"a","title":"w1 w2","text":"w3"}
{"_id":"b","text":"w4 w5"}
{"_id":"c","text":"stones"})");
  Index index(fixture.path);
  const auto words = index.search(text_query("w1 w2 w3", SearchMode::kWords));
  REQUIRE(words.size() == 1);
  CHECK(words[0].id == "a");
  CHECK(words[0].title == "w1 w2");
  CHECK(words[0].hit.docid == 1);
  CHECK(words[0].hit.bm25 > 0);
  CHECK(words[0].tokens.empty());

  TextQuery by_vector = text_query("w1 w2 w3", SearchMode::kVector);
  by_vector.tokens = true;
  const auto vector = index.search(by_vector);
  REQUIRE(vector.size() == 2);
  CHECK(vector[0].id == "a");
  CHECK(vector[0].hit.cosine > 0.999);
  CHECK(vector[0].hit.bm25 == 0);
  CHECK(vector[0].tokens.size() == 2);
  CHECK(vector[0].tokens[0].term.starts_with("XLSH"));

  const auto mixed = index.search(text_query("w1 w2 w3"));
  CHECK(ids(mixed) == std::vector<std::string>{"a", "b"});
  CHECK(mixed[0].hit.bm25 == doctest::Approx(words[0].hit.bm25).epsilon(1e-12));
  CHECK(mixed[0].hit.cosine == vector[0].hit.cosine);
}

TEST_CASE("a text without known words finds nothing by vector, and words alone still work") {
  const Fixture fixture(R"({"_id":"c","text":"stones"})");
  Index index(fixture.path);
  CHECK(index.search(text_query("stones", SearchMode::kVector)).empty());
  CHECK(index.search(text_query("stones")).size() == 1);
  CHECK_THROWS_AS(index.search(text_query("...")), InvalidArgument);
}

TEST_CASE("filters are joined by AND and lose nothing that matches") {
  const Fixture fixture;
  Index index(fixture.path);
  TextQuery query = text_query("w1 w2 w3", SearchMode::kVector);
  query.k = 1000;
  query.filters = {"section:s1"};
  const auto filtered = index.search(query);
  CHECK(filtered.size() == 50);
  for (const TextHit& hit : filtered) CHECK(hit.hit.docid % 4 == 2);
  query.filters = {"section:s1", "Qd5"};
  CHECK(ids(index.search(query)) == std::vector<std::string>{"d5"});
  query.filters = {"section:s1", "section:s2"};
  CHECK(index.search(query).empty());
  query.filters = {""};
  CHECK_THROWS_AS(index.search(query), InvalidArgument);
}

TEST_CASE("filters are bounded, and as many as are allowed lie beside each other") {
  const Fixture fixture;
  Index index(fixture.path);
  TextQuery query = text_query("w1 w2 w3", SearchMode::kVector);
  query.filters.assign(kMaxQueryFilters, "section:s1");
  CHECK(index.request(query).filter.get_num_subqueries() == kMaxQueryFilters);
  CHECK(index.search(query).size() == 10);
  query.filters.resize(100000, "section:s1");
  CHECK(test::message_of<InvalidArgument>([&] { index.search(query); }) == "filters must be at most 1000; were 100000");
}

TEST_CASE("operators are taken from the text only where they are asked for") {
  const Fixture fixture(R"({"_id":"a","text":"w1 w2"}
{"_id":"b","text":"w1 and not w3"})");
  Index index(fixture.path);
  TextQuery query = text_query("w1 AND NOT w3", SearchMode::kWords);
  CHECK(ids(index.search(query)) == std::vector<std::string>{"a"});
  query.operators = false;
  CHECK(ids(index.search(query)) == std::vector<std::string>{"b", "a"});
}

TEST_CASE("parts of a query that are looked for by meaning rank in place of its words' meaning") {
  const Fixture fixture(R"({"_id":"a","text":"w1 w2"}
{"_id":"b","text":"w7 w8 stones"}
{"_id":"c","text":"w7 w8 gravel"})");
  Index index(fixture.path);
  CHECK(ids(index.search(text_query("~\"w8 w7\" -stones"))).front() == "c");
  CHECK(ids(index.search(text_query("~\"w8 w7\" -stones"))).size() == 2);
  CHECK(index.request(text_query("w1 ~\"w8 w7\"")).vector == index.request(text_query("w7 w8")).vector);
  CHECK(index.request(text_query("w1 AND NOT w2")).vector == index.request(text_query("w1")).vector);
  CHECK(ids(index.search(text_query("like:c"))) == std::vector<std::string>{"b", "a"});
  const auto error = [&](const std::string& text, SearchMode mode = SearchMode::kMixed) {
    return test::message_of<InvalidArgument>([&] { index.search(text_query(text, mode)); });
  };
  CHECK(error("w1 ~gravel") == "query, column 4: no word of this text is in the dictionary");
  CHECK(error("~w1 -~w1^1") == "query, column 1: the parts that are looked for by meaning cancel each other out");
  CHECK(error("w1 ~w2", SearchMode::kWords) ==
        "query, column 4: mode \"words\" does not look for meanings; leave the part out");
  CHECK_THROWS_AS(index.search(text_query("like:nobody")), NotFound);
}

TEST_CASE("what is excluded or filtered is no hit by meaning either") {
  const Fixture fixture;
  Index index(fixture.path);
  for (const SearchMode mode : {SearchMode::kVector, SearchMode::kMixed}) {
    TextQuery query = text_query("w1 w2 w3 AND NOT section:s1", mode);
    query.k = 1000;
    for (const TextHit& hit : index.search(query)) CHECK(hit.hit.docid % 4 != 2);
    query.text = "w1 w2 w3 section:s1";
    CHECK_FALSE(index.search(query).empty());
    for (const TextHit& hit : index.search(query)) CHECK(hit.hit.docid % 4 == 2);
  }
}

TEST_CASE("more like this leaves out the document itself and may be joined with a text") {
  const Fixture fixture(test::corpus_lines(0, 200) + R"({"_id":"twin","text":"w7 w8 w9 w9"}
{"_id":"other twin","text":"w9 w8 w9 w7"})");
  Index index(fixture.path);
  for (const SearchMode mode : {SearchMode::kWords, SearchMode::kVector, SearchMode::kMixed}) {
    TextQuery query;
    query.like = "twin";
    query.mode = mode;
    const auto hits = index.search(query);
    REQUIRE(hits.size() == 10);
    CHECK(hits[0].id == "other twin");
    for (const TextHit& hit : hits) CHECK(hit.id != "twin");
    query.text = "w1";
    CHECK(index.search(query).size() == 10);
  }
  TextQuery query;
  query.like = "nobody";
  CHECK(contains(test::message_of<DataError>([&] { index.search(query); }), "no document with the id \"nobody\""));
  query.like = std::string(300, 'x');
  CHECK_THROWS_AS(index.search(query), DataError);
}

TEST_CASE("bad queries are refused") {
  const Fixture fixture;
  Index index(fixture.path);
  CHECK_THROWS_AS(index.search(TextQuery()), InvalidArgument);
  CHECK_THROWS_AS(index.search(text_query("(w1 AND", SearchMode::kWords)), InvalidArgument);
  TextQuery query = text_query("w1");
  query.k = 0;
  CHECK_THROWS_AS(index.search(query), InvalidArgument);
}

TEST_CASE("an exact search compares every vector") {
  const Fixture fixture;
  Index index(fixture.path);
  TextQuery query = text_query("w1 w2", SearchMode::kVector);
  query.plan = Plan::kExact;
  query.k = 1000;
  SearchReport report;
  CHECK(index.search(query, &report).size() == index.database().get_value_freq(schema::kVectorSlot));
  CHECK(report.choice.plan == Plan::kExact);
}

TEST_CASE("a reader that a writer has overtaken opens the index again and finds the new documents") {
  const Fixture fixture;
  Index index(fixture.path);
  const Xapian::Database stock(fixture.path);
  CHECK(index.search(text_query("w1 w2", SearchMode::kWords)).size() == 10);
  // Xapian keeps the blocks of two revisions; a reader that is further behind is overtaken.
  for (std::uint64_t seed = 2; seed < 8; ++seed) fixture.add(test::corpus_lines(0, 400, seed));
  CHECK_THROWS_AS(stock.termlist_begin(100), Xapian::DatabaseModifiedError);
  TextQuery query = text_query("w1 w2");
  query.k = 1000;
  Index fresh(fixture.path);
  CHECK(ids(index.search(query)) == ids(fresh.search(query)));
  query.mode = SearchMode::kVector;
  CHECK(ids(index.search(query)) == ids(fresh.search(query)));
}

TEST_CASE("a document is found by its id, and unknown ids are an error") {
  const Fixture fixture;
  const Index index(fixture.path);
  CHECK(index.docid("d7") == 8);
  CHECK(document_id(index.database().get_document(8), 8) == "d7");
  CHECK_THROWS_AS(index.docid("d777"), NotFound);
  CHECK_THROWS_AS(index.docid(""), NotFound);
}

TEST_CASE("documents of other programs have their docid as id and no title") {
  const test::TemporaryDirectory directory;
  Xapian::WritableDatabase database(directory / "db", Xapian::DB_CREATE);
  Xapian::Document document;
  document.add_term("w1");
  document.add_term("XZ");
  for (const std::string data : {"free text", "[1]", "{}", R"({"title": 3})", ""}) {
    document.set_data(data);
    const Xapian::docid docid = database.add_document(document);
    CHECK(document_id(database.get_document(docid), docid) == std::to_string(docid));
    CHECK(document_title(database.get_document(docid)).empty());
  }
}

TEST_CASE("what cannot be opened is a data error that says what to do") {
  const Fixture fixture;
  const auto& directory = fixture.directory;
  CHECK(contains(opening_error(directory / "missing"), "make one with vecterm index"));
  CHECK(contains(opening_error(directory / "corpus.jsonl"), "is a file"));
  test::write_file(directory / "empty", "");
  CHECK(contains(opening_error(directory / "empty"), "names no database"));
  Xapian::WritableDatabase(directory / "plain", Xapian::DB_CREATE);
  CHECK(contains(opening_error(directory / "plain"), "add them with vecterm embed"));
  test::write_file(directory / "plain/iamglass", "rubbish");
  CHECK(contains(opening_error(directory / "plain"), "cannot be opened"));

  const std::string file = dictionary_path(fixture.path, fixture.dictionary->fingerprint());
  test::write_file(file, test::read_file(file).substr(0, 1000));
  CHECK(contains(opening_error(fixture.path), file));
  test::write_file(file, std::string(test::corpus_dictionary(2)->bytes()));
  CHECK(contains(opening_error(fixture.path), "holds another dictionary"));
  std::filesystem::remove(file);
  CHECK(contains(opening_error(fixture.path), "is missing"));
  CHECK(contains(opening_error(fixture.path), std::filesystem::path(file).filename().string()));
  fixture.add("");
  CHECK(opening_error(fixture.path).empty());
}

TEST_CASE("a compacted index, which has no dictionary, finds it at the old place, or is searched by words alone") {
  const Fixture fixture;
  const test::TemporaryDirectory elsewhere;
  const std::string beside = fixture.directory / "compacted", away = elsewhere / "compacted";
  for (const std::string& path : {beside, away}) Xapian::Database(fixture.path).compact(path);
  TextQuery query;
  query.text = "w1 w2";
  query.explain = true;
  Index original(fixture.path), found(beside);
  CHECK(ids(found.search(query)) == ids(original.search(query)));
  CHECK(contains(opening_error(away), "xapian-compact"));
  Index without(away, {.words_without_dictionary = true});
  CHECK(refuses<NotFound>([&] { without.search(query); }, "is missing"));
  query.mode = SearchMode::kVector;
  CHECK(refuses<NotFound>([&] { without.search(query); }, "is missing"));
  query.mode = SearchMode::kWords;
  SearchReport report;
  CHECK(ids(without.search(query, &report)) == ids(original.search(query)));
  REQUIRE(report.notes.size() == 1);
  CHECK(contains(report.notes.front(), "is missing"));
  std::filesystem::copy(dictionary_path(fixture.path, fixture.dictionary->fingerprint()), away);
  query.mode = SearchMode::kMixed;
  CHECK_NOTHROW(Index(away).search(query));
}

TEST_CASE("a query that is refused costs a pool no handle") {
  const Fixture fixture;
  IndexPool pool(fixture.path);
  TextQuery query;
  query.text = "w1";
  pool.search(query);
  REQUIRE(pool.handles() == 1);
  query.text = "w1 )";
  CHECK_THROWS_AS(pool.search(query), InvalidArgument);
  query.text = "like:nobody";
  CHECK_THROWS_AS(pool.search(query), NotFound);
  CHECK(pool.handles() == 1);
}

TEST_CASE("what keeps an index from opening has a kind, and nothing is waited for that will not come") {
  const Fixture fixture;
  constexpr double kAtOnce = 100;
  const auto& directory = fixture.directory;
  CHECK(failing_ms<NotFound>(directory / "missing") < kAtOnce);
  Xapian::WritableDatabase(directory / "plain", Xapian::DB_CREATE);
  CHECK(failing_ms<NotFound>(directory / "plain") < kAtOnce);
  test::write_file(directory / "plain/iamglass", "rubbish");
  CHECK(failing_ms<Damaged>(directory / "plain") < kAtOnce);

  const std::string file = dictionary_path(fixture.path, fixture.dictionary->fingerprint());
  test::write_file(file, test::read_file(file).substr(0, 1000));
  CHECK(failing_ms<Damaged>(fixture.path) < kAtOnce);
  test::write_file(file, std::string(test::corpus_dictionary(2)->bytes()));
  CHECK(failing_ms<WrongDictionary>(fixture.path) < kAtOnce);
  std::filesystem::remove(file);
  CHECK(failing_ms<NotFound>(fixture.path) < kAtOnce);
}

TEST_CASE("databases that differ may be switched just now and are waited for; one without embeddings is not") {
  const Fixture fixture;
  const std::string other = fixture.directory / "other";
  index_corpora(other, test::corpus_dictionary(2), {fixture.directory / "corpus.jsonl"}, test::corpus_settings());
  const std::string stub = test::write_file(fixture.directory / "stub", "auto db\nauto other\n");
  CHECK(failing_ms<Conflict>(stub) > 100);
  Xapian::WritableDatabase(fixture.directory / "plain", Xapian::DB_CREATE);
  test::write_file(stub, "auto db\nauto plain\n");
  CHECK(failing_ms<WrongDictionary>(stub) < 100);
}
