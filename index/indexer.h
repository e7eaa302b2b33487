// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/dictionary.h"
#include "../analyzers/export.h"
#include "../analyzers/progress.h"
#include "../plugin/analyzer_settings.h"

namespace vecterm {

/// How a writing operation goes about it.
struct VECTERM_API WriteOptions {
  unsigned threads = 0;         ///< that analyse, [0, 1024]; 0 = all cores. One more writes
  std::uint32_t batch = 10000;  ///< documents a commit, [1, 10000000]
  /// A batch is neither begun nor committed with less free disk space than this. Where other programs fill the disk
  /// during a commit none the less, Xapian 1.4 may call std::terminate, as it flushes values in a destructor; what was
  /// committed before is intact then, too.
  std::uint64_t min_free_bytes = 64ULL << 20;

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

/// What a writing operation did.
struct VECTERM_API WriteReport {
  std::uint64_t documents = 0;  ///< written in this run
  std::uint64_t skipped = 0;    ///< already there from an interrupted run
  std::uint64_t vectors = 0;    ///< of those written, how many have a vector
  bool sidecar = false;         ///< the vectors were also written beside the database (VectorTable), to open faster
};

/// Indexes corpora into the database at `path`, which is made where there is none. Documents are analysed on all
/// threads and written in input order by one writer, so docids are the same for any number of threads; a document
/// whose id is there already is replaced under its docid.
///
/// Each batch is one transaction that carries a cursor (lines read and a checksum of them): a run that was killed is
/// taken up where its last commit left it, if it is started again with the same input; with other input it starts
/// from the beginning. Nothing acknowledged is lost.
///
/// @param dictionary  copied into the database's directory under its fingerprint
/// @param settings    nothing = those of the index, or the defaults for a new one
/// @throws InvalidArgument where `settings` are not those that the index was made with; DataError for a bad line
///         (documents before it in the same batch are committed first), a database that is none, or an index made with
///         another dictionary; DiskError before the disk is full; Xapian::DatabaseLockError where someone else writes
VECTERM_API WriteReport index_corpora(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                                      const std::vector<std::string>& corpora,
                                      const std::optional<AnalyzerSettings>& settings = {},
                                      const WriteOptions& options = {}, const ProgressFunction& progress = {});

/// Adds tokens, markers and vectors to the documents of an index, whoever built it, from their term lists. Documents
/// that have the marker are left alone, so an interrupted run is taken up by running it again.
/// @throws as index_corpora; also DataError for a database without term lists and where another program's values
///         stand in the slot
VECTERM_API WriteReport embed_index(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                                    const std::optional<AnalyzerSettings>& settings = {},
                                    const WriteOptions& options = {}, const ProgressFunction& progress = {});

/// Deletes documents by id, in one transaction. @returns how many there were
/// @throws DataError where there is no database; Xapian::DatabaseLockError as above
VECTERM_API std::uint64_t delete_documents(const std::string& path, const std::vector<std::string>& ids);

}  // namespace vecterm
