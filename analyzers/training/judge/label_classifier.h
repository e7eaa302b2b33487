// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/tokenizer.h"
#include "analyzers/training/judge/labelled_texts.h"
#include "analyzers/training/judge/text_vectors.h"

namespace vecterm {

class PackedRows;

/// How labelled texts vote. The defaults measured best on texts held out of the Debian set, flat around them.
struct LabelVoteOptions {
  std::uint32_t neighbours = 50;    ///< K, the nearest labelled texts that vote, [1, 2^31); n_neighbors in scikit-learn
  double temperature = 0.1;         ///< a vote weighs exp(cosine / temperature), (0, 1000]
  double description_weight = 0.1;  ///< of the description's cosine beside the share of the votes, [0, 1000]
  unsigned threads = 0;             ///< that embed the texts; 0 = all cores; the result is the same for every number
};

/// Tells which labels fit a text, from vectors alone; nothing is fitted. Without labelled texts the score of a label is
/// the largest cosine of its descriptions: the nearest interest, as PinText classifies (Zhuang and Liu, KDD 2019). With
/// them it is
///
///     share of the votes for the label  +  description_weight * largest cosine of its descriptions
///
/// where the K nearest labelled texts vote, each for all its labels (Cover and Hart, "Nearest neighbor pattern
/// classification", IEEE Transactions on Information Theory 1967, with weights as in matching networks, Vinyals et al.,
/// NIPS 2016). Descriptions still rank the labels that no text has.
///
/// Immutable and thread-safe. scores() takes d multiplications for each description and labelled text.
class LabelClassifier {
 public:
  /// @throws InvalidArgument for an option out of its range or a label of an example that `labels` does not have
  LabelClassifier(const Embedder& embedder, const Tokenizer& tokenizer, const LabelSet& labels,
                  std::span<const LabelledText> examples = {}, const LabelVoteOptions& options = {});

  /// How many labels there are.
  std::size_t size() const { return labels_; }

  /// The score of each label; minus infinity where it has neither a vote nor a description with a vector.
  /// REQUIRES: `unit` has the dictionary's dimensions and norm 1.
  std::vector<float> scores(std::span<const float> unit) const;

  /// At most `k` labels with a finite score, best first; of equal ones the smaller number first.
  static std::vector<std::uint32_t> best(std::span<const float> scores, std::size_t k);

  /// One row a description, in the order of LabelSet::descriptions.
  const TextVectors& descriptions() const { return descriptions_; }

 private:
  void add_examples(std::span<const LabelledText> examples, const TextVectors& vectors);
  /// The share of each label in the votes of the nearest examples.
  std::vector<double> votes(std::span<const float> unit) const;

  LabelVoteOptions options_;
  std::size_t labels_;
  std::vector<std::uint32_t> label_of_description_;
  TextVectors descriptions_;
  std::vector<bool> described_;  ///< which rows of descriptions_ are vectors
  std::shared_ptr<const PackedRows> packed_descriptions_;
  std::vector<std::vector<std::uint32_t>> labels_of_example_;  ///< of those that have a vector
  std::shared_ptr<const PackedRows> packed_examples_;          ///< their vectors
};

}  // namespace vecterm
