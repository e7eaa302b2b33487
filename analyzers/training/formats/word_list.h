// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vecterm {

/// The words of a matrix's rows, read from a file of their own. Internal.
struct WordList {
  struct Entry {
    std::string word;
    std::string_view left_out;  ///< what the entry is where it is no word, for WordVectors::left_out; else empty
  };
  std::string name;        ///< of the file, for messages
  bool tokenizer = false;  ///< it is a tokenizer.json, and entries have no line
  std::vector<Entry> entries;

  /// "words.txt, line 3", for messages.
  std::string where(std::size_t entry) const;
};

/// Reads one word a line, or Hugging Face's tokenizer.json: the entries of its WordPiece or WordLevel model by their
/// number. Special tokens and pieces of words ("##ing") are left out. Words are not checked.
/// @throws DataError for a tokenizer that is damaged or of another kind
WordList read_word_list(const std::string& path);

}  // namespace vecterm
