// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/feeding/own_pairs.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

std::map<std::string, int> words_of(const std::string& text) {
  std::istringstream in(text);
  std::map<std::string, int> words;
  for (std::string word; in >> word;) ++words[word];
  return words;
}

CorpusDocument document_of(const std::string& id, const std::string& title, std::size_t words) {
  CorpusDocument document;
  document.id = id;
  document.title = title;
  for (std::size_t i = 0; i < words; ++i)
    document.text += fmt::format("{}w{}", i == 0 ? "" : i % 7 == 0 ? "\n " : " ", i % 19);
  return document;
}

}  // namespace

TEST_CASE("a title leads to its text, and a passage to all that stands around it") {
  for (std::size_t words = 24; words < 90; ++words) {
    const CorpusDocument document = document_of(fmt::format("d{}", words), "The title", words);
    const auto pairs = own_pairs(document);
    REQUIRE(pairs.size() == 2);
    CHECK(pairs[0].task == std::string("title"));
    CHECK(pairs[0].query == "The title");
    CHECK(pairs[0].item == document.text);
    CHECK(pairs[1].task == std::string("passage"));
    // Both together are the document, no word more and none less.
    std::map<std::string, int> both = words_of(pairs[1].item);
    int taken = 0;
    for (const auto& [word, count] : words_of(pairs[1].query)) both[word] += count, taken += count;
    CHECK(both == words_of(document.title + " " + document.text));
    CHECK(taken >= 4);
    CHECK(taken <= 12);
    CHECK(document.text.find(pairs[1].query) != std::string::npos);
  }
}

TEST_CASE("a short text gives no passage, and none without a title no pair") {
  CHECK(own_pairs(document_of("a", "Title", 23)).size() == 1);
  CHECK(own_pairs(document_of("a", "", 23)).empty());
  CHECK(own_pairs(document_of("a", "Title", 0)).empty());
  CHECK(own_pairs(document_of("a", "", 24)).size() == 1);
}

TEST_CASE("which passage is cut goes by the id, and all of a text are cut now and then") {
  const auto passage = [](int id) { return own_pairs(document_of(fmt::format("{}", id), "", 24)).front().query; };
  CHECK(passage(1) == passage(1));
  std::set<std::string> first_words;
  for (int id = 0; id < 500; ++id) first_words.insert(passage(id).substr(0, passage(id).find_first_of(" \n")));
  CHECK(first_words.size() == 19);
}
