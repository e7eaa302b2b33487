// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/word2vec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/text/unicode.h"
#include "analyzers/training/formats/row_collector.h"

namespace vecterm {
namespace {

constexpr std::size_t kWrittenBytes = std::size_t{1} << 20U;  // at once

// The most frequent word first, as readers of the format expect. Where counts are unknown (all 0), weights that came
// from the ranks give the ranks back, for they fall with frequency.
std::vector<std::size_t> by_frequency(const Dictionary& dictionary) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < dictionary.size(); ++i)
    if (dictionary.kind(i) == NGram::kWord) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (dictionary.count(a) != dictionary.count(b)) return dictionary.count(a) > dictionary.count(b);
    return dictionary.weight(a) < dictionary.weight(b);
  });
  return order;
}

void append_number(float number, std::string& out) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool survives_the_format(std::string_view word) {
  return word.find('\n') == std::string_view::npos && !word.ends_with(' ') && !word.ends_with('\t') &&
         unicode::is_valid_utf8(word);
}

}  // namespace

void write_word2vec(const std::string& path, const Dictionary& dictionary, bool raw) {
  const std::vector<std::size_t> words = by_frequency(dictionary);
  for (const std::size_t i : words)
    if (!survives_the_format(dictionary.word(i)))
      throw DataError(fmt::format("word {} of the dictionary cannot be written as word2vec text: {}", i,
                                  in_quotes(dictionary.word(i))));
  AtomicFile file(path);
  std::string text = fmt::format("{} {}\n", words.size(), dictionary.dimensions());
  std::vector<float> row(dictionary.dimensions());
  for (const std::size_t i : words) {
    dictionary.copy_vector(i, row);
    text += dictionary.word(i);
    for (const float value : row) {
      text += ' ';
      append_number(raw ? value : value * dictionary.weight(i), text);
    }
    text += '\n';
    if (text.size() < kWrittenBytes) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.finish();
}

}  // namespace vecterm
