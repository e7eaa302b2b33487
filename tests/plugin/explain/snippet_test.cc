// SPDX-License-Identifier: GPL-2.0-or-later
// Tests located_words.cc and word_matcher.cc, too.
#include "plugin/snippet.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/index.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDimensions = 8;

// Rows are cosine * first axis + the rest along another, so that the cosine with the first axis is as given.
struct Word {
  std::string word;
  float cosine;
  float weight = 1;
};

std::shared_ptr<const DocumentEmbedder> embedder_of(const std::vector<Word>& words, AnalyzerSettings settings = {}) {
  std::vector<std::string> spelled;
  for (const Word& word : words) spelled.push_back(word.word);
  DictionaryContents contents = test::small_contents(std::move(spelled), test::small_cells(kDimensions));
  std::fill(contents.vectors.begin(), contents.vectors.end(), 0.0F);
  for (std::size_t i = 0; i < words.size(); ++i) {
    contents.vectors[i * kDimensions] = 3 * words[i].cosine;  // length must not count
    contents.vectors[i * kDimensions + 1 + i % (kDimensions - 1)] =
        3 * std::sqrt(1 - words[i].cosine * words[i].cosine);
    contents.weights[i] = words[i].weight;
  }
  return test::embedder_of(Dictionary::parse(serialise_dictionary(contents)), std::move(settings));
}

// What all queries here mean.
UnitVector first_axis() {
  UnitVector unit(kDimensions);
  unit[0] = 1;
  return unit;
}

class Maker {
 public:
  explicit Maker(const std::vector<Word>& words = {{"pet", 0.9F}, {"cat", 0.8F}, {"dog", 0.3F}})
      : embedder_(embedder_of(words)) {}

  std::string marked(std::string_view text, std::string_view words, const SnippetOptions& options = {}) const {
    return highlighted(snippet(*embedder_, text, QueryBuilder(embedder_).words(words), first_axis(), options));
  }

  const std::shared_ptr<const DocumentEmbedder>& embedder() const { return embedder_; }

 private:
  std::shared_ptr<const DocumentEmbedder> embedder_;
};

bool begins_character(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) count += begins_character(text, i) ? 1 : 0;
  return count;
}

void check_sound(const Snippet& snippet, const SnippetOptions& options) {
  CHECK_NOTHROW(nlohmann::json(snippet.text).dump());  // it refuses what is not UTF-8
  CHECK(characters(snippet.text) <= options.length);
  std::size_t done = 0;
  for (const auto& [begin, end, semantic] : snippet.highlights) {
    CHECK(done <= begin);
    CHECK(begin < end);
    CHECK(end <= snippet.text.size());
    CHECK(begins_character(snippet.text, begin));
    CHECK(begins_character(snippet.text, end));
    done = end;
  }
  CHECK(highlighted(snippet, {"", "", "", "", false}) == snippet.text);
}

}  // namespace

TEST_CASE("words of the query are marked as they stand and by their stems, near words apart from them") {
  const Maker maker;
  CHECK(maker.marked("Dogs chase a cat; the dog's pet barks.", "dogs chasing") ==
        "**Dogs** **chase** a _cat_; the **dog's** _pet_ barks.");
  CHECK(maker.marked("Dogs chase a cat", "cats") == "Dogs chase a **cat**");
  CHECK(maker.marked("nothing here", "dogs") == "nothing here");
}

TEST_CASE("either the words or the vector of a query may be absent") {
  const Maker maker;
  const auto marked = [&](const Xapian::Query& words, std::span<const float> unit) {
    return highlighted(snippet(*maker.embedder(), "a dog and a cat", words, unit));
  };
  CHECK(marked(Xapian::Query("dog"), {}) == "a **dog** and a cat");
  CHECK(marked(Xapian::Query(), first_axis()) == "a dog and a _cat_");
  CHECK(marked(Xapian::Query(), {}) == "a dog and a cat");
}

TEST_CASE("semantic matches reach min_similarity by weight and cosine, and only the largest are marked") {
  const Maker maker({{"a1", 0.9F}, {"a2", 0.8F}, {"a3", 0.7F}, {"a4", 0.6F}, {"of", 0.9F, 0.3F}, {"the", 1, 0}});
  const std::string text = "the a4 of a3, the a2 of a1: a1 elsewhere";
  CHECK(maker.marked(text, "") == "the _a4_ of _a3_, the _a2_ of _a1_: _a1_ elsewhere");
  CHECK(maker.marked(text, "", {.length = 200, .min_similarity = 0.65, .most_semantic = 4}) ==
        "the a4 of _a3_, the _a2_ of _a1_: _a1_ elsewhere");
  CHECK(maker.marked(text, "", {.length = 200, .min_similarity = 0.2, .most_semantic = 2}) ==
        "the a4 of a3, the _a2_ of _a1_: _a1_ elsewhere");
  CHECK(maker.marked(text, "a1", {.length = 200, .min_similarity = 0.2, .most_semantic = 0}) ==
        "the a4 of a3, the a2 of **a1**: **a1** elsewhere");
  CHECK_MESSAGE(maker.marked("first words and then a1", "",
                             {.length = 13, .min_similarity = 0.2, .most_semantic = 0}) == "first words…",
                "what is not marked does not choose the passage");
}

TEST_CASE("words with signs, acronyms and typographic apostrophes are marked whole") {
  const Maker maker;
  CHECK(maker.marked("In C++, node.js; AT&T’s U.N. papers", "c++ js at&t's un") ==
        "In **C++**, node.**js**; **AT&T’s** **U.N**. papers");
  CHECK(maker.marked("one1 1,000 in_side side", "1,000 side") == "one1 **1,000** in_side **side**");
}

TEST_CASE("scripts without spaces get marks and no blanks, and are cut between words") {
  const Maker maker({{"北京", 0.9F}, {"ภาษา", 0.9F}});
  CHECK(maker.marked("我喜欢北京。", "喜欢") == "我**喜欢**_北京_。");
  CHECK(maker.marked("ผมพูดภาษาไทย", "พูด") == "ผม**พูด**_ภาษา_ไทย");
  std::string text;
  for (int i = 0; i < 50; ++i) text += "我喜欢苹果，";
  text += "他住在北京，";
  for (int i = 0; i < 50; ++i) text += "我喜欢苹果，";
  const SnippetOptions options{.length = 20, .min_similarity = 0.5, .most_semantic = 4};
  const std::string marked = maker.marked(text, "", options);
  CHECK(marked.starts_with("…"));
  CHECK(marked.ends_with("…"));
  CHECK(marked.find("住在_北京_，我喜欢") != std::string::npos);
  CHECK(characters(marked) <= 22);
}

TEST_CASE("a snippet is in NFC, with single blanks and without invalid bytes") {
  const Maker maker;
  CHECK(maker.marked("  cafe\u0301\n\n of \t Paris\u3000", "café") == "**café** of Paris");
  CHECK(maker.marked("a\xFF"
                     "dog \xE4\xBA",
                     "dog") == "a\uFFFD**dog** \uFFFD");
}

TEST_CASE("a text that fits is shown whole, a longer one from its beginning where nothing matches") {
  const Maker maker;
  const SnippetOptions options{.length = 12, .min_similarity = 0.5, .most_semantic = 4};
  CHECK(maker.marked("exactly 12 !", "", options) == "exactly 12 !");
  CHECK(maker.marked("exactly 13 !!", "", options) == "exactly…");
  CHECK(maker.marked("", "", options).empty());
  CHECK(maker.marked("?!", "", options) == "?!");
}

TEST_CASE("where no word fits, a text is cut between characters") {
  const Maker maker;
  const SnippetOptions options{.length = 6, .min_similarity = 0.5, .most_semantic = 4};
  CHECK(maker.marked("ééééééééééé", "", options) == "éééé…");
  CHECK(maker.marked("?????????", "", options) == "????…");
  CHECK(maker.marked(std::string(1000, 'a'), "", options) == "aaaa…");
}

TEST_CASE("a passage begins with its sentence where that is near, otherwise the match stands in its middle") {
  const Maker maker;
  const SnippetOptions options{.length = 40, .min_similarity = 0.5, .most_semantic = 4};
  CHECK(maker.marked("Some words come first. Then a dog barks at length and nobody minds it.", "dog", options) ==
        "…Then a **dog** barks at length and nobody…");
  CHECK(maker.marked("these words go on and on before the dog barks and they go on after it too", "dog", options) ==
        "…on before the **dog** barks and they go on…");
  CHECK(maker.marked("these words go on and on before they end with a dog", "dog", options) ==
        "…on and on before they end with a **dog**");
  CHECK_MESSAGE(maker.marked("all of it node.js dog food for all people", "dog",
                             {.length = 16, .min_similarity = 0.5, .most_semantic = 4}) == "…**dog** food for…",
                "never within node.js");
}

TEST_CASE("the passage has the largest worth, each stem counted once") {
  const std::size_t words = 40;
  constexpr unsigned kSeed = 21;
  CAPTURE(kSeed);
  test::Random random(kSeed);
  std::vector<Word> dictionary;
  for (std::size_t i = 0; i < words; ++i)
    dictionary.push_back({"w" + std::to_string(i), random.number(), std::fabs(random.number())});
  const auto embedder = embedder_of(dictionary);
  const std::set<std::string> wanted{"w2", "w7", "w90", "w31"};
  const Xapian::Query query(Xapian::Query::OP_OR, wanted.begin(), wanted.end());
  const SnippetOptions options{.length = 60, .min_similarity = 0.3, .most_semantic = 100};
  const auto worth_of = [&](const std::set<std::string>& passage) {
    double worth = 0;
    for (const std::string& word : passage) {
      const std::size_t i = std::stoul(word.substr(1));
      const float weight = i < words ? dictionary[i].weight : 1;
      const float near = i < words ? weight * dictionary[i].cosine : 0;
      if (wanted.contains(word)) {
        worth += static_cast<double>(weight);
      } else if (near >= 0.3F) {
        worth += static_cast<double>(near);
      }
    }
    return worth;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> text;
    for (std::size_t i = 0; i < 60; ++i) text.push_back("w" + std::to_string(random.below(100)));
    double best = 0;
    for (std::size_t first = 0; first < text.size(); ++first) {
      std::set<std::string> passage;
      std::size_t length = 0;
      for (std::size_t last = first; last < text.size(); ++last) {
        length += text[last].size() + (last > first ? 1 : 0);
        if (length > options.length - 2) break;
        passage.insert(text[last]);
        best = std::max(best, worth_of(passage));
      }
    }
    std::string joined;
    for (const std::string& word : text) joined += word + " ";
    const Snippet made = snippet(*embedder, joined, query, first_axis(), options);
    check_sound(made, options);
    std::set<std::string> marked;
    for (const auto& [begin, end, semantic] : made.highlights) {
      marked.insert(made.text.substr(begin, end - begin));
      CHECK(semantic != wanted.contains(made.text.substr(begin, end - begin)));
    }
    CHECK(worth_of(marked) == doctest::Approx(best).epsilon(1e-6));
  }
}

TEST_CASE("every word that the index has of a text is found in it, in any language") {
  const auto path = test::shared_data("tatoeba_multi/sentences.tsv.gz");
  if (!path) return;
  const Maker maker;
  const XapianTokenizer tokenizer;
  LineReader reader(*path);
  for (std::string_view line; reader.next(line);) {
    if (reader.line_number() % 20 != 0) continue;
    CAPTURE(std::string(line));
    std::vector<std::string> words;
    std::size_t count = 0;
    for (const auto& [term, wdf] : tokenizer.terms(line)) {
      words.push_back(term);
      count += wdf;
    }
    const Xapian::Query query(Xapian::Query::OP_OR, words.begin(), words.end());
    const Snippet made =
        snippet(*maker.embedder(), line, query, {}, {.length = 100'000, .min_similarity = 0.5, .most_semantic = 0});
    CHECK(made.highlights.size() == count);
  }
}

TEST_CASE("any bytes make a sound snippet of any length") {
  constexpr unsigned kSeed = 22;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  const Maker maker({{"a", 0.9F}, {"b", 0.6F}});
  const std::string pieces[] = {"a ",     "b. ",    "dog",  "北京", "é",  "e\u0301",
                                "\u200B", "\u00AD", "A.B.", " ",    "\n", "，"};
  for (int round = 0; round < 3000; ++round) {
    std::string text = round % 2 == 0 ? test::random_bytes(random, 400) : std::string();
    for (std::size_t i = random() % 60; i > 0 && round % 2 != 0; --i) text += pieces[random() % std::size(pieces)];
    const SnippetOptions options{.length = 3 + random() % 80, .min_similarity = 0.5, .most_semantic = random() % 4};
    CAPTURE(text);
    CAPTURE(options.length);
    check_sound(snippet(*maker.embedder(), text, Xapian::Query("dog"), first_axis(), options), options);
  }
}

TEST_CASE("marks may be any, and HTML is escaped around them") {
  const Maker maker;
  const Snippet made = snippet(*maker.embedder(), "<a> & \"cat's\" dog", Xapian::Query("dog"), first_axis());
  CHECK(highlighted(made) == "<a> & \"cat's\" **dog**");
  CHECK(highlighted(made, kHtmlMarks) == "&lt;a&gt; &amp; &quot;cat&#39;s&quot; <b>dog</b>");
  CHECK(highlighted(snippet(*maker.embedder(), "cat", {}, first_axis()), kHtmlMarks) == "<i>cat</i>");
}

TEST_CASE("an index without texts shows the words of a document in their order") {
  const Maker maker;
  const auto database = test::index_of({"The dog chases the U.N. cat.", "我喜欢北京"}, maker.embedder());
  CHECK(text_of(database.get_document(1)) == "the dog chases the un cat");
  CHECK(text_of(database.get_document(1), 3) == "the dog chases");
  CHECK(text_of(database.get_document(1), 0).empty());
  CHECK(text_of(database.get_document(2)) == "我 喜欢 北京");
  Xapian::Document without;
  without.add_term("dog");
  without.add_posting("XTAGcat", 1);
  CHECK(text_of(without).empty());
}

TEST_CASE("snippets refuse options out of their range and vectors of another dimension") {
  const Maker maker;
  const auto make = [&](const SnippetOptions& options) {
    return snippet(*maker.embedder(), "text", {}, first_axis(), options);
  };
  CHECK_THROWS_WITH_AS(make({.length = 2, .min_similarity = 0.5, .most_semantic = 4}),
                       "length must be at least 3; was 2", InvalidArgument);
  CHECK_THROWS_WITH_AS(make({.length = 20, .min_similarity = 0, .most_semantic = 4}),
                       "min_similarity must be in (0, 1]; was 0", InvalidArgument);
  CHECK_THROWS_AS(make({.length = 20, .min_similarity = std::nan(""), .most_semantic = 4}), InvalidArgument);
  CHECK_THROWS_WITH_AS(snippet(*maker.embedder(), "text", {}, UnitVector(3)),
                       "query vector must have 8 dimensions; had 3", InvalidArgument);
}
