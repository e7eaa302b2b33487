// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../dictionary.h"
#include "../export.h"
#include "../progress.h"
#include "../tokenizer.h"

namespace vecterm {

/// Engagement data: which queries led to which items, by task. Queries and items are bags of words and share one
/// dictionary.
struct VECTERM_API TrainingData {
  struct Pair {
    std::uint32_t query;  ///< index into queries
    std::uint32_t item;   ///< index into items
  };
  struct Task {
    std::string name;
    std::vector<Pair> pairs;
  };
  std::vector<TermList> queries;
  std::vector<TermList> items;  ///< the catalogue
  std::vector<Task> tasks;
};

/// Every number has the default that measured best on validation splits of the training pairs of two sets.
struct VECTERM_API TrainingOptions {
  std::uint32_t dimensions = 64;  ///< of the vectors, [2, 4096]; word2vec calls it size
  std::uint32_t epochs = 5;       ///< passes over all pairs, [1, 10000]
  double learning_rate = 0.8;     ///< length of a row's first step, (0, 10]; decays linearly to 0
  double margin = 0.4;            ///< mu of the hinge loss, on cosines, (0, 2]
  std::uint32_t negatives = 400;  ///< random items shared by a batch, [1, 100000]
  std::uint32_t batch = 256;      ///< pairs of one task in a step, [1, 100000]
  double max_norm = 1.0;          ///< a row longer than this is shortened to it; gamma in StarSpace, (0, 1000]
  double sif = 1e-2;              ///< a of the word weights a / (a + p(word)), (0, 1]
  std::uint32_t min_count = 2;    ///< words that occur less often are left out, [1, 2^31); see train()
  unsigned threads = 0;           ///< 0 = all cores; the result is the same for every number
  std::uint64_t seed = 1;
};

/// Learns a dictionary by the objective of PinText (Zhuang and Liu, "PinText: A Multitask Text Embedding System in
/// Pinterest", KDD 2019): an entity is the weighted sum of its words' vectors, normalised; for each task the loss
/// is the mean over its pairs (q, p+) and sampled negatives p- of max(0, margin - cos(q, p+) + cos(q, p-)), and the
/// tasks' losses are summed over one shared dictionary. Each pair counts the same, whatever the number of negatives
/// that violate its margin. Gradients are those of the cosine itself; steps are AdaGrad with one rate a row (Duchi
/// et al., JMLR 2011).
///
/// Negatives are drawn evenly from the items that some pair of any task leads to; known positives of the query in the
/// task are passed over. The dictionary holds the words of the pairs' texts: all others were never learned. For
/// `min_count` a word's occurrences in items and queries count, those in a query once more for each of its pairs.
///
/// Batches are synchronous and every sum has a fixed order, so the same data, options and seed give the same bytes
/// for any number of threads, on every processor.
///
/// @returns words, counts, weights, vectors and provenance; `hash_space` and `tokenizer` are left to the caller
/// @throws InvalidArgument for an option or an index out of its range; DataError where no pair has known words on
///         both sides
VECTERM_API DictionaryContents train(const TrainingData& data, const TrainingOptions& options,
                                     const ProgressFunction& progress = {});

}  // namespace vecterm
