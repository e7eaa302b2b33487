// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/feeding/own_pairs.h"

#include <xxhash.h>

#include <cstddef>
#include <string_view>

#include "analyzers/numbers/random.h"

namespace vecterm {
namespace {

constexpr std::size_t kFewestWords = 24;
constexpr std::size_t kShortest = 4;
constexpr std::size_t kLongest = 12;
constexpr std::string_view kSpaces = " \t\r\n";

/// Where words begin, as spaces part them, and the end of the text.
std::vector<std::size_t> word_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = text.find_first_not_of(kSpaces); at != std::string_view::npos;) {
    starts.push_back(at);
    const std::size_t end = text.find_first_of(kSpaces, at);
    at = end == std::string_view::npos ? end : text.find_first_not_of(kSpaces, end);
  }
  starts.push_back(text.size());
  return starts;
}

}  // namespace

std::vector<OwnPair> own_pairs(const CorpusDocument& document) {
  std::vector<OwnPair> pairs;
  const std::string& text = document.text;
  if (!document.title.empty() && !text.empty())
    pairs.push_back({.task = "title", .query = document.title, .item = text});
  const std::vector<std::size_t> starts = word_starts(text);
  const std::size_t words = starts.size() - 1;
  if (words < kFewestWords) return pairs;
  Random random(XXH3_64bits(document.id.data(), document.id.size()));
  const std::size_t length = kShortest + random.below(kLongest - kShortest + 1);
  const std::size_t first = random.below(words - length + 1);
  const std::size_t begin = starts[first];
  const std::size_t end = starts[first + length];
  pairs.push_back({"passage", text.substr(begin, end - begin),
                   document.title + "\n" + text.substr(0, begin) + "\n" + text.substr(end)});
  return pairs;
}

}  // namespace vecterm
