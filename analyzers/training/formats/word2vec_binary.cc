// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/base/wording.h"
#include "analyzers/text/unicode.h"
#include "analyzers/training/formats/binary_input.h"
#include "analyzers/training/formats/row_collector.h"
#include "analyzers/training/formats/vector_formats.h"
#include "analyzers/vector_codec.h"

namespace vecterm {
namespace {

constexpr std::string_view kSeparators = " \t\r";

// As the rows of a text file do; floats, up to the first byte that is a line feed, hardly ever.
bool ends_in_a_number(std::string_view line) {
  line = line.substr(0, line.find_last_not_of(kSeparators) + 1);
  const std::string_view field = line.substr(line.find_last_of(kSeparators) + 1);
  return !field.empty() && field.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

class BinaryParser {
 public:
  BinaryParser(ByteReader bytes, const std::string& language)
      : input_(std::move(bytes)), rows_(input_.name(), language, [this] { return input_.where(row_start_); }) {}

  WordVectors parse() {
    const Word2vecHeader header = take_header();
    for (std::uint64_t i = 0; i < header.count; ++i) take_row();
    input_.expect_end();
    return rows_.finish();
  }

 private:
  Word2vecHeader take_header() {
    const std::string_view line = input_.take_until('\n', "the first line");
    const auto header = parse_word2vec_header(line);
    if (!header) rows_.fail("the first line must be \"count dimensions\"; was " + in_quotes(line));
    rows_.set_dimensions(header->dimensions);
    row_.resize(rows_.dimensions());
    // The least that a row can have is a letter, a space and the numbers.
    input_.require(header->count, 2 + sizeof(float) * row_.size(), 0, "the rows that the first line promises");
    rows_.reserve(header->count);
    return *header;
  }

  void take_row() {
    row_start_ = input_.offset();
    const std::string word(input_.take_until(' ', "a word"));
    input_.take_floats(row_, "the numbers of a row");
    input_.skip_if('\n');
    rows_.add(word, row_);
  }

  BinaryInput input_;
  std::uint64_t row_start_ = 0;
  RowCollector rows_;
  std::vector<float> row_;
};

}  // namespace

bool looks_like_word2vec_binary(std::string_view start) {
  const std::size_t line_end = start.find('\n');
  const auto header = parse_word2vec_header(start.substr(0, line_end));
  if (!header || line_end == std::string_view::npos) return false;
  const std::string_view rows = start.substr(line_end + 1);
  const std::size_t space = rows.find_first_of(kSeparators);
  if (space == std::string_view::npos || ends_in_a_number(rows.substr(0, rows.find('\n')))) return false;
  const std::string_view row =
      rows.substr(space + 1, sizeof(float) * std::min<std::uint64_t>(header->dimensions, kMostDimensions));
  return std::any_of(row.begin(), row.end(), is_control) || !unicode::is_valid_utf8(row);
}

WordVectors read_word2vec_binary(ByteReader bytes, const WordVectorOptions& options) {
  return BinaryParser(std::move(bytes), options.language).parse();
}

}  // namespace vecterm
