// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a user's query: refused by InvalidArgument, or something to look for that a small index can be searched
// with.
#include <cmath>
#include <string_view>

#include "tests/fuzz/fuzz.h"
#include "tests/support/index.h"

using namespace vecterm;
using fuzz::require;

namespace {

struct Fixture {
  Fixture() {
    AnalyzerSettings settings;
    settings.stop_words = {"the", "of"};
    settings.metadata = {{"section", "XSECTION", std::nullopt, false}, {"year", "XYEAR", 5U, true}};
    embedder = test::embedder_of(test::small_dictionary({"apple", "pear", "river", "河岸"}), settings);
    database =
        test::index_of({"apple pear river", "the river of pears", "河岸 apple", "a b c a b c a", "word"}, embedder);
  }

  std::shared_ptr<const DocumentEmbedder> embedder;
  Xapian::WritableDatabase database;
};

void search(const Xapian::Database& database, const Xapian::Query& query) {
  Xapian::Enquire enquire(database);
  enquire.set_query(query);
  enquire.get_mset(0, 10);
}

void check(const UserQuery& query, std::size_t size, const QueryBuilder& builder) {
  require(!query.words.empty() || !query.parts.empty());
  for (const SemanticPart& part : query.parts) {
    require(!part.text.empty() && part.position >= 1 && part.position <= size);
    require(part.weight != 0 && std::abs(part.weight) <= kMaxPartWeight);
    if (part.kind == SemanticPart::Kind::kText) builder.vector(part.text);
  }
  require(!query.min_cosine || std::abs(*query.min_cosine) <= 1);
  builder.vector(query.meaning);
}

void feed_query(std::string_view text) {
  static const Fixture fixture;
  const QueryBuilder builder(fixture.embedder);
  builder.words(text);
  const UserQuery query = builder.parse_query(text);
  check(query, text.size(), builder);
  search(fixture.database, query.words);
  search(fixture.database, query.filter);
  search(fixture.database, Xapian::Query(Xapian::Query::OP_FILTER, query.words, query.filter));
}

std::vector<std::string> query_seeds() { return {"apple OR pear* ~river^2 section:x cosine>=0.4"}; }

const fuzz::Registered kQuery("query", feed_query, query_seeds);

}  // namespace
