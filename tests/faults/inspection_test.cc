// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/inspection.h"

#include <algorithm>

#include "tests/support/generations.h"

using namespace vecterm;
using namespace vecterm::faults;

namespace {

struct Fixture : test::IndexFixture {
  Fixture() { index(test::corpus_lines(1, 6)); }

  std::string db() const { return directory / "db"; }
  Contents contents() const { return contents_of(Xapian::Database(db())); }

  /// What inspect() says after a change to document 1.
  template <class Change>
  std::vector<std::string> complaints_after(const Change& change) const {
    Xapian::WritableDatabase database(db(), Xapian::DB_OPEN);
    Xapian::Document document = database.get_document(1);
    change(document);
    database.replace_document(1, document);
    database.commit();
    const DocumentEmbedder embedder(dictionary, *IndexRecord::read(database));
    return inspect(db(), {}, {}, {{embedder}});
  }

  /// A token of document 1.
  std::string token() const {
    const Xapian::Database database(db());
    auto term = database.termlist_begin(1);
    term.skip_to(IndexRecord::read(database)->token_start());
    return *term;
  }
};

std::string hash_of(const std::string& content) { return std::to_string(std::hash<std::string>()(content)); }

}  // namespace

TEST_CASE("a document that has its whole embedding or none is in order") {
  const Fixture fixture;
  CHECK(fixture.complaints_after([](Xapian::Document&) {}).empty());
  CHECK(fixture
            .complaints_after([](Xapian::Document& document) {
              const std::string data = document.get_data();
              document = Xapian::Document();
              document.set_data(data);
            })
            .empty());
}

TEST_CASE("a document that lacks one token, its marker or its vector is found") {
  const auto take_token = [](const Fixture& fixture) {
    return fixture.complaints_after([&](Xapian::Document& document) { document.remove_term(fixture.token()); });
  };
  const auto take_marker = [](const Fixture& fixture) {
    return fixture.complaints_after([&](Xapian::Document& document) {
      document.remove_term(IndexRecord::read(Xapian::Database(fixture.db()))->marker());
    });
  };
  const auto take_vector = [](const Fixture& fixture) {
    return fixture.complaints_after([](Xapian::Document& document) { document.remove_value(schema::kVectorSlot); });
  };
  for (const auto& complaints : {take_token(Fixture()), take_marker(Fixture()), take_vector(Fixture())})
    CHECK(complaints == std::vector<std::string>{"document 1 has a part of generation 0"});
}

TEST_CASE("an entry is lost where it is missing or older than acknowledged, not where it is newer") {
  const auto lost = [](const std::vector<std::string>& acknowledged, const Contents& contents) {
    const std::string name = "document 1";
    const History whole{{name, {hash_of("a"), hash_of("b"), hash_of("c")}}};
    History history;
    for (const std::string& content : acknowledged) history[name].push_back(hash_of(content));
    return !lost_entries(history, whole, contents).empty();
  };
  CHECK(!lost({"a", "b"}, {{"document 1", "b"}}));
  CHECK(!lost({"a", "b"}, {{"document 1", "c"}}));
  CHECK(lost({"a", "b"}, {{"document 1", "a"}}));
  CHECK(lost({"a", "b"}, {{"document 1", "x"}}));
  CHECK(lost({"a", "b"}, {}));
  CHECK(!lost({}, {}));
}

TEST_CASE("contents differ by a posting, a value, a position, data and metadata") {
  const Fixture fixture;
  const Contents before = fixture.contents();
  CHECK(!difference(before, fixture.contents()));
  const std::vector<std::function<void(Xapian::WritableDatabase&, Xapian::Document&)>> changes{
      [](auto&, auto& document) { document.add_term("new"); },
      [](auto&, auto& document) { document.add_value(9, "new"); },
      [](auto&, auto& document) { document.add_posting("w1", 999, 0); },
      [](auto&, auto& document) { document.set_data("new"); },
      [](auto& database, auto&) { database.set_metadata("new", "new"); }};
  for (const auto& change : changes) {
    const Fixture changed;
    Xapian::WritableDatabase database(changed.db(), Xapian::DB_OPEN);
    Xapian::Document document = database.get_document(1);
    change(database, document);
    database.replace_document(1, document);
    database.commit();
    Contents after = changed.contents();
    after["metadata vecterm.generations"] = before.at("metadata vecterm.generations");  // says when
    CHECK(difference(before, after));
    CHECK(difference(after, before));
  }
}

TEST_CASE("documents that were acknowledged before there is a database are missed") {
  const Fixture fixture;
  const History acknowledged{{"document 1", {"1"}}};
  CHECK(inspect(fixture.directory / "none", acknowledged, acknowledged, {}).size() == 1);
  CHECK(inspect(fixture.directory / "none", {}, acknowledged, {}).empty());
}
