// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/words/dictionary_difference.h"
#include "index/following/document_edits.h"
#include "index/following/update_forecast.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/generations.h"

using namespace vecterm;

namespace {

const std::vector<std::string> kWords{"cat", "cats", "cart", "act", "dog", "dogs", "do", "été", "tété", "a"};

/// Splits a word into its first character and the others, "c ##a ##t".
const std::string kPieces = [] {
  std::string vocabulary;
  std::size_t pieces = 0;
  for (const char* character : {"a", "c", "d", "g", "o", "r", "s", "t", "\u00e9"})
    for (const char* prefix : {"", "##"})
      vocabulary += fmt::format("{}\"{}{}\": {}", pieces == 0 ? "" : ", ", prefix, character, pieces), ++pieces;
  return SubwordTokenizer::parse(R"({"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordPiece",
      "vocab": {)" + vocabulary + "}}}",
                                 "pieces")
      ->description();
}();

/// All that can stand in a dictionary of these words.
std::vector<std::string> all_entries() {
  std::vector<std::string> entries = kWords;
  for (const std::string& first : kWords)
    for (const std::string& second : kWords) entries.push_back(bigram_of(first, second));
  for (const std::string& word : kWords)
    for (std::string& trigram : trigrams_of(word)) entries.push_back(std::move(trigram));
  const auto tokenizer = SubwordTokenizer::parse(kPieces, "pieces");
  for (const std::string& piece : tokenizer->spellings()) entries.push_back(piece_entry(piece));
  std::ranges::sort(entries);
  const auto twice = std::ranges::unique(entries);
  entries.erase(twice.begin(), twice.end());
  return entries;
}

/// A dictionary as something that can be changed at random.
struct Recipe {
  std::map<std::string, std::uint64_t> entries;  ///< with what their numbers are drawn from
  NGramKinds kinds;
  bool hashed = false;
  std::uint64_t components = 0;  ///< what they are drawn from

  static Recipe random(test::Random& random) {
    Recipe recipe{
        {}, {random.below(2) == 0, random.below(2) == 0, random.below(3) == 0}, random.below(3) == 0, random.below(3)};
    for (const std::string& entry : all_entries())
      if (random.below(3) == 0) recipe.entries[entry] = random.below(3);
    return recipe;
  }

  /// A few entries come, go or move; sometimes more than that changes.
  Recipe changed(test::Random& random) const {
    Recipe recipe = *this;
    const std::vector<std::string> all = all_entries();
    for (std::size_t i = 0, count = 1 + random.below(4); i < count; ++i) {
      const std::string& entry = all[random.below(all.size())];
      if (random.below(3) == 0)
        recipe.entries.erase(entry);
      else
        recipe.entries[entry] = random.below(3);
    }
    if (random.below(6) == 0) recipe.kinds.bigrams = !kinds.bigrams;
    if (random.below(6) == 0) recipe.kinds.trigrams = !kinds.trigrams;
    if (random.below(6) == 0) recipe.kinds.pieces = !kinds.pieces;
    if (random.below(6) == 0) recipe.hashed = !hashed;
    if (random.below(6) == 0) recipe.components = random.below(3);
    return recipe;
  }

  std::shared_ptr<const Dictionary> dictionary() const {
    // What has pieces has neither trigrams nor components.
    const NGramKinds has{kinds.bigrams, kinds.trigrams && !kinds.pieces, kinds.pieces};
    std::vector<std::string> words;
    for (const auto& [entry, _] : entries)
      if (is_entry(entry, has) && (has.any() || !entry.starts_with("  "))) words.push_back(entry);
    DictionaryContents contents = test::small_contents(words, test::small_cells());
    contents.ngrams = has;
    if (has.pieces) contents.pieces = kPieces;
    for (std::size_t i = 0; i < words.size(); ++i)
      std::ranges::copy(test::Random(entries.at(words[i]) + 100 * words[i].size()).unit(8),
                        contents.vectors.begin() + static_cast<std::ptrdiff_t>(8 * i));
    if (hashed && !has.pieces) {
      contents = test::hashed(std::move(contents), 20, components);
      for (std::size_t i = 0; i < words.size(); ++i) contents.mixing[2 * i] = static_cast<float>(entries.at(words[i]));
    }
    return Dictionary::parse(serialise_dictionary(contents));
  }
};

Xapian::Document random_document(test::Random& random) {
  Xapian::Document document;
  Xapian::TermGenerator generator;
  generator.set_document(document);
  for (std::size_t field = 0; field < 2; ++field) {
    std::string text;
    for (std::size_t i = 0, count = random.below(4); i < count; ++i) text += kWords[random.below(kWords.size())] + " ";
    generator.index_text(text);
    generator.increase_termpos();
  }
  // What other programs may do: words without positions, and terms that contain a space.
  if (random.below(4) == 0) document.add_term(kWords[random.below(kWords.size())]);
  if (random.below(8) == 0) document.add_term("cat dog");
  if (random.below(8) == 0) document.add_term(" <ca");
  if (random.below(8) == 0) document.add_term("  ##a");
  document.add_boolean_term("XCAT");
  return document;
}

std::optional<UnitVector> embedding(const std::shared_ptr<const Dictionary>& dictionary,
                                    const Xapian::Document& document) {
  return Embedder(dictionary).embed(raw_terms(document, dictionary->ngrams().bigrams));
}

/// Words of corpora that corpus_dictionary() does not know, with a trigram.
std::vector<std::string> unknown_words_with(const std::string& trigram) {
  std::vector<std::string> words;
  for (std::size_t i = test::kVocabulary; i < test::kVocabulary + 10; ++i) {
    const std::string word = "w" + std::to_string(i);
    if (std::ranges::count(trigrams_of(word), trigram) > 0) words.push_back(word);
  }
  return words;
}

/// The dictionary with another vector for one entry.
std::shared_ptr<const Dictionary> with_moved(const Dictionary& before, const std::string& entry) {
  DictionaryContents contents = before.contents();
  contents.vectors[8 * std::size_t{before.find(entry).value()}] += 0.25F;
  return Dictionary::parse(serialise_dictionary(contents));
}

}  // namespace

TEST_CASE("documents that changes of a dictionary name include all whose embedding differs") {
  std::size_t differing = 0, named = 0, all = 0;
  const bool holds = rc::check([&](std::uint32_t seed) {
    test::Random random(seed);
    Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
    for (int i = 0; i < 12; ++i) database.add_document(random_document(random));
    const Recipe first = Recipe::random(random);
    Recipe last = first;
    std::vector<std::string> entries;
    // An update may come before the last one is through.
    for (std::size_t step = 0, steps = 1 + random.below(2); step < steps; ++step) {
      const Recipe next = last.changed(random);
      const auto changes = difference(*last.dictionary(), *next.dictionary()).words();
      std::vector<std::string> both;
      std::ranges::set_union(entries, changes, std::back_inserter(both));
      entries = std::move(both);
      last = next;
    }
    const auto before = first.dictionary(), after = last.dictionary();
    const auto touched = documents_touched(database, entries, *after);
    RC_ASSERT(std::ranges::is_sorted(touched));
    for (Xapian::docid docid = 1; docid <= database.get_lastdocid(); ++docid) {
      const Xapian::Document document = database.get_document(docid);
      const bool differs = embedding(before, document) != embedding(after, document);
      if (differs) RC_ASSERT(std::ranges::binary_search(touched, docid));
      differing += differs ? 1 : 0;
    }
    named += touched.size();
    all += database.get_doccount();
  });
  CHECK(holds);
  MESSAGE(differing << " of " << all << " documents differed, " << named << " were named");
  CHECK(differing > 0);
  CHECK(named < all);
}

TEST_CASE("a trigram that moved names the documents of unknown words with it, a bigram those of both words") {
  const test::IndexFixture fixture(test::Entries::kNGrams);
  fixture.index(test::corpus_lines(0, 300));
  const Xapian::Database database(fixture.directory / "db");
  const auto documents_of = [&](const std::string& entry) {
    const auto moved = with_moved(*fixture.dictionary, entry);
    return documents_touched(database, difference(*fixture.dictionary, *moved).words(), *moved);
  };
  CHECK(documents_of(" w63") == documents_with(database, unknown_words_with(" w63")));
  CHECK(documents_of(" <w6") == documents_with(database, unknown_words_with(" <w6")));
  CHECK(documents_of(" 17>").empty());
  std::vector<Xapian::docid> both;
  std::ranges::set_intersection(documents_with(database, {"w3"}), documents_with(database, {"w8"}),
                                std::back_inserter(both));
  CHECK(documents_of("w3 w8") == both);
  CHECK(documents_of("w3 w3") == documents_with(database, {"w3"}));
}

TEST_CASE("an index follows from words to n-grams to a hashed dictionary and back, bit for bit") {
  const test::IndexFixture fixture;
  fixture.index(test::corpus_lines(0, 200));
  const std::string db = fixture.directory / "db";
  using enum test::Entries;
  std::uint64_t seed = 1;
  for (const test::Entries entries : {kNGrams, kWords, kHashed, kNGrams, kHashed, kWords}) {
    const auto next = test::corpus_dictionary(++seed, entries);
    CHECK(reindex(db, next).kind == ReindexReport::Kind::kUpdate);
    const std::string fresh = fixture.directory / ("fresh" + std::to_string(seed));
    index_corpora(fresh, next, {fixture.directory / "corpus.jsonl"}, test::corpus_settings());
    CHECK(test::stored_documents(db) == test::stored_documents(fresh));
    CHECK(test::stored_postings(db) == test::stored_postings(fresh));
  }
}

TEST_CASE("with n-grams, bigrams and unknown words change embeddings of documents") {
  const auto words = test::corpus_dictionary(), ngrams = test::corpus_dictionary(1, test::Entries::kNGrams);
  const XapianTokenizer tokenizer(true);
  CHECK_FALSE(Embedder(words).embed(XapianTokenizer().terms("w63")));
  CHECK(Embedder(ngrams).embed(tokenizer.terms("w63")));
  CHECK(Embedder(ngrams).embed(tokenizer.terms("w3 w8")) != Embedder(ngrams).embed(tokenizer.terms("w8 w3")));
}

TEST_CASE("updates of hashed dictionaries say in advance that nearly every document changes, others do not") {
  for (const test::Entries entries : {test::Entries::kNGrams, test::Entries::kHashed}) {
    const test::IndexFixture fixture(entries);
    fixture.index(test::corpus_lines(0, 50));
    const std::string db = fixture.directory / "db";
    DictionaryContents contents = fixture.dictionary->contents();
    std::vector<float>& numbers = contents.vectors.empty() ? contents.components : contents.vectors;
    std::ranges::transform(numbers, numbers.begin(), [](float number) { return 0.5F * number; });
    const auto next = Dictionary::parse(serialise_dictionary(contents));
    const bool hashed = entries == test::Entries::kHashed;
    const ReindexReport told = forecast_reindex(db, next);
    CHECK(told.forecast.hashed == hashed);
    CHECK(told.forecast.changed_share == 1);
    CHECK(told.forecast.text().empty() == !hashed);
    CHECK(told.documents == 0);
    CHECK(told.words_moved == next->size());
    CHECK(plan_reindex(db, next).forecast.changed_share == 1);
    CHECK(reindex(db, next).forecast.text() == told.forecast.text());
  }
}

TEST_CASE("the share of running words that change is by their counts") {
  const auto before = test::corpus_dictionary(1, test::Entries::kNGrams);
  DictionaryContents contents = before->contents();
  std::ranges::fill(contents.counts, 0U);
  contents.counts[before->find("w1").value()] = 30;
  contents.counts[before->find("w2").value()] = 10;
  contents.counts[before->find("w2 w2").value()] = 1000;
  contents.vectors[8 * std::size_t{before->find("w2").value()}] += 0.5F;
  const auto after = Dictionary::parse(serialise_dictionary(contents));
  CHECK(forecast(difference(*before, *after), *before, *after).changed_share == 0.25);
}
