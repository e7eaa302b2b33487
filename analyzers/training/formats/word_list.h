// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace vecterm {

/// The words of a matrix's rows, read from a file of their own. Internal.
struct WordList {
  std::string name;  ///< of the file, for messages
  std::vector<std::string> words;

  /// "words.txt, line 3", for messages.
  std::string where(std::size_t word) const;
};

/// Reads one word a line. Words are not checked.
WordList read_word_list(const std::string& path);

/// The content of a file that is JSON, as a tokenizer.json; nothing where it is a list of words. Internal.
std::optional<std::string> tokenizer_text(const std::string& path);

}  // namespace vecterm
