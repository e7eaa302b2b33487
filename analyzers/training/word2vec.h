// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../dictionary.h"
#include "../export.h"

namespace vecterm {

/// Words and vectors of a public text file, in the file's order.
struct VECTERM_API WordVectors {
  std::size_t dimensions = 0;
  std::vector<std::string> words;
  std::vector<float> vectors;    ///< row-major n x d
  std::uint64_t duplicates = 0;  ///< rows left out because their word came before
};

/// Reads word2vec's text format: an optional first line "count dimensions", then a line for each word, the word
/// and its numbers separated by single spaces or tabs. So GloVe (no first line) and fastText's .vec are read
/// too. Rows are parsed from the right, so words may contain spaces. Gzip is recognised by content.
/// @throws DataError naming file and line: a row with too few numbers, a number that is no number or not finite,
///         an empty word, invalid UTF-8, a count that does not agree, an empty or truncated file
VECTERM_API WordVectors read_word2vec(const std::string& path);

/// Turns imported vectors into dictionary contents. Weights are SIF, a/(a + p), where p comes from `counts` (one a
/// word; empty = unknown). Without counts, the file's order is taken for falling frequency, and p is Zipf's law
/// 1/(rank * H(n)).
VECTERM_API DictionaryContents dictionary_contents(WordVectors vectors, std::vector<std::uint64_t> counts = {},
                                                   double sif = 1e-3);

/// Writes word2vec's text format with its first line. `raw` = the bare rows; otherwise each row times its weight, so
/// that plain sums of rows give our direction. Numbers are written so that reading gives the same float.
/// @throws DiskError where writing fails
VECTERM_API void write_word2vec(const std::string& path, const Dictionary& dictionary, bool raw);

}  // namespace vecterm
