// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/texts.h"

#include <algorithm>
#include <unordered_map>

#include "analyzers/numbers/random.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kShortestWindow = 8;
constexpr std::size_t kLongestWindow = 40;
constexpr double kNoise = 0.15;
// Streams of random numbers: passages count from 0, the others from far above.
constexpr std::uint64_t kPassageQueries = 1ULL << 40;
constexpr std::uint64_t kShortQueries = 2ULL << 40;

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = std::find_if(at, text.end(), is_word_byte);
    at = std::find_if_not(begin, text.end(), is_word_byte);
    if (begin != at) words.emplace_back(begin, at);
  }
  return words;
}

// `length` consecutive words of a random document, or all of a shorter one.
template <class Words>
void add_window(const Words& running, const std::vector<std::size_t>& first, std::size_t length, Random& random,
                Words& out) {
  const std::size_t document = random.below(first.size() - 1);
  const std::size_t size = first[document + 1] - first[document];
  const std::size_t taken = std::min(size, length);
  const std::size_t start = first[document] + random.below(size - taken + 1);
  const auto begin = running.begin() + static_cast<std::ptrdiff_t>(start);
  out.insert(out.end(), begin, begin + static_cast<std::ptrdiff_t>(taken));
}

}  // namespace

Texts::Texts(const std::vector<CorpusDocument>& documents, std::uint64_t seed) : seed_(seed), first_{0} {
  std::unordered_map<std::string, std::uint32_t> numbers;
  for (const CorpusDocument& document : documents) {
    for (std::string& word : words_of(lower(document.title + " " + document.text))) {
      const auto [found, added] = numbers.try_emplace(word, static_cast<std::uint32_t>(vocabulary_.size()));
      if (added) vocabulary_.push_back(std::move(word));
      running_.push_back(found->second);
    }
    first_.push_back(running_.size());
  }
}

std::string Texts::passage(std::uint64_t i) const { return noisy_passage(i); }

std::string Texts::passage_query(std::uint64_t i) const { return noisy_passage(kPassageQueries + i); }

std::string Texts::short_query(std::uint64_t i) const {
  Random random(seed_, kShortQueries + i);
  WordNumbers words;
  add_window(running_, first_, 3 + random.below(3), random, words);
  return joined(words);
}

std::string Texts::noisy_passage(std::uint64_t stream) const {
  Random random(seed_, stream);
  const auto length = [&] { return kShortestWindow + random.below(kLongestWindow - kShortestWindow + 1); };
  WordNumbers words;
  add_window(running_, first_, length(), random, words);
  if (random.below(2) == 1) add_window(running_, first_, length(), random, words);
  for (std::uint32_t& word : words)
    if (random.uniform() < kNoise) word = running_[random.below(running_.size())];
  return joined(words);
}

std::string Texts::joined(const WordNumbers& words) const {
  std::string text;
  for (const std::uint32_t word : words) {
    if (!text.empty()) text += ' ';
    text += vocabulary_[word];
  }
  return text;
}

}  // namespace vecterm::bench
