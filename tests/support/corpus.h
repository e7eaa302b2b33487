// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "index/indexer.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

/// Small made-up corpora, and databases as values that can be compared.
namespace vecterm::test {

inline constexpr std::size_t kVocabulary = 60;

/// What dictionaries have. Tests of whatever must not depend on it are templates of these types.
enum class Entries { kWords, kNGrams, kHashed };
using Words = std::integral_constant<Entries, Entries::kWords>;
using NGrams = std::integral_constant<Entries, Entries::kNGrams>;
using Hashed = std::integral_constant<Entries, Entries::kHashed>;

/// Some of the bigrams and trigrams of corpora, also such as only words have that corpus_dictionary() lacks.
inline std::vector<std::string> corpus_ngrams() {
  std::vector<std::string> ngrams;
  for (std::size_t i = 0; i < kVocabulary + 5; ++i)
    for (std::size_t j = i % 5; j < kVocabulary + 5; j += 5)
      ngrams.push_back(bigram_of("w" + std::to_string(i), "w" + std::to_string(j)));
  for (std::size_t digit = 1; digit < 10; ++digit) {
    ngrams.push_back(" <w" + std::to_string(digit));
    ngrams.push_back(" w6" + std::to_string(digit));
  }
  ngrams.insert(ngrams.end(), {" 60>", " w17", " 17>"});
  return ngrams;
}

/// Of these words, and of corpus_ngrams() where there are n-grams.
inline std::shared_ptr<const Dictionary> dictionary_with(std::vector<std::string> words,
                                                         std::shared_ptr<const HashSpace> space, std::uint64_t seed,
                                                         Entries entries) {
  if (entries == Entries::kWords) return small_dictionary(std::move(words), std::move(space), seed);
  const std::vector<std::string> ngrams = corpus_ngrams();
  words.insert(words.end(), ngrams.begin(), ngrams.end());
  DictionaryContents contents = ngram_contents(std::move(words), std::move(space), seed);
  if (entries == Entries::kHashed) contents = hashed(std::move(contents), 100, seed);
  return Dictionary::parse(serialise_dictionary(contents));
}

/// "w0" to "w59".
inline std::vector<std::string> corpus_words() {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kVocabulary; ++i) words.push_back("w" + std::to_string(i));
  return words;
}

/// Knows corpus_words().
inline std::shared_ptr<const Dictionary> corpus_dictionary(std::uint64_t seed = 1, Entries entries = Entries::kWords) {
  return dictionary_with(corpus_words(), small_cells(), seed, entries);
}

inline std::string random_words(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "w" + std::to_string(random.below(kVocabulary + 10)) + " ";
  return text;
}

/// A line of a corpus: document "d<number>", whose words depend on number and seed.
inline std::string corpus_line(std::size_t number, std::uint64_t seed = 1) {
  Random random(seed * 1000003 + number);
  nlohmann::json line{{"_id", "d" + std::to_string(number)}, {"text", random_words(random, 5 + random.below(30))}};
  if (number % 3 != 0) line["title"] = random_words(random, 3);
  line["metadata"] = {{"section", "s" + std::to_string(number % 4)}, {"size", number}};
  return line.dump() + "\n";
}

/// Documents `begin` to `end` - 1.
inline std::string corpus_lines(std::size_t begin, std::size_t end, std::uint64_t seed = 1) {
  std::string lines;
  for (std::size_t i = begin; i < end; ++i) lines += corpus_line(i, seed);
  return lines;
}

inline AnalyzerSettings corpus_settings() {
  AnalyzerSettings settings;
  settings.metadata = {{"section", "XSECTION", 1, false}, {"size", "", 2, true}};
  return settings;
}

/// Everything that a database holds of one document.
struct StoredDocument {
  struct Term {
    std::string term;
    Xapian::termcount wdf;
    std::vector<Xapian::termpos> positions;
    bool operator==(const Term&) const = default;
  };
  std::string data;
  std::vector<Term> terms;
  std::map<Xapian::valueno, std::string> values;

  bool operator==(const StoredDocument&) const = default;
};

inline StoredDocument stored(const Xapian::Document& document) {
  StoredDocument result{document.get_data(), {}, {}};
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term)
    result.terms.push_back({*term, term.get_wdf(), {term.positionlist_begin(), term.positionlist_end()}});
  for (auto value = document.values_begin(); value != document.values_end(); ++value)
    result.values[value.get_valueno()] = *value;
  return result;
}

/// Documents by docid.
inline std::map<Xapian::docid, StoredDocument> stored_documents(const std::string& path) {
  const Xapian::Database database(path);
  std::map<Xapian::docid, StoredDocument> all;
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid)
    all[*docid] = stored(database.get_document(*docid));
  return all;
}

/// All terms with the documents they are in, as the posting lists have it.
inline std::map<std::string, std::vector<Xapian::docid>> stored_postings(const std::string& path) {
  const Xapian::Database database(path);
  std::map<std::string, std::vector<Xapian::docid>> all;
  for (auto term = database.allterms_begin(); term != database.allterms_end(); ++term)
    all[*term].assign(database.postlist_begin(*term), database.postlist_end(*term));
  return all;
}

inline std::string metadata_of(const std::string& path, std::string_view key) {
  return Xapian::Database(path).get_metadata(std::string(key));
}

inline WriteOptions small_batches(std::uint32_t batch, unsigned threads = 2) {
  WriteOptions options;
  options.batch = batch;
  options.threads = threads;
  return options;
}

/// A directory with a dictionary, corpora and indexes of them.
class IndexFixture {
 public:
  explicit IndexFixture(Entries has = Entries::kWords) : dictionary(test::corpus_dictionary(1, has)) {}

  std::string corpus(const std::string& lines, const std::string& name = "corpus.jsonl") const {
    return test::write_file(directory / name, lines);
  }
  WriteReport index(const std::string& lines, const std::string& name = "db", const WriteOptions& options = {}) const {
    return index_corpora(directory / name, dictionary, {corpus(lines)}, test::corpus_settings(), options);
  }

  test::TemporaryDirectory directory;
  std::shared_ptr<const Dictionary> dictionary;
};

/// Whether `call` throws an Expected with `part` in its message.
template <class Expected, class Call>
bool refuses(const Call& call, const std::string& part) {
  const std::string message = test::message_of<Expected>(call);
  CAPTURE(message);
  return !part.empty() && message.find(part) != std::string::npos;
}

}  // namespace vecterm::test

TYPE_TO_STRING_AS("words", vecterm::test::Words);
TYPE_TO_STRING_AS("n-grams", vecterm::test::NGrams);
TYPE_TO_STRING_AS("hashed", vecterm::test::Hashed);
