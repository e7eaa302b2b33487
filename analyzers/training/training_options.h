// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../dictionary.h"
#include "../errors.h"
#include "../version.h"

namespace vecterm {

class TrainingData;

enum class Objective {
  kHinge,    ///< the margin loss of PinText
  kSoftmax,  ///< the sampled softmax of OmniSearchSage
};

/// How one of several tasks is mixed in.
struct VECTERM_API TaskOptions {
  std::string name;
  double ratio = 1;   ///< passes over its pairs in an epoch, [0, 1000]; 0 leaves the task out
  double weight = 1;  ///< what its pairs count, (0, 1000]
};

/// What training goes on from, and how much of it stays. Where a quarter of the pairs is new, the defaults keep nine in
/// ten of the documents' tokens (tests/bench/update).
struct VECTERM_API DictionaryUpdate {
  std::shared_ptr<const Dictionary> old = {};  ///< nothing = training starts anew, and the rest has no meaning
  double anchor = 0.15;  ///< lambda, how strongly rows are pulled to their old ones, [0, 1e9]; 0 = not at all
  /// Rows that moved at most so far in all, by Euclidean distance, get their old values back, [0, 1e9]. The larger it
  /// is, the fewer documents have a changed word; rows are at most max_norm long.
  double epsilon = 0.1;
  bool keep_weights = true;  ///< whether words keep their weights and counts; else those of the new data
};

/// Every number has the default that measured best on validation splits of the training pairs of three sets.
///
/// N-grams beside words are those of OmniSearchSage (Agarwal et al., WWW 2024); trigrams serve as the subwords of
/// fastText do (Bojanowski et al., "Enriching word vectors with subword information", TACL 2017).
struct VECTERM_API TrainingOptions {
  std::uint32_t dimensions = 64;  ///< of the vectors, [2, 4096]; word2vec calls it size
  /// Numbers of first dimensions whose vectors, scaled to norm 1, are learned with the same pairs and loss as the whole
  /// ones, ascending, each in [2, dimensions): so a dictionary can be cut to them (Kusupati et al., "Matryoshka
  /// representation learning", NeurIPS 2022). All count alike.
  std::vector<std::uint32_t> nested = {};
  std::uint32_t epochs = 10;   ///< passes over all pairs, [1, 10000]
  double learning_rate = 0.8;  ///< length of a row's first step, (0, 10]; decays linearly to 0
  Objective objective = Objective::kHinge;
  double margin = 0.3;               ///< mu of the hinge loss, on cosines, (0, 2]
  double temperature = 0.1;          ///< tau of the softmax, [0.001, 10]
  bool log_q = false;                ///< whether the softmax is corrected for how often candidates come up
  std::uint32_t negatives = 150;     ///< random items shared by a batch, [0, 100000]
  bool in_batch = false;             ///< whether the other pairs' items are negatives too
  std::uint32_t batch = 256;         ///< pairs of one task in a step, [1, 100000]
  double dropout = 0.2;              ///< share of an entity's entries that a step leaves out at random, [0, 0.9]
  double max_norm = 2.0;             ///< a row longer than this is shortened to it; gamma in StarSpace, (0, 1000]
  std::optional<double> sif = 1e-2;  ///< a of the word weights a / (a + p(word)), (0, 1]; nothing = weights are 1
  std::uint32_t min_count = 2;       ///< words that occur less often are left out, [1, 2^31); see Vocabulary
  bool bigrams = false;   ///< whether bigrams of the data's words get vectors; its tokenizer has to tell them
  bool trigrams = false;  ///< whether the words' trigrams do, by which unknown and misspelled words have one, too
  std::uint32_t ngram_min_count = 5;    ///< as min_count, of bigrams and trigrams, [1, 2^31)
  std::uint32_t max_words = 200000;     ///< the most frequent ones, of equals the first in byte order, [1, 2^28]
  std::uint32_t max_bigrams = 1000000;  ///< as max_words, [1, 2^28]
  std::uint32_t max_trigrams = 64000;   ///< as max_words, [1, 2^28]
  /// B, the component vectors of a hashed dictionary, of which words and n-grams mix theirs, [1, 2^28]; 0 = each has a
  /// vector of its own. Called the number of buckets in Svenstrup et al. (NIPS 2017).
  std::uint32_t hash_rows = 0;
  std::uint32_t pairs_per_item = 0;     ///< at most so many pairs of an item are learned a task; 0 = all
  std::uint32_t patience = 0;           ///< epochs without a better validation before training ends; 0 = all epochs
  std::vector<TaskOptions> tasks = {};  ///< those not named have the defaults
  DictionaryUpdate update = {};
  unsigned threads = 0;  ///< 0 = all cores; the result is the same for every number
  std::uint64_t seed = 1;

  NGramKinds ngrams() const { return {bigrams, trigrams}; }
  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
  /// The mixing of a task.
  TaskOptions task(const std::string& name) const;
  /// All that the result depends on, as JSON: everything but the threads.
  std::string json() const;
};

/// How to learn from texts alone. Every number has the default that measured best on five judged collections (tests/bench/README.md).
struct VECTERM_API LatentSemanticsOptions {
  std::uint32_t dimensions = 128;    ///< of the vectors, [2, 4096]; called k in the literature
  std::uint32_t min_count = 2;       ///< words that occur less often are left out, [1, 2^31)
  std::uint32_t max_words = 200000;  ///< the most frequent ones, of equals the first in byte order, [1, 2^28]
  std::uint32_t passes = 5;          ///< over the texts; more bring the vectors nearer to the exact ones, [1, 1000]
  /// Words that this maps to the same string have one vector: forms of a word in texts too few to tell them apart.
  /// Nothing = each has its own.
  std::function<std::string(const std::string& word)> stem = {};
  DictionaryUpdate update = {};  ///< see below
  unsigned threads = 0;          ///< 0 = all cores; the result is the same for every number
  std::uint64_t seed = 1;

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

}  // namespace vecterm
