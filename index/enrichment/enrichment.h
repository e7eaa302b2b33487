// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/progress.h"

namespace vecterm {

/// What items are enriched with. Source: content signals in Agarwal, Sk, Pancha, Hazra, Xu, Rosenberg: "OmniSearchSage:
/// Multi-Task Multi-Entity Embeddings for Pinterest Search", WWW 2024.
struct EnrichmentOptions {
  /// A window of engagement: query TAB item id TAB action TAB count, a number >= 0
  std::vector<std::string> logs;
  std::vector<std::string> boards;  ///< what people collect: item id TAB title of a collection that has it
  std::map<std::string, double, std::less<>> actions{{"click", 1}, {"save", 2}};  ///< what one counts, finite and >= 0
  double decay = 0.5;            ///< in [0, 1]: what is left of the scores of earlier windows
  std::size_t top_queries = 20;  ///< most queries an item, [1, 10000]
  std::size_t top_boards = 10;   ///< most titles an item, [1, 10000]

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

struct EnrichmentReport {
  std::uint64_t items = 0;
  std::uint64_t with_queries = 0;
  std::uint64_t with_boards = 0;
  std::uint64_t log_lines = 0;
  std::uint64_t board_lines = 0;
  std::uint64_t unknown_log_lines = 0;  ///< of an item that is in no corpus
  std::uint64_t unknown_board_lines = 0;
};

/// Gives the items of corpora the queries that led to them, and titles of collections that they are in, as fields:
///
///     "queries": ["film editor", "cut video"], "query_scores": {"film editor": 7.5, "cut video": 3}
///     "boards": ["Super 8 and other film", "My studio"]
///
/// A query's score is decay * its old one + the sum over the log's lines of weight(action) * count; without logs,
/// scores stay. `query_scores` has the best five times `top_queries` of them, so that what is just outside may come in
/// later; `queries` the first `top_queries` of these. Ties go by bytes.
///
/// Titles are chosen anew for items that `boards` names, and stay otherwise. One is the better the smaller (the number
/// of items in collections of that title) * (the mean over its words of the number of items in collections with this
/// word) is; then more words, then more bytes come first. A title that has no word which the better ones lack is left
/// out.
///
/// Other keys stay as they are, and so does every line that nothing is known of. Memory is that of the distinct pairs
/// of item and query, and of item and title.
/// @param write  gets the lines, with their ends, in order; pieces of some size
/// @throws DataError naming file and line for a bad line, an action without a weight, text that is no UTF-8, and for
///         "queries" of an item without "query_scores"; InvalidArgument as check()
EnrichmentReport enrich_corpora(const std::vector<std::string>& corpora, const EnrichmentOptions& options,
                                const std::function<void(std::string_view)>& write,
                                const ProgressFunction& progress = {});

/// The same into a file, which may be one of the corpora: it is replaced as a whole at the end. @throws also DiskError
EnrichmentReport enrich_corpora_into(const std::string& path, const std::vector<std::string>& corpora,
                                     const EnrichmentOptions& options, const ProgressFunction& progress = {});

}  // namespace vecterm
