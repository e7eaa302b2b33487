// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/training/formats/row_collector.h"
#include "analyzers/training/formats/vector_formats.h"

namespace vecterm {
namespace {

constexpr std::string_view kBetweenNumbers = " \t";

std::string_view without_trailing_separators(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBetweenNumbers) + 1);
}

// Takes the last field off `row`, and the separators before it; empty where there is none left.
std::string_view take_last_field(std::string_view& row) {
  const std::size_t begin = row.find_last_of(kBetweenNumbers) + 1;
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

bool has_decimal_comma(std::string_view field) {
  const std::size_t comma = field.find(',');
  if (comma == std::string_view::npos) return false;
  std::string with_point(field);
  with_point[comma] = '.';
  return parse_float(with_point).has_value();
}

// Whether the word of a row ends in a number that is more likely one of the row than part of a name; see
// read_word_vectors(). Whole numbers and versions are parts of names.
bool is_one_number_more(std::string_view field) {
  constexpr std::size_t kDecimals = 3;
  if (!parse_float(field)) return false;
  const bool exponent = field.find_first_of("eE") != std::string_view::npos;
  const std::size_t point = field.find('.');
  if (point == std::string_view::npos) return exponent;
  return exponent || field.starts_with('-') || field.size() - point - 1 >= kDecimals;
}

class TextParser {
 public:
  TextParser(ByteReader bytes, const std::string& language)
      : name_(bytes.name()),
        most_bytes_(bytes.most_bytes_left()),
        reader_(std::move(bytes)),
        rows_(name_, language, [this] { return reader_.where(); }) {}

  WordVectors parse() {
    std::string_view line;
    while (reader_.next(line)) {
      if (line.find('\0') != std::string_view::npos)
        rows_.fail("the line has a zero byte; this is a binary file or a damaged one");
      if (reader_.line_number() == 1 && take_first_line(line)) continue;
      add_row(line);
    }
    if (header_ && count_ != header_->count)
      rows_.fail(fmt::format("the file ends after {} rows; its first line promises {}", count_, header_->count));
    if (!reader_.terminated())
      rows_.fail("the last line has no end, so the file may have been cut there; where it is whole, add a line end");
    return rows_.finish();
  }

 private:
  // A first line of two whole numbers is always taken for "count dimensions". It could also be a one-dimensional GloVe
  // file whose first word is a number; that is far rarer than a damaged row, and taken for a header such a file ends
  // in an error, while a damaged word2vec file taken for GloVe would be read as nonsense. Without a header the first
  // row fixes the dimensions, so its word must have no space.
  bool take_first_line(std::string_view line) {
    header_ = parse_word2vec_header(line);
    const std::size_t fields = count_fields(line);
    if (!header_ && fields < 2)
      rows_.fail(fmt::format("a row must have a word and its numbers, separated by spaces; had {} fields", fields));
    rows_.set_dimensions(header_ ? header_->dimensions : fields - 1);
    row_.resize(rows_.dimensions());
    // The least that a row can have is a letter, and a separator and a digit for each number.
    if (header_) rows_.reserve(std::min(header_->count, most_bytes_ / (2 * row_.size() + 1)));
    return header_.has_value();
  }

  void add_row(std::string_view line) {
    if (header_ && count_ == header_->count)
      rows_.fail(fmt::format("there are more rows than the {} that the first line promises", header_->count));
    ++count_;
    std::string_view word = without_trailing_separators(line);
    parse_numbers(word);
    const std::size_t space = word.find_last_of(kBetweenNumbers);
    if (space != std::string_view::npos && is_one_number_more(word.substr(space + 1)))
      rows_.fail(fmt::format("a row must have a word and {} numbers; before them is one more, {}", row_.size(),
                             in_quotes(word.substr(space + 1))));
    rows_.add(word, row_);
  }

  // Fills row_ from the end of `row`, and leaves the word.
  void parse_numbers(std::string_view& row) {
    const std::string_view whole = row;
    for (std::size_t i = row_.size(); i-- > 0;) {
      const std::string_view field = take_last_field(row);
      const auto number = parse_float(field);
      if (!number) fail_number(whole, i, field);
      row_[i] = *number;
    }
  }

  [[noreturn]] void fail_number(std::string_view row, std::size_t i, std::string_view field) const {
    const std::size_t fields = count_fields(row);
    if (has_decimal_comma(field))
      rows_.fail(fmt::format("number {} of the row has a decimal comma, {}; numbers must be written with a point",
                             i + 1, in_quotes(field)));
    if (fields <= row_.size())
      rows_.fail(fmt::format("a row must have a word and {} numbers; had {} fields", row_.size(), fields));
    rows_.fail(fmt::format("number {} of the row must be a finite decimal number; was {}", i + 1, in_quotes(field)));
  }

  std::string name_;
  std::uint64_t most_bytes_;
  LineReader reader_;
  RowCollector rows_;
  std::optional<Word2vecHeader> header_;
  std::uint64_t count_ = 0;  // rows met
  std::vector<float> row_;
};

}  // namespace

std::optional<Word2vecHeader> parse_word2vec_header(std::string_view line) {
  line = without_trailing_separators(line);
  std::errc error{};
  const auto dimensions = parse_whole<std::uint64_t>(take_last_field(line), error);
  const auto count = parse_whole<std::uint64_t>(line, error);
  if (!dimensions || !count) return std::nullopt;
  return Word2vecHeader{*count, *dimensions};
}

WordVectors read_word2vec_text(ByteReader bytes, const WordVectorOptions& options) {
  return TextParser(std::move(bytes), options.language).parse();
}

}  // namespace vecterm
