// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of documents and queries: words, n-grams, snippets, explanations.
#include <algorithm>

#include "analyzers/text/icu_tokenizer.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/text/segmenter.h"
#include "analyzers/text/unicode.h"
#include "plugin/explanation.h"
#include "plugin/query_builder.h"
#include "plugin/snippet.h"
#include "plugin/term_generator.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/dictionary.h"
#include "tests/support/index.h"

using namespace vecterm;
using fuzz::require;

namespace {

std::shared_ptr<const DocumentEmbedder> embedder_with_ngrams() {
  return test::embedder_of(Dictionary::parse(serialise_dictionary(test::ngram_contents(
      {"apple", "pear", "river", "河岸", "apple pear", " <pe", " pea", " r>x"}, test::small_cells()))));
}

void check(const TermList& terms) {
  require(std::ranges::is_sorted(terms, {}, &TermCount::term));
  for (const TermCount& term : terms) {
    require(!term.term.empty() && term.wdf > 0);
    if (ngram_of(term.term) == NGram::kWord) trigrams_of(term.term);
  }
}

void check(const Snippet& snippet) {
  require(unicode::is_valid_utf8(snippet.text));
  std::size_t end = 0;
  for (const Highlight& highlight : snippet.highlights) {
    require(end <= highlight.begin && highlight.begin < highlight.end && highlight.end <= snippet.text.size());
    end = highlight.end;
  }
  highlighted(snippet, kHtmlMarks);
}

void explain(const std::shared_ptr<const DocumentEmbedder>& embedder, const QueryBuilder& builder,
             std::string_view query, std::string_view text) {
  Xapian::Document document;
  TermGenerator generator(embedder);
  generator.set_document(document);
  generator.index_text(text);
  generator.add_embedding();
  require(embedder->change(document).empty());
  text_of(document, 20);
  const auto unit = builder.vector(query);
  if (unit) explain_cosine(*embedder, {{{.terms = builder.terms(query)}}, *unit}, document);
  const std::span<const float> vector = unit ? std::span<const float>(*unit) : std::span<const float>();
  for (const std::size_t length : {3U, 40U, 200U})
    check(snippet(*embedder, text, builder.words(query), vector, {.length = length, .min_similarity = 0.1}));
}

// A query and a text.
void feed_text(std::string_view bytes) {
  static const auto embedder = embedder_with_ngrams();
  static const QueryBuilder builder(embedder);
  fuzz::Input input(bytes);
  const std::string_view query = input.text();
  const std::string_view text = input.rest();
  const std::string apart = segmented(text);
  require(unicode::is_valid_utf8(apart) && segmented(apart) == apart);
  for (const bool bigrams : {false, true}) {
    check(XapianTokenizer(bigrams).terms(text));
    check(IcuTokenizer(bigrams).terms(text));
  }
  explain(embedder, builder, query, text);
}

std::vector<std::string> text_seeds() {
  const auto seed = [](const std::string& query, const std::string& text) {
    return query + fuzz::Input::kBetween + text;
  };
  return {seed("apple pear", "Apples and pears by the river; an apple pear is none. C++ AT&T o'clock 3.14"),
          seed("河岸", "河岸 apple 海岸侵蚀 ภาษาไทย ひらがなカタカナ 한국어"),
          seed("pearl", "e\xCC\x81t\xC3\xA9 \xFF\xFE bad \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB <b>&amp;")};
}

const fuzz::Registered kText("text", feed_text, text_seeds);

}  // namespace
