// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/xapian_tokenizer.h"

#include <string>
#include <vector>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/text/segmenter.h"
#include "plugin/document_embedder.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

TermList words(std::string_view text) { return XapianTokenizer().terms(text); }

Xapian::Document indexed(const std::vector<std::string_view>& fields) {
  Xapian::Document document;
  Xapian::TermGenerator generator;
  generator.set_stemmer(Xapian::Stem("en"));
  generator.set_document(document);
  for (const std::string_view field : fields) {
    generator.index_text(segmented(field));
    generator.increase_termpos();
  }
  return document;
}

}  // namespace

TEST_CASE("the Xapian tokenizer spells words as Xapian does, in byte order") {
  CHECK(
      words("The C++ and GTK+ of node.js: AT&T, the U.N.") ==
      TermList{
          {"and", 1}, {"at&t", 1}, {"c++", 1}, {"gtk+", 1}, {"js", 1}, {"node", 1}, {"of", 1}, {"the", 2}, {"un", 1}});
  CHECK(words("").empty());
  CHECK(words("我喜欢北京") == TermList{{"北京", 1}, {"喜欢", 1}, {"我", 1}});
  CHECK(XapianTokenizer().name() == "xapian");
}

TEST_CASE("the Xapian tokenizer adds the fields up and joins no words across them") {
  CHECK(XapianTokenizer().terms(std::vector<std::string_view>{"red fox", "fox", "den"}) ==
        TermList{{"den", 1}, {"fox", 2}, {"red", 1}});
}

TEST_CASE("raw terms leave out prefixes, stems and terms with wdf 0") {
  Xapian::Document document;
  document.add_term("cats", 3);
  document.add_term("Zcat", 3);
  document.add_term("Qid");
  document.add_boolean_term("XLSH7k3f_00_0001");
  document.add_boolean_term("filter");
  document.add_term("été", 2);
  document.add_term("42");
  CHECK(raw_terms(document) == TermList{{"42", 1}, {"cats", 3}, {"été", 2}});
}

TEST_CASE("the words of a text are the raw terms of the document that was indexed with it") {
  const auto path = shared_data("tatoeba_multi/sentences.tsv.gz");
  if (!path) return;
  LineReader reader(*path);
  const XapianTokenizer tokenizer;
  for (std::string_view line; reader.next(line);) {
    if (reader.line_number() % 10 != 0) continue;
    const std::size_t tab = line.rfind('\t');
    const std::vector<std::string_view> fields{line.substr(0, tab), line.substr(tab + 1)};
    REQUIRE(tokenizer.terms(fields) == raw_terms(indexed(fields)));
  }
  CHECK(reader.line_number() > 80'000);
}

TEST_CASE("the words and bigrams of a text are those of the document that was indexed with it") {
  const XapianTokenizer tokenizer(true);
  const std::vector<std::string_view> fields{"A text editor, a Text editor", "editor c++ text"};
  const TermList expected{{"a", 2},        {"a text", 2},     {"c++", 1},  {"c++ text", 1},   {"editor", 3},
                          {"editor a", 1}, {"editor c++", 1}, {"text", 3}, {"text editor", 2}};
  CHECK(tokenizer.terms(fields) == expected);
  CHECK(raw_terms(indexed(fields), true) == expected);
}

TEST_CASE("overlong words and bytes that are no text do not throw") {
  CHECK(words(std::string(100'000, 'a') + " x") == TermList{{"x", 1}});
  CHECK(words(std::string(300, '\0') + "x") == TermList{{"x", 1}});
  CHECK(words("one\xFFtwo") == TermList{{"one", 1}, {"two", 1}});
  std::string dots;
  for (int i = 0; i < 1000; ++i) dots += "A.";
  CHECK_NOTHROW(words(dots));
  constexpr unsigned kSeed = 20'240'604;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const TermList terms = words(random_bytes(random, 300));
    for (std::size_t t = 1; t < terms.size(); ++t) CHECK(terms[t - 1].term < terms[t].term);
  }
}

TEST_CASE("a dictionary that another tokenizer made is refused") {
  DictionaryContents contents = small_contents({"w1"}, small_cells());
  check_tokenizer(*Dictionary::parse(serialise_dictionary(contents)));
  contents.tokenizer = "icu";
  const auto other = Dictionary::parse(serialise_dictionary(contents));
  CHECK_THROWS_WITH_AS(check_tokenizer(*other),
                       "the dictionary's words must be split by the tokenizer \"xapian\"; were by \"icu\"", DataError);
  CHECK_THROWS_AS(new_record(*other), WrongDictionary);
}
