// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/data/file_array.h"
#include "analyzers/training/data/vocabulary.h"
#include "analyzers/training/learn/row_members.h"
#include "analyzers/training/numbers/aligned_floats.h"
#include "analyzers/training/numbers/weighted_sum.h"
#include "analyzers/training/training_options.h"

namespace vecterm {

/// What an update goes on from: the rows of the old dictionary, and what its entries take of them where it is hashed.
struct OldRows {
  std::size_t dimensions = 0;
  FileArray<float> rows;      ///< row-major n x d: of each entry, without its trigrams; or B x d components
  std::vector<float> mixing;  ///< n x 2 of a hashed dictionary
};

/// The entries' vectors while they are trained, with AdaGrad (Duchi et al., JMLR 2011), one accumulator a row. It
/// sums the squares of the whole gradient, so the first step of a row has the length of the rate, whatever the
/// dimension.
///
/// A row is the vector of an entry or, in a hashed table (Svenstrup et al., "Hash Embeddings for Efficient Word
/// Representations", NIPS 2017), a component, of which each entry takes two, by weights of its own that are learned
/// too: they begin with kFirstWeight each, and their first step has kMixingRate of the rate.
class WordRows {
 public:
  static constexpr double kMixingRate = 0.1;
  static constexpr float kFirstWeight = 0.7F;  ///< so that vectors begin with about the length of components

  /// All that a step changes.
  struct State {
    AlignedFloats rows;                  ///< row-major, n or B x dimensions()
    std::vector<double> squares;         ///< of each row
    std::vector<float> mixing;           ///< row-major n x 2 in a hashed table
    std::vector<double> mixing_squares;  ///< n in a hashed table
  };

  /// Rows from N(0, 1/d), filled up with zeros; vectors of bigrams are zeros.
  WordRows(const Vocabulary& vocabulary, const TrainingOptions& options, Random random);

  /// Old rows that rows start from now and are pulled to in each step that changes them: row -= min(1, eta *
  /// strength) * (row - old), where eta is the row's own rate, that of the step by AdaGrad's accumulator. So both
  /// the loss and strength / 2 * |row - old|^2 descend by one rate, and where they are in balance does not depend on
  /// how frequent a word is. So are the weights of components.
  /// @param numbers  of each entry, its number in the old dictionary, or Vocabulary::kNone; as `old`, it must outlive
  ///                 this
  void anchor(const OldRows& old, std::span<const std::uint32_t> numbers, double strength);

  /// d, made up to whole cache lines.
  std::size_t dimensions() const { return dimensions_; }
  State& state() { return state_; }
  const State& state() const { return state_; }

  /// out = sum over the bag, in its order, of factor * vector. REQUIRES: out.size() == dimensions()
  void sum(std::span<const Share<float>> bag, std::span<float> out) const;

  /// Notes which entries are in which bags. May run beside sum().
  void collect(std::span<const std::span<const Share<float>>> bags);

  /// One step against the gradients of the bags that were collected. The sums are in the bags' order for any number of
  /// threads.
  /// @param gradients  row-major bags x d, of the bags' sums
  /// @param active     of each bag, whether it has a gradient
  /// @param max_norm   rows longer than that are shortened to it, or to the length of their old one
  /// @returns how many rows stay as they are because their gradient is not finite
  std::size_t step(const float* gradients, std::span<const std::uint8_t> active, double rate, double max_norm,
                   ThreadPool& threads);

 private:
  using Mixture = std::array<Share<float>, 2>;

  void start_mixtures(std::span<const std::string> entries);
  bool is_hashed() const { return !components_.empty(); }
  Mixture mixture(std::uint32_t entry) const;
  std::size_t learn(const RowMembers& members, const float* gradients, std::span<const std::uint8_t> active,
                    double rate, double max_norm, ThreadPool& threads);
  std::size_t mix(const float* gradients, std::span<const std::uint8_t> active, double rate, ThreadPool& threads);
  bool update(std::uint32_t row, std::span<const float> gradient, double rate, double max_norm);
  bool update_mixing(std::uint32_t entry, std::span<const float> gradient, double rate);
  std::span<const float> old_row(std::uint32_t row) const;

  std::size_t dimensions_;
  State state_;
  std::vector<std::uint32_t> components_;  ///< row-major n x 2 in a hashed table: rows

  const OldRows* old_ = nullptr;
  std::span<const std::uint32_t> old_numbers_;
  double anchor_ = 0;

  // Of the current step.
  RowMembers in_bags_;                ///< entries
  std::vector<Mixture> mixtures_;     ///< of the entries in in_bags_
  RowMembers in_mixtures_;            ///< components
  AlignedFloats entry_gradients_;     ///< row-major, entries in in_bags_ x d
  std::vector<std::uint8_t> active_;  ///< of these, whether there is a gradient
};

}  // namespace vecterm
