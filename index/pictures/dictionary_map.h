// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/tokenizer.h"
#include "analyzers/training/judge/labelled_texts.h"

namespace vecterm {

/// What a map shows: n named unit vectors, the most important first.
struct MapEntries {
  std::size_t dimensions = 0;
  std::vector<std::string> names;
  std::vector<float> units;  ///< row-major n x d
};

/// The `words` words that say most: those with the largest |weight * row|^2 * sqrt(1 + count), the first factor being
/// what a word adds to a text's vector. So stop words stay out: their weights are small, and training keeps their rows
/// short. N-grams and words without a letter are left out. Fewer where the dictionary has fewer words with a vector.
MapEntries map_words(const Dictionary& dictionary, std::size_t words);

/// Labels by their descriptions' mean; labels without a vector are left out.
/// REQUIRES: the tokenizer is the one that the dictionary names.
MapEntries map_labels(const Embedder& embedder, const Tokenizer& tokenizer, const LabelSet& labels,
                      unsigned threads = 0);

struct MapOptions {
  std::string title;
  unsigned threads = 0;  ///< 0 = all cores; the picture is the same for every number
};

/// A map as a standalone SVG picture: neighbours in the plane are neighbours among the vectors (t-SNE, see tsne()),
/// near dots of one colour are a cluster (average linkage), the first entries have the largest names. A name that finds
/// no place is shown by its dot's tooltip only. Nothing is random: the same entries give the same bytes on one machine.
/// @throws InvalidArgument for more than 2000 entries; DataError where there is none
std::string map_svg(const MapEntries& entries, const MapOptions& options = {});

/// Writes it to a file, as a whole or not at all. @throws DiskError naming the file, otherwise as above
void write_map(const std::string& path, const MapEntries& entries, const MapOptions& options = {});

}  // namespace vecterm
