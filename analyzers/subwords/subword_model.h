// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzers/base/json.h"

namespace vecterm {

/// The pieces of a tokenizer, by number and by spelling. Internal.
class PieceTable {
 public:
  /// @param most  no number is above it, so that no number of a file makes us allocate more than the file has
  explicit PieceTable(std::size_t most) : most_(most) {}

  /// @throws DataError where the number is too large or has another piece
  void add(const std::string& spelling, std::uint64_t number);
  /// The same for a number of a file. @throws DataError where it is no whole number, too
  void add(const std::string& spelling, JsonValue number);
  std::optional<std::uint32_t> find(std::string_view spelling) const;
  const std::vector<std::string>& spellings() const { return spellings_; }

 private:
  std::size_t most_;
  std::vector<std::string> spellings_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

/// Splits a chunk of a text into pieces. Internal.
class SubwordModel {
 public:
  virtual ~SubwordModel() = default;
  /// Appends the numbers of the pieces; what is unknown gives none.
  virtual void split(std::string_view chunk, std::vector<std::uint32_t>& pieces) const = 0;
};

/// Reads a tokenizer.json's "model" and adds its vocabulary to the table, which must outlive the result: WordPiece (Wu et
/// al., "Google's Neural Machine Translation System", 2016), BPE (Sennrich et al., ACL 2016), Unigram (Kudo, ACL 2018),
/// WordLevel. Internal.
/// @throws DataError
std::unique_ptr<const SubwordModel> read_subword_model(JsonValue model, PieceTable& table);

}  // namespace vecterm
