// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "analyzers/training/word_vectors.h"

namespace vecterm {

/// Takes the rows of a file into WordVectors, with the checks that all formats share. Internal.
class RowCollector {
 public:
  /// @param name      of the file, for messages
  /// @param language  as in WordVectorOptions
  /// @param place     says where in the file the row at hand is; called for failures only
  RowCollector(std::string name, std::string language, std::function<std::string()> place);

  /// @throws DataError where it is out of [1, 4096]
  void set_dimensions(std::uint64_t dimensions);
  std::size_t dimensions() const { return result_.dimensions; }

  /// Adds a word without its row. Returns whether the result has it: otherwise the word was left out and counted.
  /// @throws DataError for an empty word, invalid UTF-8, or a word that is no key of Numberbatch where the first was
  bool add_word(std::string_view word);

  /// @throws DataError where a number is not finite
  void check_row(std::span<const float> row) const;

  /// Both, and adds the row where the result has the word. REQUIRES: row.size() == dimensions().
  void add(std::string_view word, std::span<const float> row);

  /// Counts entries that are no words.
  void leave_out(const std::string& what, std::uint64_t count = 1);

  /// Makes room, but never for more than 4 GiB: nothing bounds what a pipe says that it will bring.
  void reserve(std::uint64_t rows);

  bool has(std::string_view word) const { return known_.contains(std::string(word)); }
  WordVectors& result() { return result_; }

  /// @throws DataError where there is no word
  WordVectors finish();

  [[noreturn]] void fail(const std::string& reason) const;

 private:
  // The word that `word` stands for; empty where it is left out.
  std::string_view without_key(std::string_view word);

  std::string name_;
  std::string language_;
  std::function<std::string()> place_;
  bool first_ = true;
  bool keys_ = false;  // the words are keys of Numberbatch
  std::unordered_set<std::string> known_;
  WordVectors result_;
};

}  // namespace vecterm
