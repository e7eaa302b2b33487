// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../analyzers/dictionary.h"
#include "../analyzers/dictionary_difference.h"
#include "../analyzers/export.h"
#include "../analyzers/progress.h"
#include "indexer.h"

namespace vecterm {

/// How embeddings of documents that are there already are changed.
struct VECTERM_API ReindexOptions {
  /// `write.batch` documents are edited under the write lock, which is then given up for a moment: about a second.
  WriteOptions write{.batch = 5000};
  double rate = 0;           ///< documents a second at most, [0, 1e9]; 0 = as many as it can
  double lock_seconds = 60;  ///< how long it waits while somebody else writes, [0, 1e6]
  /// Where dictionaries are looked for by their fingerprint beside the database's directory.
  std::vector<std::string> dictionaries = {};

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

/// What re-indexing did, or would do. Sums over the databases of a collection.
struct VECTERM_API ReindexReport {
  enum class Kind {
    kCurrent,     ///< the dictionary was the current one before, or none was given; what was left undone was done
    kUpdate,      ///< compatible: vectors of a generation have moved, its hash space is the same
    kGeneration,  ///< another hash space: a generation beside the serving one, which may have been there before
  };
  Kind kind = Kind::kCurrent;
  unsigned generation = 0;      ///< that has the dictionary
  std::size_t words_added = 0;  ///< of the dictionary, n-grams too, against the one before; of a kUpdate
  std::size_t words_removed = 0;
  std::size_t words_moved = 0;
  UpdateForecast forecast;           ///< of a kUpdate
  bool everywhere = false;           ///< the dictionary before was missing, so all documents were computed again
  std::uint64_t documents = 0;       ///< whose embeddings were computed
  std::uint64_t vectors = 0;         ///< of those, how many have a vector
  std::uint64_t edited = 0;          ///< of those, how many changed
  std::uint64_t tokens_removed = 0;  ///< from them
  std::uint64_t tokens_added = 0;
  std::uint64_t bytes = 0;  ///< of these tokens and of the vectors that changed
  bool sidecar = false;     ///< as in WriteReport
};

/// Makes an index follow its dictionary, from the documents' term lists, while others search and write.
///
/// With a dictionary of a hash space that the index has (`kUpdate`), only documents with a word or n-gram that came,
/// went or moved are computed again, and only what differs is written: the result is bit for bit what indexing them
/// anew would give. From its first commit on, it is the index's current one, and programs that would write with the one
/// before are refused (DocumentEmbedder::check_is_current). With one of another hash space, a generation is built
/// beside the serving one, for activate_generation().
///
/// Each batch is one transaction with a cursor: a run that was killed goes on where its last commit left it, with the
/// same dictionary or without one. Where an update to yet another dictionary comes before the last one was through,
/// both are done at once. In the end documents that have no marker are embedded, whoever added them.
///
/// @param path        a database directory, or a stub file of local databases: all get the new dictionary, then all are
///                    gone through
/// @param dictionary  copied into the databases' directories; null = the current ones, to finish what was begun
/// @throws InvalidArgument for an option out of its range; DataError where there is no index, a third hash space comes,
///         or another program changes the dictionary meanwhile; DiskError; Xapian::DatabaseLockError
VECTERM_API ReindexReport reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                  const ReindexOptions& options = {}, const ProgressFunction& progress = {});

/// What reindex() would do, exactly: computes it all and writes nothing. @throws as reindex()
VECTERM_API ReindexReport plan_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                       const ReindexOptions& options = {}, const ProgressFunction& progress = {});

/// What reindex() would begin with: as plan_reindex(), but no document is computed. @throws as reindex()
VECTERM_API ReindexReport forecast_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                           const ReindexOptions& options = {});

/// Runs reindex() without a dictionary again and again, where the database changed, so that documents of programs that
/// do not embed are embedded soon.
/// @param interval  between two looks
/// @param go_on     asked before each look; false ends it
/// @param done      told of each run that edited documents
/// @throws as reindex(); a lock that was not to be had in time is waited for again
VECTERM_API void watch_index(const std::string& path, const ReindexOptions& options, std::chrono::milliseconds interval,
                             const std::function<bool()>& go_on, const std::function<void(const ReindexReport&)>& done);

}  // namespace vecterm
