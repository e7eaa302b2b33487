// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "../plugin/ranking_profile.h"
#include "evaluation.h"

namespace vecterm {

/// What is to be learned, from what.
struct VECTERM_API RankTuneOptions {
  std::string queries;       ///< file of queries (read_queries), plain text
  std::string judgements;    ///< file of judgements (read_judgements)
  RankingProfile start;      ///< its parameters are fitted; at least one
  double rel_min = 1;        ///< the smallest score that counts as relevant
  std::size_t folds = 5;     ///< of the cross-validation, [2, 100], at most as many as there are queries
  std::size_t a_side = 200;  ///< candidates by words, and by cosine, that parameters are fitted on, [10, 10000]
  unsigned threads = 0;      ///< 0 = all cores
  std::vector<std::string> dictionaries = {};  ///< IndexOptions::dictionaries
};

/// What was learned.
struct VECTERM_API RankTuning {
  RankingProfile fitted;                ///< on all queries
  std::vector<Metrics> before;          ///< of each query, by searches with the profile that it started from
  std::vector<Metrics> after;           ///< of each query, by searches with a profile fitted without the query's fold
  std::vector<std::size_t> fold;        ///< of each query, from 0
  std::vector<RankingProfile> of_fold;  ///< fitted without it
};

/// Fits the parameters of a profile to judged queries: coordinate ascent of the mean nDCG@10 over candidates found by
/// words and by cosine (Metzler and Croft, Linear feature-based models for information retrieval, Information Retrieval
/// 10(3), 2007), with cross-validation. Each parameter tries multiples of its value from 1/16 to 16 (from 0: 1/16 to
/// 16); of equals the smallest change wins.
/// @throws InvalidArgument for an option out of its range, or a profile without parameters or with input(); DataError
///         where no query has a relevant document
VECTERM_API RankTuning tune_rank(const std::string& path, const RankTuneOptions& options,
                                 const ProgressFunction& progress = {});

/// Writes the features of all candidates of judged queries for other learners, in the format of SVMlight and LETOR: the
/// judged score, qid:N, and numbered features, whose names stand in the first line. Ranks are written as 1/rank, 0 for
/// none. Besides all variables these are the value slots that the profile reads.
/// @throws as tune_rank, DiskError
VECTERM_API void export_features(const std::string& path, const RankTuneOptions& options, const std::string& file,
                                 const ProgressFunction& progress = {});

}  // namespace vecterm
