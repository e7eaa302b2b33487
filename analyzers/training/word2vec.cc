// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word2vec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "analyzers/errors.h"
#include "analyzers/line_reader.h"
#include "analyzers/unicode.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxDimensions = 4096;
constexpr std::string_view kSeparators = " \t";

// Input in a message: short, and printable whatever it is.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown(text.substr(0, kShown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + shown + (text.size() > kShown ? "...\"" : "\"");
}

std::string_view without_trailing_separators(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kSeparators) + 1);
}

// Takes the last field off `row`, and the separators before it; empty where there is none left.
std::string_view take_last_field(std::string_view& row) {
  const std::size_t begin = row.find_last_of(kSeparators) + 1;
  const std::string_view field = row.substr(begin);
  row = without_trailing_separators(row.substr(0, begin));
  return field;
}

std::size_t count_fields(std::string_view row) {
  std::size_t count = 0;
  for (row = without_trailing_separators(row); !row.empty(); ++count) take_last_field(row);
  return count;
}

template <class Number>
std::optional<Number> parse_whole(std::string_view text, std::errc& error) {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  error = code;
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<float> parse_float(std::string_view text) {
  std::errc error{};
  auto number = parse_whole<float>(text, error);
  if (error == std::errc::result_out_of_range) {
    // Too near to zero for a float is no mistake of the file's: programs that count in double write such numbers.
    const auto wide = parse_whole<double>(text, error);
    if (wide && std::abs(*wide) < 1) number = static_cast<float>(*wide);
  }
  return number && std::isfinite(*number) ? number : std::nullopt;
}

struct Header {
  std::uint64_t count;
  std::size_t dimensions;
};

class Word2vecParser {
 public:
  explicit Word2vecParser(const std::string& path) : reader_(path) {}

  WordVectors parse() {
    std::string_view line;
    while (reader_.next(line)) {
      if (reader_.line_number() == 1 && take_first_line(line)) continue;
      add_row(line);
    }
    if (header_ && rows_ != header_->count)
      throw DataError(fmt::format("{}: the file ends after {} rows; its first line promises {}", reader_.where(), rows_,
                                  header_->count));
    if (rows_ == 0) throw DataError(reader_.path() + ": the file is empty; it must have at least one row");
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw DataError(reader_.where() + ": " + reason); }

  // A first line of two whole numbers is always taken for "count dimensions". It could also be a one-dimensional GloVe
  // file whose first word is a number; that is far rarer than a damaged row, and taken for a header such a file ends
  // in an error, while a damaged word2vec file taken for GloVe would be read as nonsense. Without a header the first
  // row fixes the dimensions, so its word must have no space.
  bool take_first_line(std::string_view line) {
    const std::size_t fields = count_fields(line);
    header_ = fields == 2 ? parse_header(without_trailing_separators(line)) : std::nullopt;
    result_.dimensions = header_ ? header_->dimensions : std::max<std::size_t>(fields, 1) - 1;
    if (result_.dimensions < 1 || result_.dimensions > kMaxDimensions)
      fail(fmt::format("dimensions must be in [1, {}]; was {}", kMaxDimensions, result_.dimensions));
    return header_.has_value();
  }

  static std::optional<Header> parse_header(std::string_view line) {
    std::errc error{};
    const auto dimensions = parse_whole<std::size_t>(take_last_field(line), error);
    const auto count = parse_whole<std::uint64_t>(line, error);
    if (!dimensions || !count) return std::nullopt;
    return Header{*count, *dimensions};
  }

  void add_row(std::string_view line) {
    if (header_ && rows_ == header_->count)
      fail(fmt::format("there are more rows than the {} that the first line promises", header_->count));
    ++rows_;
    std::string_view word = without_trailing_separators(line);
    parse_numbers(word);
    if (word.empty()) fail("the word must not be empty");
    if (!unicode::is_valid_utf8(word)) fail("the word must be valid UTF-8; was " + quoted(word));
    if (!known_.emplace(word).second) {
      ++result_.duplicates;
      return;
    }
    result_.words.emplace_back(word);
    result_.vectors.insert(result_.vectors.end(), row_.begin(), row_.end());
  }

  // Fills row_ from the end of `row`, and leaves the word.
  void parse_numbers(std::string_view& row) {
    const std::size_t dimensions = result_.dimensions;
    row_.resize(dimensions);
    const std::string_view whole = row;
    for (std::size_t i = dimensions; i-- > 0;) {
      const std::string_view field = take_last_field(row);
      const auto number = parse_float(field);
      if (number) {
        row_[i] = *number;
      } else if (count_fields(whole) <= dimensions) {
        fail(fmt::format("a row must have a word and {} numbers; had {} fields", dimensions, count_fields(whole)));
      } else {
        fail(fmt::format("number {} of the row must be a finite decimal number; was {}", i + 1, quoted(field)));
      }
    }
  }

  LineReader reader_;
  std::optional<Header> header_;
  std::uint64_t rows_ = 0;
  std::vector<float> row_;
  std::unordered_set<std::string> known_;
  WordVectors result_;
};

// How likely each word is: by the counts, or by the rank and Zipf's law.
std::vector<double> probabilities(std::size_t size, const std::vector<std::uint64_t>& counts) {
  std::vector<double> shares(size);
  for (std::size_t i = 0; i < size; ++i)
    shares[i] = counts.empty() ? 1.0 / static_cast<double>(i + 1) : static_cast<double>(counts[i]);
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total > 0)
    for (double& share : shares) share /= total;
  return shares;
}

// The most frequent word first, as readers of the format expect. Where counts are unknown (all 0), weights that came
// from the ranks give the ranks back, for they fall with frequency.
std::vector<std::size_t> by_frequency(const Dictionary& dictionary) {
  std::vector<std::size_t> order(dictionary.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
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
  return word.find('\n') == std::string_view::npos && without_trailing_separators(word).size() == word.size() &&
         unicode::is_valid_utf8(word);
}

}  // namespace

WordVectors read_word2vec(const std::string& path) { return Word2vecParser(path).parse(); }

DictionaryContents dictionary_contents(WordVectors vectors, std::vector<std::uint64_t> counts, double sif) {
  const std::size_t size = vectors.words.size();
  if (!(sif > 0 && sif <= 1)) throw InvalidArgument(fmt::format("sif must be in (0, 1]; was {}", sif));
  if (!counts.empty() && counts.size() != size)
    throw InvalidArgument(fmt::format("counts must be one a word, {}; were {}", size, counts.size()));
  if (vectors.vectors.size() != size * vectors.dimensions)
    throw InvalidArgument(
        fmt::format("vectors must have {} x {} values; had {}", size, vectors.dimensions, vectors.vectors.size()));
  const nlohmann::json provenance{{"method", "import"},
                                  {"words", size},
                                  {"duplicates", vectors.duplicates},
                                  {"sif", sif},
                                  {"frequencies", counts.empty() ? "zipf" : "counts"}};
  DictionaryContents contents;
  contents.weights.reserve(size);
  for (const double p : probabilities(size, counts)) contents.weights.push_back(static_cast<float>(sif / (sif + p)));
  contents.dimensions = vectors.dimensions;
  contents.words = std::move(vectors.words);
  contents.vectors = std::move(vectors.vectors);
  contents.counts = counts.empty() ? std::vector<std::uint64_t>(size) : std::move(counts);
  contents.provenance = provenance.dump();
  return contents;
}

void write_word2vec(const std::string& path, const Dictionary& dictionary, bool raw) {
  for (std::size_t i = 0; i < dictionary.size(); ++i)
    if (!survives_the_format(dictionary.word(i)))
      throw DataError(fmt::format("word {} of the dictionary cannot be written as word2vec text: {}", i,
                                  quoted(dictionary.word(i))));
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  std::string line = fmt::format("{} {}\n", dictionary.size(), dictionary.dimensions());
  std::vector<float> row(dictionary.dimensions());
  for (const std::size_t i : by_frequency(dictionary)) {
    dictionary.copy_vector(i, row);
    line += dictionary.word(i);
    for (const float value : row) {
      line += ' ';
      append_number(raw ? value : value * dictionary.weight(i), line);
    }
    out << (line += '\n');
    line.clear();
  }
  out << line;
  out.close();
  if (!out) throw DiskError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

}  // namespace vecterm
