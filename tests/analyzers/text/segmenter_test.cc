// SPDX-License-Identifier: GPL-2.0-or-later
// Tests unicode.cc, too.
#include "analyzers/text/segmenter.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "analyzers/base/line_reader.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

std::string sorted_bytes(const std::string& text) {
  std::string bytes = without_spaces(text);
  std::sort(bytes.begin(), bytes.end());
  return bytes;
}

struct Sentence {
  std::string language;
  std::string text;
};

std::vector<Sentence> sentences(const std::string& path) {
  LineReader reader(path);
  std::vector<Sentence> result;
  for (std::string_view line; reader.next(line);) {
    const std::size_t tab = line.find('\t');
    result.push_back(
        {std::string(line.substr(0, tab)), std::string(line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1))});
  }
  return result;
}

bool is_spaceless_language(const std::string& language) {
  static const std::vector<std::string> all{"cmn", "jpn", "lao", "mya", "tha", "wuu", "yue"};
  return std::find(all.begin(), all.end(), language) != all.end();
}

}  // namespace

TEST_CASE("text of scripts with spaces is left as it is") {
  for (const std::string text :
       {"", " two  spaces\tand\nlines ", "C++, gtk+ & node.js", "Größe naïve", "Ελληνικά", "русский язык", "हिन्दी भाषा",
        "العربية", "한국어 띄어쓰기", "emoji 👩‍👩‍👧 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢"})
    CHECK(segmented(text) == text);
}

TEST_CASE("words of scripts without spaces are set apart") {
  CHECK(segmented("我喜欢北京") == "我 喜欢 北京");
  CHECK(segmented("ภาษาไทย") == "ภาษา ไทย");
  CHECK(segmented("東京に行く") == "東京 に 行く");
  CHECK(segmented("ភាសាខ្មែរជាភាសាផ្លូវការ") == "ភាសាខ្មែរ ជា ភាសាផ្លូវការ");
  CHECK(segmented("ພາສາລາວ").find(' ') != std::string::npos);
  CHECK(segmented("မြန်မာစာ").find(' ') != std::string::npos);
}

TEST_CASE("a run is set apart from letters and digits beside it but not from punctuation") {
  CHECK(segmented("iPhone手机") == "iPhone 手机");
  CHECK(segmented("2015年") == "2015 年");
  CHECK(segmented("Windowsภาษา") == "Windows ภาษา");
  CHECK(segmented("北京ไทย") == "北京 ไทย");
  CHECK(segmented("「北京」。(東京)") == "「北京」。(東京)");
  CHECK(segmented("北京 東京") == "北京 東京");
}

TEST_CASE("marks, sound marks and joiners stay with their run") {
  CHECK(segmented("コーヒー") == "コーヒー");
  CHECK(segmented("葛\U000E0100") == "葛\U000E0100");
  CHECK(segmented("ｶﾞ") == "ｶﾞ");
  CHECK(segmented("か\u3099") == "が");
}

TEST_CASE("a zero width space between words becomes a space, because Xapian would join its sides") {
  const std::string text = segmented("ខ្មែរ\u200Bខ្មែរ");
  CHECK(text.find(" \u200B ") != std::string::npos);
  CHECK(segmented("a\u200Bb") == "a\u200Bb");
}

TEST_CASE("text becomes NFC") {
  CHECK(segmented("e\u0301") == "\u00E9");
  CHECK(segmented("\u1100\u1161") == "\uAC00");
  CHECK(segmented("\u212B") == "\u00C5");
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, one for each maximal ill-formed part") {
  CHECK(segmented("a\xFFz") == "a\uFFFDz");
  CHECK(segmented("\xE4\xB8") == "\uFFFD");
  CHECK(segmented("\xC0\x80") == "\uFFFD\uFFFD");
  CHECK(segmented("\xF0\x9F\x98!") == "\uFFFD!");
  CHECK(segmented("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("random bytes give text that is stable but for spaces") {
  constexpr unsigned kSeed = 20'240'601;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    const std::string once = segmented(random_bytes(random, 60));
    CHECK(without_spaces(segmented(once)) == without_spaces(once));
  }
}

TEST_CASE("random sequences of characters of all these scripts lose and gain nothing but spaces") {
  constexpr unsigned kSeed = 20'240'602;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  const std::vector<std::string> letters{"a",  "7",      " ",  ".",      "_",      "\u0327", "漢",         "字",
                                         "の", "カ",     "ー", "ก",      "า",      "\u0E48", "ລ",          "ກ",
                                         "ខ",  "\u17D2", "မ",  "\u103A", "\u200B", "\u200D", "\U00020000", "한"};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (std::size_t n = random() % 30; n > 0; --n) text += letters[random() % letters.size()];
    const std::string result = segmented(text);
    CHECK(sorted_bytes(result) == sorted_bytes(text));  // sorted, because NFC puts marks in order
    if (text.find("  ") == std::string::npos) CHECK(result.find("  ") == std::string::npos);
  }
}

TEST_CASE("a run of a million characters takes no more than linear time") {
  std::string text;
  for (int i = 0; i < 250'000; ++i) text += "北京ไท";
  CHECK(without_spaces(segmented(text)) == text);
  text.clear();
  for (int i = 0; i < 500'000; ++i) text += "的人";
  CHECK(without_spaces(segmented(text)) == text);
}

TEST_CASE("sentences in 112 languages change by spaces alone, and only where the script has none") {
  const auto path = shared_data("tatoeba_multi/sentences.tsv.gz");
  if (!path) return;
  std::size_t split = 0;
  std::size_t spaceless = 0;
  for (const auto& [language, text] : sentences(*path)) {
    const std::string result = segmented(text);
    if (is_spaceless_language(language)) {
      ++spaceless;
      split += result.size() > text.size();
      CHECK(sorted_bytes(segmented(result)) == sorted_bytes(result));
    } else {
      // Most Khmer sentences there have spaces already.
      CHECK((result == text || language == "khm"));
    }
  }
  CAPTURE(split);
  CAPTURE(spaceless);
  CHECK(static_cast<double>(split) > .98 * static_cast<double>(spaceless));
}

TEST_CASE("threads get what one thread gets") {
  const std::string text = "我喜欢北京 ภาษาไทย 東京に行く";
  const std::string expected = segmented(text);
  std::vector<int> same(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : same)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) count += segmented(text) == expected;
      });
  }
  for (const int count : same) CHECK(count == 200);
}
