// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/row_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/text/unicode.h"
#include "analyzers/vector_codec.h"

namespace vecterm {
namespace {

constexpr std::uint64_t kMostReserved = std::uint64_t{1} << 30;  // numbers: 4 GiB
constexpr std::string_view kKeyStart = "/c/";

}  // namespace

RowCollector::RowCollector(std::string name, std::string language, std::function<std::string()> place)
    : name_(std::move(name)), language_(std::move(language)), place_(std::move(place)) {}

void RowCollector::fail(const std::string& reason) const { throw DataError(place_() + ": " + reason); }

void RowCollector::set_dimensions(std::uint64_t dimensions) {
  if (dimensions < 1 || dimensions > kMostDimensions)
    fail(fmt::format("dimensions must be in [1, {}]; was {}", kMostDimensions, dimensions));
  result_.dimensions = dimensions;
}

bool RowCollector::add_word(std::string_view word) {
  if (word.empty()) fail("the word must not be empty");
  if (!unicode::is_valid_utf8(word)) fail("the word must be valid UTF-8; was " + in_quotes(word));
  if (std::exchange(first_, false)) keys_ = !language_.empty() && word.starts_with(kKeyStart);
  if (keys_) word = without_key(word);
  if (word.empty()) return false;
  if (!known_.emplace(word).second) {
    ++result_.duplicates;
    return false;
  }
  result_.words.emplace_back(word);
  return true;
}

std::string_view RowCollector::without_key(std::string_view word) {
  const std::size_t slash = word.find('/', kKeyStart.size());
  if (!word.starts_with(kKeyStart) || slash == std::string_view::npos || slash + 1 == word.size())
    fail("the word must be a key /c/LANGUAGE/WORD, as the first one is; was " + in_quotes(word));
  if (word.substr(kKeyStart.size(), slash - kKeyStart.size()) != language_) {
    leave_out("keys of other languages");
    return {};
  }
  word.remove_prefix(slash + 1);
  if (word.find('_') == std::string_view::npos) return word;
  leave_out("keys of several words");
  return {};
}

void RowCollector::check_row(std::span<const float> row) const {
  const auto bad = std::find_if_not(row.begin(), row.end(), [](float number) { return std::isfinite(number); });
  if (bad != row.end()) fail(fmt::format("number {} of the row must be finite; was {}", bad - row.begin() + 1, *bad));
}

void RowCollector::add(std::string_view word, std::span<const float> row) {
  check_row(row);
  if (add_word(word)) result_.vectors.insert(result_.vectors.end(), row.begin(), row.end());
}

void RowCollector::leave_out(const std::string& what, std::uint64_t count) {
  if (count > 0) result_.left_out[what] += count;
}

void RowCollector::reserve(std::uint64_t rows) {
  result_.vectors.reserve(std::min(rows, kMostReserved / result_.dimensions) * result_.dimensions);
}

WordVectors RowCollector::finish() {
  if (!result_.words.empty()) return std::move(result_);
  if (result_.left_out.empty()) throw DataError(name_ + ": the file is empty; it must have at least one row");
  std::string reasons;
  for (const auto& [what, count] : result_.left_out)
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, what);
  if (keys_) reasons += fmt::format("; the language was \"{}\"", language_);
  throw DataError(fmt::format("{}: no word is left; left out were {}", name_, reasons));
}

}  // namespace vecterm
