// SPDX-License-Identifier: GPL-2.0-or-later
// Tests generation_record.cc, too.
#include "index/generations.h"

#include "analyzers/errors.h"
#include "index/index_pool.h"
#include "index/store/database_directory.h"
#include "plugin/document_embedder.h"
#include "tests/support/generations.h"

using namespace vecterm;
using test::refuses;

namespace {

constexpr std::size_t kDocuments = 300;

/// An index with a generation beside the serving one.
struct Fixture : test::IndexFixture {
  explicit Fixture(test::Entries has = test::Entries::kWords)
      : IndexFixture(has), other(test::other_dictionary(3, has)) {
    index(test::corpus_lines(0, kDocuments));
    report = reindex(db(), other, test::small_reindex_batches(64));
  }

  std::string db() const { return directory / "db"; }
  std::vector<TextHit> search(const std::string& text) const {
    TextQuery query;
    query.text = text;
    return Index(db()).search(query);
  }

  std::shared_ptr<const Dictionary> other;
  ReindexReport report;
};

bool same_hits(const std::vector<TextHit>& a, const std::vector<TextHit>& b) {
  return std::ranges::equal(a, b, [](const TextHit& x, const TextHit& y) {
    return x.hit.docid == y.hit.docid && x.hit.score == y.hit.score && x.hit.cosine == y.hit.cosine;
  });
}

}  // namespace

TEST_CASE_TEMPLATE("a generation beside the serving one changes nothing of that, and has what a fresh index has", Has,
                   test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  CHECK(fixture.report.kind == ReindexReport::Kind::kGeneration);
  CHECK(fixture.report.generation == 1);
  CHECK(fixture.report.edited == kDocuments);
  fixture.index(test::corpus_lines(0, kDocuments), "untouched");
  auto documents = test::stored_documents(fixture.db());
  test::forget(documents, fixture.other->hash_space().id(), 1002);
  CHECK(documents == test::stored_documents(fixture.directory / "untouched"));

  documents = test::stored_documents(fixture.db());
  test::forget(documents, fixture.dictionary->hash_space().id(), 1001);
  index_corpora(fixture.directory / "fresh", fixture.other, {fixture.directory / "corpus.jsonl"},
                test::corpus_settings());
  auto fresh = test::stored_documents(fixture.directory / "fresh");
  for (auto& [docid, document] : fresh) {
    // Generation 1 stands in the other slot, and in the value's first byte.
    std::string value = document.values[1001];
    document.values.erase(1001);
    if (value.empty()) continue;
    value[0] = static_cast<char>(value[0] | 0x10);
    document.values[1002] = value;
  }
  CHECK(documents == fresh);
}

TEST_CASE_TEMPLATE("activation, rollback and retirement change what serves", Has, test::Words, test::NGrams,
                   test::Hashed) {
  const Fixture fixture(Has{});
  const auto before = fixture.search("w1 w2 w3");
  fixture.index(test::corpus_lines(0, kDocuments), "old");
  index_corpora(fixture.directory / "new", fixture.other, {fixture.directory / "corpus.jsonl"},
                test::corpus_settings());
  TextQuery query;
  query.text = "w1 w2 w3";
  const auto after = Index(fixture.directory / "new").search(query);
  REQUIRE(!same_hits(before, after));

  activate_generation(fixture.db(), 1);
  CHECK(same_hits(fixture.search("w1 w2 w3"), after));
  auto generations = list_generations(fixture.db());
  CHECK(generations.front().number == 1);
  CHECK(generations.front().serving);
  CHECK(generations.back().served);
  CHECK(generations.back().dictionary == fixture.dictionary->fingerprint());

  rollback_generation(fixture.db());
  CHECK(same_hits(fixture.search("w1 w2 w3"), before));
  retire_generation(fixture.db(), 1);
  generations = list_generations(fixture.db());
  CHECK(generations.size() == 1);
  CHECK(generations.front().number == 0);
  CHECK(test::stored_documents(fixture.db()) == test::stored_documents(fixture.directory / "old"));
  CHECK(test::stored_postings(fixture.db()) == test::stored_postings(fixture.directory / "old"));
  CHECK(!std::filesystem::exists(dictionary_path(fixture.db(), fixture.other->fingerprint())));
}

TEST_CASE_TEMPLATE("generations take turns for ever", Has, test::Words, test::NGrams) {
  const Fixture fixture(Has{});
  activate_generation(fixture.db(), 1);
  for (unsigned number = 2; number < 20; ++number) {
    retire_generation(fixture.db(), number - 2);
    const auto next = number % 2 == 0 ? fixture.dictionary : fixture.other;
    CHECK(reindex(fixture.db(), next).generation == number);
    activate_generation(fixture.db(), number);
  }
  CHECK(fixture.search("w1").size() > 0);
  CHECK(Index(fixture.db()).record().generation == 19);
}

TEST_CASE_TEMPLATE("what a host rewrote, added and removed is healed before a generation serves", Has, test::Words,
                   test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const auto embedder = DocumentEmbedder(fixture.dictionary, *IndexRecord::read(Xapian::Database(fixture.db())));
  {
    Xapian::WritableDatabase database(fixture.db(), Xapian::DB_OPEN);
    Xapian::Document document = database.get_document(5);
    document.add_term("w9", 30);
    embedder.apply(document);
    database.replace_document(5, document);
    document = Xapian::Document();
    document.add_term("w3");
    database.replace_document(7, document);  // by a program that does not embed
    database.add_document(document);
    database.delete_document(9);
  }
  CHECK(list_generations(fixture.db()).back().documents == kDocuments - 3);
  activate_generation(fixture.db(), 1);
  CHECK(list_generations(fixture.db()).front().documents == kDocuments);
  const Xapian::Database database(fixture.db());
  const DocumentEmbedder expected(fixture.other, *IndexRecord::read(database));
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid)
    CHECK(expected.change(database.get_document(*docid)).empty());
  rollback_generation(fixture.db());
  const Xapian::Database back(fixture.db());
  for (auto docid = back.postlist_begin({}); docid != back.postlist_end({}); ++docid)
    CHECK(embedder.change(back.get_document(*docid)).empty());
}

TEST_CASE_TEMPLATE("a document that is indexed anew loses the embeddings of other generations", Has, test::Words,
                   test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const Xapian::Database database(fixture.db());
  const DocumentEmbedder embedder(fixture.dictionary, *IndexRecord::read(database));
  Xapian::Document document = database.get_document(5);
  embedder.apply(document);
  CHECK(document.get_value(1002).empty());
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term)
    CHECK(hash_space_of(*term, "XLSH") != fixture.other->hash_space().id());
}

TEST_CASE_TEMPLATE("a generation beside the serving one can be updated, too", Has, test::Words, test::NGrams,
                   test::Hashed) {
  const Fixture fixture(Has{});
  const auto moved = test::moved_dictionary(*fixture.other, {4, 5});
  const ReindexReport report = reindex(fixture.db(), moved);
  CHECK(report.kind == ReindexReport::Kind::kUpdate);
  CHECK(report.generation == 1);
  activate_generation(fixture.db(), 1);
  const Xapian::Database database(fixture.db());
  const DocumentEmbedder expected(moved, *IndexRecord::read(database));
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid)
    CHECK(expected.change(database.get_document(*docid)).empty());
}

TEST_CASE_TEMPLATE("an open reader goes on through updates, activation and retirement", Has, test::Words,
                   test::NGrams) {
  const Fixture fixture(Has{});
  Index index(fixture.db());
  TextQuery query;
  query.text = "w1 w2 w3";
  const auto check_hits = [&] { CHECK(!index.search(query).empty()); };
  check_hits();
  reindex(fixture.db(), test::moved_dictionary(*fixture.dictionary, {1, 2}), test::small_reindex_batches(10));
  check_hits();
  activate_generation(fixture.db(), 1);
  check_hits();
  retire_generation(fixture.db(), 0, test::small_reindex_batches(10));
  check_hits();
  CHECK(same_hits(index.search(query), fixture.search(query.text)));
}

TEST_CASE("a handle and a pool that are reopened see what was written, and follow a stub file to another database") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 3), "small");
  const std::string stub = test::write_file(fixture.directory / "stub", "auto db\n");
  Index index(stub);
  IndexPool pool(stub);
  TextQuery query;
  query.text = "w1 w2 w3";
  query.k = 1000;
  const auto check_both = [&](bool changed) {
    CHECK(index.reopen() == changed);
    CHECK(pool.reopen() == changed);
    const auto fresh = Index(stub).search(query);
    CHECK(same_hits(index.search(query), fresh));
    CHECK(same_hits(pool.search(query), fresh));
  };
  check_both(false);
  activate_generation(fixture.db(), 1);
  check_both(true);
  check_both(false);
  test::write_file(stub, "auto small\n");
  check_both(true);
  CHECK(index.database().get_doccount() == 3);
  std::filesystem::remove_all(fixture.directory / "small");
  CHECK_THROWS_AS(index.reopen(), NotFound);
  CHECK(index.record().dictionary == fixture.dictionary->fingerprint());
}

TEST_CASE("what cannot be done with generations is refused, with what to do") {
  const Fixture fixture;
  const std::string db = fixture.db();
  CHECK(refuses<InvalidArgument>([&] { retire_generation(db, 0); }, "0 serves"));
  CHECK_NOTHROW(activate_generation(db, 0));  // as a script does that is run again after it was killed
  CHECK(refuses<InvalidArgument>([&] { activate_generation(db, 7); }, "0 or 1; was 7"));
  CHECK(refuses<InvalidArgument>([&] { rollback_generation(db); }, "no generation that served before"));
  CHECK(refuses<DataError>([&] { reindex(db, test::other_dictionary(9)); }, "retire 1"));
  retire_generation(db, 1);
  CHECK(refuses<InvalidArgument>([&] { retire_generation(db, 1); }, "0 alone; was 1"));
  Xapian::WritableDatabase(fixture.directory / "plain", Xapian::DB_CREATE);
  CHECK(refuses<NotFound>([&] { list_generations(fixture.directory / "plain"); }, "vecterm embed"));
  CHECK(refuses<NotFound>([&] { list_generations(fixture.directory / "missing"); }, "no database"));
}

TEST_CASE("a dictionary of the options' directories serves where it is not beside the index; no environment does") {
  const Fixture fixture;
  const std::string file = dictionary_path(fixture.db(), fixture.dictionary->fingerprint());
  std::filesystem::create_directories(fixture.directory / "far/shelf");
  std::filesystem::rename(file, dictionary_path(fixture.directory / "far/shelf", fixture.dictionary->fingerprint()));
  setenv("VECTERM_DICTIONARIES", (fixture.directory / "far/shelf").c_str(), 1);
  CHECK(refuses<NotFound>([&] { Index index(fixture.db()); }, "VECTERM_DICTIONARIES"));
  unsetenv("VECTERM_DICTIONARIES");
  IndexOptions options;
  options.dictionaries = {"/nowhere", fixture.directory / "far/shelf"};
  CHECK(Index(fixture.db(), options).dictionary().fingerprint() == fixture.dictionary->fingerprint());
}
