// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/icu_tokenizer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

TermList icu(std::string_view text) { return IcuTokenizer().terms(text); }

std::uint32_t wdf_of(const TermList& terms, std::string_view term) {
  const auto found = std::find_if(terms.begin(), terms.end(), [&](const TermCount& t) { return t.term == term; });
  return found == terms.end() ? 0 : found->wdf;
}

}  // namespace

TEST_CASE("the ICU tokenizer counts lower-case words in byte order") {
  CHECK(icu("The cat and the hat, 42.") == TermList{{"42", 1}, {"and", 1}, {"cat", 1}, {"hat", 1}, {"the", 2}});
  CHECK(icu("don't node.js") == TermList{{"don't", 1}, {"node.js", 1}});
  CHECK(icu("").empty());
  CHECK(icu("?! -- _ … 😀").empty());
  CHECK(IcuTokenizer().name() == "icu");
}

TEST_CASE("the ICU tokenizer folds case fully and composes") {
  CHECK(icu("STRASSE straße") == TermList{{"strasse", 2}});
  CHECK(icu("E\u0301TE\u0301 \u00E9t\u00E9") == TermList{{"\u00E9t\u00E9", 2}});
}

TEST_CASE("the ICU tokenizer splits scripts without spaces") {
  const TermList terms = icu("我喜欢北京 Windowsภาษาไทย");
  CHECK(wdf_of(terms, "喜欢") == 1);
  CHECK(wdf_of(terms, "北京") == 1);
  CHECK(wdf_of(terms, "windows") == 1);
  CHECK(wdf_of(terms, "ไทย") == 1);
}

TEST_CASE("the ICU tokenizer keeps words of 64 bytes and drops longer ones") {
  CHECK(icu(std::string(64, 'a') + " x").size() == 2);
  CHECK(icu(std::string(65, 'a') + " x") == TermList{{"x", 1}});
}

TEST_CASE("the ICU tokenizer adds the fields up and joins no words across them") {
  const std::vector<std::string_view> fields{"red fox", "fox den"};
  CHECK(IcuTokenizer().terms(fields) == TermList{{"den", 1}, {"fox", 2}, {"red", 1}});
  CHECK(IcuTokenizer().terms(std::vector<std::string_view>{"re", "d"}) == TermList{{"d", 1}, {"re", 1}});
}

TEST_CASE("bytes that are no text separate words of the ICU tokenizer") {
  CHECK(icu("one\xFFtwo") == TermList{{"one", 1}, {"two", 1}});
}

TEST_CASE("random bytes give the ICU tokenizer distinct short terms in byte order") {
  constexpr unsigned kSeed = 20'240'603;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const TermList terms = icu(random_bytes(random, 200));
    for (std::size_t t = 0; t < terms.size(); ++t) {
      CHECK(terms[t].wdf > 0);
      CHECK(terms[t].term.size() <= 64);
      if (t > 0) CHECK(terms[t - 1].term < terms[t].term);
    }
  }
}
