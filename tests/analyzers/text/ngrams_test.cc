// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/ngrams.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "analyzers/text/icu_tokenizer.h"

using namespace vecterm;

using Entries = std::vector<std::string>;

TEST_CASE("a word has as many trigrams as code points, between marks of its ends") {
  CHECK(trigrams_of("cats") == Entries{" <ca", " cat", " ats", " ts>"});
  CHECK(trigrams_of("a") == Entries{" <a>"});
  CHECK(trigrams_of("été") == Entries{" <ét", " été", " té>"});
  CHECK(trigrams_of("").empty());
}

TEST_CASE("bytes that are no UTF-8 have trigrams, too, and lose none of their bytes") {
  const std::string word = "\xFF\x80z";
  CHECK(trigrams_of(word) == Entries{" <\xFF\x80z", " \xFF\x80z>"});
}

TEST_CASE("the spelling of an entry tells what it is") {
  CHECK(ngram_of("editor") == NGram::kWord);
  CHECK(ngram_of(bigram_of("text", "editor")) == NGram::kBigram);
  for (const std::string& trigram : trigrams_of("x")) CHECK(ngram_of(trigram) == NGram::kTrigram);
  CHECK(words_of_bigram("text editor").first == "text");
  CHECK(words_of_bigram("text editor").second == "editor");
}

TEST_CASE("bigrams are counted by neighbouring positions, each as often as it occurs") {
  const TermList terms{{"a", 3}, {"b", 2}};
  const TermList expected{{"a", 3}, {"a a", 1}, {"a b", 1}, {"b", 2}};
  CHECK(with_bigrams(terms, {{9, 1}, {1, 0}, {2, 0}, {3, 1}, {7, 0}}) == expected);
}

TEST_CASE("several words at one position are neighbours of all words at the next") {
  const TermList terms{{"a", 1}, {"b", 1}, {"c", 1}};
  const TermList expected{{"a", 1}, {"a c", 1}, {"b", 1}, {"b c", 1}, {"c", 1}};
  CHECK(with_bigrams(terms, {{4, 0}, {4, 1}, {5, 2}}) == expected);
}

TEST_CASE("terms that contain a space do not count where there are bigrams") {
  const TermList terms{{"a", 1}, {"a b", 1}, {"b", 1}};
  const TermList expected{{"a", 1}, {"b", 1}};
  CHECK(with_bigrams(terms, {{1, 0}, {2, 1}, {3, 2}}) == expected);
}

TEST_CASE(
    "the last word of a field and the first of the next are no bigram, and a field's weight is that of its words") {
  const std::vector<TextField> fields{{"red fox", 3}, {"red den", 1}};
  const TermList expected{{"den", 1}, {"fox", 3}, {"red", 4}, {"red den", 1}, {"red fox", 1}};
  CHECK(IcuTokenizer(true).terms(fields) == expected);
}
