// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/errors.h"
#include "index/indexer.h"
#include "index/reindex.h"
#include "plugin/document_embedder.h"
#include "tests/support/corpus.h"

using namespace vecterm;
using test::refuses;
using Fixture = test::IndexFixture;

namespace {

// What a program makes that uses Xapian alone, with the words of our corpora.
void build_stock_index(const std::string& path, std::size_t documents, int flags = 0) {
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE | flags);
  Xapian::TermGenerator generator;
  generator.set_stemmer(Xapian::Stem("en"));
  for (std::size_t i = 0; i < documents; ++i) {
    const auto line = nlohmann::json::parse(test::corpus_line(i));
    Xapian::Document document;
    generator.set_document(document);
    generator.set_termpos(0);
    generator.index_text(line.value("title", ""));
    generator.increase_termpos();
    generator.index_text(line.value("text", ""));
    document.set_data("its own");
    document.add_value(1, "its own too");
    database.add_document(document);
  }
  database.commit();
}

// Keeps what the embedding adds: tokens, marker and vector.
std::vector<std::pair<std::vector<std::string>, std::string>> embeddings(const std::string& path) {
  std::vector<std::pair<std::vector<std::string>, std::string>> all;
  for (auto& [docid, document] : test::stored_documents(path)) {
    auto& [tokens, vector] = all.emplace_back();
    for (const auto& term : document.terms)
      if (term.term.starts_with("XLSH")) tokens.push_back(term.term);
    vector = document.values[schema::kVectorSlot];
  }
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("embedding a stock index gives the tokens and vectors that indexing gives, and keeps the rest", Has,
                   test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  fixture.index(test::corpus_lines(0, 300));
  build_stock_index(fixture.directory / "stock", 300);
  const auto before = test::stored_documents(fixture.directory / "stock");
  const WriteReport report =
      embed_index(fixture.directory / "stock", fixture.dictionary, std::nullopt, {.write = test::small_batches(64)});
  CHECK(report.documents == 300);
  CHECK(embeddings(fixture.directory / "stock") == embeddings(fixture.directory / "db"));
  auto after = test::stored_documents(fixture.directory / "stock");
  for (auto& [docid, document] : after) {
    std::erase_if(document.terms, [](const auto& term) { return term.term.starts_with("XLSH"); });
    document.values.erase(schema::kVectorSlot);
  }
  CHECK(after == before);
}

TEST_CASE_TEMPLATE("embedding leaves documents with the marker alone", Has, test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  build_stock_index(fixture.directory / "db", 30);
  embed_index(fixture.directory / "db", fixture.dictionary);
  {
    Xapian::WritableDatabase database(fixture.directory / "db", Xapian::DB_OPEN);
    Xapian::Document document = database.get_document(3);
    document.remove_term(new_record(*fixture.dictionary).marker());
    database.replace_document(3, document);
    database.delete_document(5);
    document = Xapian::Document();
    document.add_term("w1");
    database.add_document(document);
    database.commit();
  }
  const WriteReport report = embed_index(fixture.directory / "db", fixture.dictionary);
  CHECK(report.documents == 2);
  CHECK(report.vectors == 2);
  CHECK(report.skipped == 28);
}

TEST_CASE("embedding is refused where there is no database, no term lists, or another program in its place") {
  const Fixture fixture;
  const auto embed = [&](const std::string& name, std::optional<AnalyzerSettings> settings = {}) {
    return [&fixture, name, settings] { embed_index(fixture.directory / name, fixture.dictionary, settings); };
  };
  CHECK(refuses<DataError>(embed("missing"), "no database at"));
  CHECK(!std::filesystem::exists(fixture.directory / "missing"));
  build_stock_index(fixture.directory / "bare", 5, Xapian::DB_NO_TERMLIST);
  CHECK(refuses<DataError>(embed("bare"), "has no term lists"));
  build_stock_index(fixture.directory / "taken", 5);
  AnalyzerSettings settings;
  settings.slot = 1;
  CHECK(refuses<DataError>(embed("taken", settings), "value slot 1 of the database"));
  settings.slot = 0;
  CHECK(refuses<DataError>(embed("taken", settings), "choose another `slot`"));
  {
    Xapian::WritableDatabase database(fixture.directory / "taken", Xapian::DB_OPEN);
    Xapian::Document document;
    document.add_term("XLSHOES");
    database.add_document(document);
  }
  CHECK(refuses<DataError>(embed("taken"), "choose another `prefix`"));
  settings = {};
  settings.token_prefix = "XVEC";
  embed("taken", settings)();
  CHECK(Xapian::Database(fixture.directory / "taken").get_value_freq(schema::kVectorSlot) == 5);
}
