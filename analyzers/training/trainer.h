// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../dictionary.h"
#include "../errors.h"
#include "../progress.h"
#include "../version.h"
#include "evaluation.h"
#include "training_data.h"
#include "training_options.h"

namespace vecterm {

/// How far training is; figures are since the last report.
struct VECTERM_API TrainingProgress {
  double done = 0;              ///< in [0, 1]
  std::uint32_t epoch = 1;      ///< from 1
  double rate = 0;              ///< the learning rate now
  double words_per_second = 0;  ///< running words of the pairs' texts, a thread
  double seconds_left = 0;
  std::vector<TaskLoss> losses;
};

/// What a run does beside learning.
struct VECTERM_API TrainingRun {
  /// Called from the caller's thread a few times a second; may throw to cancel.
  std::function<void(const TrainingProgress&)> progress = {};
  /// Called after each epoch; may throw to cancel.
  std::function<void(const EpochReport&)> epoch = {};
  /// A file from which an interrupted run goes on, if it is there and of the same data and options; empty = none. It
  /// is written as a whole, and stays after the end.
  std::string checkpoint = {};
  double checkpoint_seconds = 60;  ///< between two writes
};

struct VECTERM_API TrainingResult {
  DictionaryContents dictionary;  ///< without `hash_space` and `tokenizer`, which are left to the caller; see train()
  std::vector<EpochReport> epochs;
  std::uint32_t best_epoch = 0;  ///< whose rows these are
  std::uint32_t rollbacks = 0;   ///< how often the loss got out of hand and the rate was halved
  bool resumed = false;
  double words_per_second = 0;  ///< running words of the pairs' texts, a thread; without reading and validation
};

/// Learns a dictionary as PinText does (Zhuang and Liu, "PinText: A Multitask Text Embedding System in Pinterest", KDD
/// 2019): an entity is the weighted sum of its words' vectors, normalised; each task has pairs that belong together
/// and negatives; the tasks' losses are summed over one shared dictionary. The losses are in objective.h. Gradients
/// are those of the cosine itself; steps are AdaGrad with one rate a row (Duchi et al., JMLR 2011).
///
/// With n-grams (TrainingOptions::bigrams, trigrams) bigrams are entries beside words, and a word, known or not, is the
/// sum of its own vector, where it has one, and its trigrams'. Dropout leaves out each of them by itself, so trigrams
/// learn to stand for misspelled and new words. In the result a word's vector holds its trigrams (see folding.h).
///
/// In a hashed dictionary (TrainingOptions::hash_rows) entries mix their vectors of two components each; components and
/// weights are learned alike.
///
/// Entities with a fixed vector are learned towards, not changed: so words can be trained to find items of a space
/// that something else made (compatibility with existing embeddings in OmniSearchSage, WWW 2024).
///
/// Batches are synchronous and every sum has a fixed order, so the same data, options and seed give the same bytes
/// for any number of threads, on every processor, and whether or not the run was interrupted. Where a part of the run
/// ends with a loss that is not finite or far above what it was, its steps are undone and done again at half the rate;
/// with an anchor (see below) the loss may rise.
///
/// With held-out pairs (TrainingData::Task::held_out) each epoch is followed by an evaluation, and the rows of the
/// best epoch are the result.
///
/// An update (TrainingOptions::update) starts from the old rows, new words as always. Steps pull the rows that they
/// change back to the old ones: row -= min(1, eta * lambda) * (row - old), where eta is the rate of that row in that
/// step. All old words stay, those that the data lacks as they were, and so do hash space, tokenizer and codec, which
/// the result has then, and, unless asked otherwise, weights. Rows that moved at most epsilon get their old values
/// back, hence their old bytes. New words are weighted by their frequency in the new data. What is said of words here
/// holds for n-grams; in a hashed dictionary, for components and the entries' weights of them. Which n-grams there are
/// and the number of components cannot change.
///
/// Memory: at most 3 times the vectors, and buffers of a batch; the data is in files.
///
/// @throws InvalidArgument for an option or an index out of its range, and where fixed vectors have other dimensions;
///         DataError where no pair has known words on both sides, and for a checkpoint of another run
VECTERM_API TrainingResult train(const TrainingData& data, const TrainingOptions& options, const TrainingRun& run = {});

/// Learns a dictionary from texts alone, by latent semantic analysis: words that occur in like texts, not only in the
/// same ones, get like vectors (Deerwester et al., "Indexing by latent semantic analysis", JASIS 1990).
///
/// A text is a row of a matrix: (1 + ln wdf) * idf of each word, scaled to norm 1; idf is ln(n / number of texts with the
/// word). A word's vector is its components in the matrix's right singular vectors of the largest singular values, each
/// times its singular value. The first direction is left out: all texts have much of it, and it tells
/// nothing apart. The word's weight is idf^2, scaled to at most 1.
///
/// Singular vectors are computed at random (Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM
/// Review 2011): a few passes over the texts, and no checkpoint is needed (63,666 texts with 3 million words: seconds).
/// Sums have one order, so the same texts, options and seed give the same bytes on every processor and for any number
/// of threads.
///
/// An update learns anew, turns the result into the space of the old dictionary (Procrustes; see aligned()) and pulls
/// rows back to the old ones, to (row + anchor * old) / (1 + anchor). Rows that moved at most epsilon get their old
/// values back. All old words stay, and so do hash space, tokenizer and codec, and, unless asked otherwise, weights.
///
/// Memory: 3 matrices of words x dimensions; the texts are in files. With fewer texts than dimensions the last numbers
/// of all vectors are 0.
///
/// @param texts  the first so many entities of `data`
/// @returns a dictionary of words, without `hash_space` and `tokenizer`, which are left to the caller
/// @throws InvalidArgument for an option out of its range, and for an old dictionary of other dimensions, with n-grams,
///         or with fewer words in common than dimensions; DataError where the texts have no two directions
VECTERM_API DictionaryContents learn_latent_semantics(const TrainingData& data, std::size_t texts,
                                                      const LatentSemanticsOptions& options = {},
                                                      const ProgressFunction& progress = {});

/// A dictionary in which a text's vector is that by `first` and, behind it, that by `second`, which is scaled so that
/// both are alike long before the whole is scaled to norm 1, in the root mean square over some texts. So the cosine of
/// two texts is about the mean of the cosines by either: words learned from pairs and words learned from texts
/// complete each other.
///
/// A word that only one of them has gets zeros for the other's numbers. Counts, n-grams and codec are those of `first`,
/// weights too, but for words that only `second` has.
///
/// @param texts  the first so many entities of `data`
/// @returns a dictionary without `hash_space`, of the dimensions of both together
/// @throws InvalidArgument where one is hashed, the second has n-grams, or texts is above data.size()
VECTERM_API DictionaryContents side_by_side(const DictionaryContents& first, const DictionaryContents& second,
                                            const TrainingData& data, std::size_t texts);

}  // namespace vecterm
