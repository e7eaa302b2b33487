// SPDX-License-Identifier: GPL-2.0-or-later
// learn_latent_semantics() of trainer.h, and its options.
#include "analyzers/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/training/learn/dictionary_update.h"
#include "analyzers/training/numbers/matrices.h"
#include "analyzers/training/texts/column_blocks.h"
#include "analyzers/training/texts/word_columns.h"
#include "analyzers/training/updates/procrustes.h"

namespace vecterm {
namespace {

// Directions that are computed beside those that are wanted, so that these come out well; p in the paper.
constexpr std::size_t kOversampling = 16;
// Of the first: that of what all texts have in common.
constexpr std::size_t kLeftOut = 1;
// Below this share of the largest eigenvalue a direction is a rounding error.
constexpr double kVanishing = 1e-10;

class LatentSemantics {
 public:
  LatentSemantics(const TrainingData& data, std::size_t texts, const LatentSemanticsOptions& options,
                  const ProgressFunction& progress)
      : options_(options),
        progress_(progress),
        words_(data, texts, {options.min_count, options.max_words, options.stem}),
        matrix_(words_.matrix(data, texts)),
        threads_(options.threads) {}

  DictionaryContents learn() {
    const ColumnBlocks basis = orthonormal_basis();
    const ColumnBlocks image = multiply(basis, options_.passes);
    // The largest eigenvalues of A^T A, squares of singular values, and their vectors within the basis.
    const Eigensystem found = symmetric_eigen(basis.transposed_product(image, threads_), basis.columns());
    if (!(found.values[kLeftOut] > kVanishing * found.values[0]))
      throw DataError("there is nothing to learn from the texts: at least three with different words are needed");
    return contents(found.values, basis.product(found.vectors, threads_));
  }

 private:
  /// Subspace iteration: each pass turns the basis towards the directions of the largest singular values.
  ColumnBlocks orthonormal_basis() {
    ColumnBlocks basis(words_.columns(), options_.dimensions + kLeftOut + kOversampling);
    basis.fill_with_normals(Random(options_.seed));
    for (std::uint32_t pass = 0; pass < options_.passes; ++pass) basis = orthonormal(multiply(basis, pass));
    return basis;
  }

  ColumnBlocks multiply(const ColumnBlocks& basis, std::uint32_t pass) {
    const std::uint32_t passes = options_.passes + 1;
    if (progress_)
      progress_({"learning from texts", static_cast<double>(pass) / passes,
                 fmt::format("pass {} of {} over {} texts", pass + 1, passes, matrix_.size())});
    return basis.normal_product(matrix_, threads_);
  }

  /// Columns that span what those of `matrix` span, orthogonal and of norm 1; zeros for those that depend on others.
  ColumnBlocks orthonormal(const ColumnBlocks& matrix) {
    const std::size_t n = matrix.columns();
    Eigensystem gram = symmetric_eigen(matrix.transposed_product(matrix, threads_), n);
    for (std::size_t j = 0; j < n; ++j) {
      const bool vanishes = !(gram.values[j] > kVanishing * gram.values[0]);
      const double scale = vanishes ? 0 : 1 / std::sqrt(gram.values[j]);
      for (std::size_t i = 0; i < n; ++i) gram.vectors[i * n + j] *= scale;
    }
    return matrix.product(gram.vectors, threads_);
  }

  DictionaryContents contents(std::span<const double> eigenvalues, const ColumnBlocks& directions) {
    DictionaryContents contents = words_.contents();
    const std::size_t d = contents.dimensions = options_.dimensions;
    std::vector<double> scales(d);  // singular values; 1 for the first
    for (std::size_t j = 0; j < d; ++j)
      scales[j] = std::sqrt(std::max(0.0, eigenvalues[j + kLeftOut] / eigenvalues[kLeftOut]));
    // The mean square of a vector's norm would be d / columns, at most; options of updates expect vectors about 1 long.
    const double size = std::sqrt(static_cast<double>(words_.columns()) / static_cast<double>(d));
    contents.vectors.reserve(contents.words.size() * d);
    for (std::size_t word = 0; word < contents.words.size(); ++word)
      for (std::size_t j = 0; j < d; ++j)
        contents.vectors.push_back(
            static_cast<float>(size * scales[j] * double{directions.at(words_.column(word), j + kLeftOut)}));
    contents.provenance = provenance(contents.words.size());
    return contents;
  }

  std::string provenance(std::size_t words) const {
    return Json{{"trainer", "vecterm"},
                {"method", "lsa"},
                {"texts", matrix_.size()},
                {"words", words},
                {"columns", words_.columns()},
                {"passes", options_.passes},
                {"min_count", options_.min_count},
                {"max_words", options_.max_words},
                {"seed", options_.seed}}
        .sorted_text();
  }

  const LatentSemanticsOptions& options_;
  const ProgressFunction& progress_;
  WordColumns words_;
  SparseRows matrix_;
  ThreadPool threads_;
};

/// Turns what was learned anew into the space of the old dictionary, and keeps of that what the update says.
DictionaryContents updated_from(DictionaryContents learned, const DictionaryUpdate& update) {
  const Dictionary& old = *update.old;
  learned.tokenizer = old.tokenizer();
  learned.hash_space = old.shared_hash_space();
  learned = aligned(*Dictionary::parse(serialise_dictionary(learned)), old);
  const auto anchor = static_cast<float>(update.anchor);
  std::vector<float> before(learned.dimensions);
  for (std::size_t word = 0; word < learned.words.size(); ++word) {
    const auto number = old.find(learned.words[word]);
    if (!number) continue;
    old.copy_vector(*number, before);
    const auto row = std::span(learned.vectors).subspan(word * before.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) row[i] = (row[i] + anchor * before[i]) / (1 + anchor);
    if (!update.keep_weights) continue;
    learned.weights[word] = old.weight(*number);
    learned.counts[word] = old.count(*number);
  }
  return updated(std::move(learned), update);
}

template <class Number>
void check_option(const char* name, Number value, Number least, Number most) {
  if (!(value >= least && value <= most))
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, least, most, value));
}

}  // namespace

void LatentSemanticsOptions::check() const {
  check_option<std::uint32_t>("dimensions", dimensions, 2, 4096);
  check_option<std::uint32_t>("min_count", min_count, 1, (1U << 31U) - 1);
  check_option<std::uint32_t>("max_words", max_words, 1, 1U << 28U);
  check_option<std::uint32_t>("passes", passes, 1, 1000);
  check_option("anchor", update.anchor, 0.0, 1e9);
  check_option("epsilon", update.epsilon, 0.0, 1e9);
  if (!update.old) return;
  if (update.old->dimensions() != dimensions)
    throw InvalidArgument(
        fmt::format("dimensions must be {}, as the old dictionary has; was {}", update.old->dimensions(), dimensions));
  if (update.old->ngrams().any())
    throw InvalidArgument("the old dictionary has n-grams, which are learned from pairs; there are only texts");
}

DictionaryContents learn_latent_semantics(const TrainingData& data, std::size_t texts,
                                          const LatentSemanticsOptions& options, const ProgressFunction& progress) {
  options.check();
  if (texts > data.size())
    throw InvalidArgument(fmt::format("texts must be at most {}, the number of entities; was {}", data.size(), texts));
  DictionaryContents contents = LatentSemantics(data, texts, options, progress).learn();
  return options.update.old ? updated_from(std::move(contents), options.update) : contents;
}

}  // namespace vecterm
