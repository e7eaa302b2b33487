// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/explanation.h"

#include <cmath>
#include <limits>
#include <map>

#include "analyzers/errors.h"
#include "plugin/documents/vector_reader.h"
#include "tests/support/index.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kWords = 60;
constexpr std::size_t kDimensions = 8;
constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};

DictionaryContents contents() {
  DictionaryContents contents = test::small_contents(test::numbered_words(kWords), test::small_cells(kDimensions));
  test::Random random(5);
  for (float& weight : contents.weights) weight = std::fabs(random.number());
  contents.weights[3] = 0;  // a stop word
  return contents;
}

std::shared_ptr<const DocumentEmbedder> embedder_with(VectorCodec codec) {
  AnalyzerSettings settings;
  settings.codec = codec;
  return test::embedder_of(Dictionary::parse(serialise_dictionary(contents())), settings);
}

Xapian::Document document_of(const std::string& text, const std::shared_ptr<const DocumentEmbedder>& embedder) {
  return test::index_of({text}, embedder).get_document(1);
}

QueryMeaning::Part text_part(const std::string& text, double weight = 1) {
  QueryMeaning::Part part;
  part.weight = weight;
  part.terms = XapianTokenizer().terms(text);
  return part;
}

UnitVector unit_of(const QueryMeaning::Part& part, const DocumentEmbedder& embedder) {
  return part.unit.empty() ? embedder.embedder().embed(part.terms).value_or(UnitVector(kDimensions)) : part.unit;
}

QueryMeaning meaning_of(std::vector<QueryMeaning::Part> parts, const DocumentEmbedder& embedder) {
  EmbeddingSum sum(kDimensions);
  for (const QueryMeaning::Part& part : parts) sum.add(part.weight, unit_of(part, embedder));
  return {std::move(parts), sum.unit().value_or(UnitVector())};
}

double sum_of(const std::vector<WordShare>& shares) {
  double sum = 0;
  for (const WordShare& word : shares) sum += word.share;
  return sum;
}

std::map<std::string, double> by_word(const std::vector<WordShare>& shares) {
  std::map<std::string, double> words;
  for (const auto& [word, share] : shares) CHECK(words.emplace(word, share).second);
  return words;
}

bool in_falling_order(const std::vector<WordShare>& shares) {
  return std::is_sorted(shares.begin(), shares.end(),
                        [](const WordShare& a, const WordShare& b) { return a.share > b.share; });
}

// The largest length of what rounding takes from a unit vector.
double rounding_of(VectorCodec codec) {
  switch (codec) {
    case VectorCodec::kFloat32:
      return 1e-6;
    case VectorCodec::kFloat16:
      return 5e-4;
    case VectorCodec::kInt8:
      return std::sqrt(static_cast<double>(kDimensions)) / 254 + 1e-6;
    case VectorCodec::kSignBits:
      break;
  }
  return 2;
}

using Vector = std::vector<double>;

// The definition in its plainest form, from the numbers that the dictionary was made of.
class Definition {
 public:
  Vector row(const std::string& term) const {
    const auto found = std::find(contents_.words.begin(), contents_.words.end(), term);
    Vector row(kDimensions);
    if (found == contents_.words.end()) return row;
    const auto i = static_cast<std::size_t>(found - contents_.words.begin());
    for (std::size_t j = 0; j < kDimensions; ++j)
      row[j] = static_cast<double>(contents_.weights[i]) * static_cast<double>(contents_.vectors[i * kDimensions + j]);
    return row;
  }

  Vector sum(const TermList& terms) const {
    Vector sum(kDimensions);
    for (const auto& [term, wdf] : terms)
      for (std::size_t j = 0; j < kDimensions; ++j) sum[j] += wdf * row(term)[j];
    return sum;
  }

  template <class Other>
  static double product(const Vector& a, const Other& b) {
    double product = 0;
    for (std::size_t j = 0; j < kDimensions; ++j) product += a[j] * static_cast<double>(b[j]);
    return product;
  }

  static double norm(const Vector& vector) { return std::sqrt(product(vector, vector)); }

 private:
  DictionaryContents contents_ = contents();
};

}  // namespace

TEST_CASE("shares and rounding sum to the cosine on both sides, for every codec and any parts") {
  constexpr unsigned kSeed = 11;
  CAPTURE(kSeed);
  test::Random random(kSeed);
  for (const VectorCodec codec : kCodecs) {
    CAPTURE(codec_name(codec));
    const auto embedder = embedder_with(codec);
    for (int round = 0; round < 200; ++round) {
      std::vector<QueryMeaning::Part> parts;
      for (std::size_t i = random.below(4) + 1; i > 0; --i)
        parts.push_back(text_part(test::random_text(random, kWords + 20, 1 + random.below(8)), random.number() * 3));
      if (random.below(2) == 0) parts.push_back({"like:x", -0.5, {}, random.unit(kDimensions)});
      const QueryMeaning query = meaning_of(parts, *embedder);
      const auto document = document_of(test::random_text(random, kWords + 20, 40), embedder);
      const auto explained = explain_cosine(*embedder, query, document);
      if (query.unit.empty()) continue;
      REQUIRE(explained);
      CHECK(std::fabs(sum_of(explained->query) + explained->query_rounding - explained->cosine) < 1e-12);
      CHECK(std::fabs(sum_of(explained->document) + explained->document_rounding - explained->cosine) < 1e-12);
      CHECK(std::fabs(explained->query_rounding) < 1e-5);  // parts can all but cancel each other
      CHECK(std::fabs(explained->document_rounding) < rounding_of(codec));
      CHECK(in_falling_order(explained->query));
      CHECK(in_falling_order(explained->document));
    }
  }
}

TEST_CASE("shares are those of the definition, from rows, weights and norms") {
  constexpr unsigned kSeed = 12;
  CAPTURE(kSeed);
  test::Random random(kSeed);
  const Definition definition;
  const auto embedder = embedder_with(VectorCodec::kFloat16);
  for (int round = 0; round < 100; ++round) {
    const std::vector<QueryMeaning::Part> parts{text_part("w1 w2 w2 w3 w4 unknown", 2), text_part("w5 w2", -0.7),
                                                text_part(test::random_text(random, kWords, 5), 0.4)};
    const QueryMeaning query = meaning_of(parts, *embedder);
    const auto document = document_of(test::random_text(random, kWords, 30), embedder);
    const auto explained = explain_cosine(*embedder, query, document);
    REQUIRE(explained);
    UnitVector stored(kDimensions);
    REQUIRE(decode_value(document.get_value(schema::kVectorSlot), 0, stored));

    Vector total(kDimensions);
    for (const auto& part : parts) {
      const Vector sum = definition.sum(part.terms);
      for (std::size_t j = 0; j < kDimensions; ++j) total[j] += part.weight * sum[j] / Definition::norm(sum);
    }
    std::map<std::string, double> expected;
    for (const auto& part : parts)
      for (const auto& [term, wdf] : part.terms)
        if (term != "unknown")
          expected[term] += part.weight / Definition::norm(total) * wdf / Definition::norm(definition.sum(part.terms)) *
                            Definition::product(definition.row(term), stored);
    const auto words = by_word(explained->query);
    REQUIRE(words.size() == expected.size());
    for (const auto& [word, share] : expected) CHECK(words.at(word) == doctest::Approx(share).epsilon(1e-9));

    const TermList terms = raw_terms(document);
    const auto shares = by_word(explained->document);
    REQUIRE(shares.size() == terms.size());
    for (const auto& [term, wdf] : terms)
      CHECK(shares.at(term) == doctest::Approx(wdf * Definition::product(definition.row(term), query.unit) /
                                               Definition::norm(definition.sum(terms)))
                                   .epsilon(1e-9));
  }
}

TEST_CASE("the cosine is the one that searches give") {
  test::Random random(13);
  for (const VectorCodec codec : kCodecs) {
    const auto embedder = embedder_with(codec);
    const auto database = test::index_of({test::random_text(random, kWords, 20)}, embedder);
    const QueryBuilder builder(embedder);
    const QueryMeaning query{{{.terms = XapianTokenizer().terms("w1 w7")}}, *builder.vector("w1 w7")};
    const auto explained = explain_cosine(*embedder, query, database.get_document(1));
    REQUIRE(explained);
    CHECK(explained->cosine == static_cast<double>(*SlotVectorReader(database, *embedder).cosine(1, query.unit)));
  }
}

TEST_CASE("a share is not what the cosine loses without the word") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  const auto document = document_of("w1 w5 w9", embedder);
  const auto with = explain_cosine(*embedder, meaning_of({text_part("w1 w2")}, *embedder), document);
  const auto without = explain_cosine(*embedder, meaning_of({text_part("w2")}, *embedder), document);
  REQUIRE(with);
  REQUIRE(without);
  CHECK(std::fabs(by_word(with->query).at("w1") - (with->cosine - without->cosine)) > 0.01);
}

TEST_CASE("a part that is a document has one share, under its label") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  const auto document = document_of("w1 w2 w3", embedder);
  const UnitVector liked = test::Random(4).unit(kDimensions);
  const QueryMeaning alone{{{"like:4", 1, {}, liked}}, liked};
  const auto explained = explain_cosine(*embedder, alone, document);
  REQUIRE(explained);
  REQUIRE(explained->query.size() == 1);
  CHECK(explained->query[0].word == "like:4");
  CHECK(explained->query[0].share == doctest::Approx(explained->cosine).epsilon(1e-6));

  const auto mixed =
      explain_cosine(*embedder, meaning_of({{"w1", 0.5, {}, liked}, text_part("w1")}, *embedder), document);
  REQUIRE(mixed);
  CHECK_MESSAGE(mixed->query.size() == 2, "a label that is spelled like a word stays apart from it");
}

TEST_CASE("unknown words are named once and have no share, stop words have a share of zero") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  const auto document = document_of("w1 w3 other", embedder);
  const auto explained =
      explain_cosine(*embedder, meaning_of({text_part("w1 w3 zebra ape"), text_part("zebra w2")}, *embedder), document);
  REQUIRE(explained);
  CHECK(explained->unknown == std::vector<std::string>{"ape", "zebra"});
  const auto words = by_word(explained->query);
  CHECK(words.size() == 3);
  CHECK(words.at("w3") == 0);
  CHECK(by_word(explained->document).size() == 2);
}

TEST_CASE("nothing is explained where the query or the document has no vector") {
  const auto embedder = embedder_with(VectorCodec::kFloat16);
  const auto document = document_of("w1 w2", embedder);
  CHECK_FALSE(explain_cosine(*embedder, {}, document));
  CHECK_FALSE(explain_cosine(*embedder, meaning_of({text_part("zebra")}, *embedder), document));
  const QueryMeaning query = meaning_of({text_part("w1"), text_part("zebra"), text_part("")}, *embedder);
  CHECK(explain_cosine(*embedder, query, document));
  CHECK_FALSE(explain_cosine(*embedder, query, document_of("zebra", embedder)));
}

TEST_CASE("a stored vector of other words shows in the document's rounding") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  Xapian::Document document = document_of("w1 w2 w3", embedder);
  document.add_value(schema::kVectorSlot, document_of("w7 w8", embedder).get_value(schema::kVectorSlot));
  const auto explained = explain_cosine(*embedder, meaning_of({text_part("w1")}, *embedder), document);
  REQUIRE(explained);
  CHECK(std::fabs(explained->document_rounding) > 0.01);
}

TEST_CASE("a stored vector that is not finite is unrelated to every word") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  Xapian::Document document = document_of("w1", embedder);
  for (const float odd : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    UnitVector stored(kDimensions, 0.1F);
    stored[2] = odd;
    document.add_value(schema::kVectorSlot, encode_value(VectorCodec::kFloat32, 0, stored));
    const auto explained = explain_cosine(*embedder, meaning_of({text_part("w1 w2")}, *embedder), document);
    REQUIRE(explained);
    CHECK(explained->cosine == 0);
    CHECK(explained->query_rounding == 0);
    for (const WordShare& word : explained->query) CHECK(word.share == 0);
  }
}

TEST_CASE("explaining refuses other dimensions, weights that are not finite and damaged values") {
  const auto embedder = embedder_with(VectorCodec::kFloat32);
  Xapian::Document document = document_of("w1", embedder);
  const UnitVector short_unit(3, 0.5F);
  CHECK_THROWS_WITH_AS(explain_cosine(*embedder, {{}, short_unit}, document),
                       "query vector must have 8 dimensions; had 3", InvalidArgument);
  QueryMeaning query = meaning_of({text_part("w1")}, *embedder);
  query.parts.push_back({"like:4", 1, {}, short_unit});
  CHECK_THROWS_AS(explain_cosine(*embedder, query, document), InvalidArgument);
  query.parts.back() = text_part("w2", std::numeric_limits<double>::infinity());
  CHECK_THROWS_WITH_AS(explain_cosine(*embedder, query, document),
                       "weight of a part of the query must be finite; was inf", InvalidArgument);
  query.parts.pop_back();
  document.add_value(schema::kVectorSlot, "short");
  CHECK_THROWS_AS(explain_cosine(*embedder, query, document), Damaged);
}
