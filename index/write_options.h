// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"

/// The options and reports of whatever writes into an index, or checks it.
namespace vecterm {

/// How a writing operation goes about it.
struct VECTERM_API WriteOptions {
  unsigned threads = 0;         ///< that analyse, [0, 1024]; 0 = all cores. One more writes
  std::uint32_t batch = 10000;  ///< documents a commit, [1, 10000000]
  double lock_seconds = 60;     ///< how long to wait while somebody else writes, [0, 1e6]
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

/// What an index has to expect of a compatible update.
struct VECTERM_API UpdateForecast {
  bool hashed = false;       ///< the dictionary before or the one after is
  double changed_share = 0;  ///< of the words of running text, by their counts, in [0, 1]: those that came or moved

  /// A warning, empty where there is no need of one.
  std::string text() const;
};

/// How embeddings of documents that are there already are changed.
struct VECTERM_API ReindexOptions {
  /// `write.batch` documents are edited under the write lock, which is then given up for a moment: about a second.
  WriteOptions write{.batch = 5000};
  double rate = 0;  ///< documents a second at most, [0, 1e9]; 0 = as many as it can
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

/// How an index is checked and repaired.
struct VECTERM_API CheckOptions {
  /// How many documents of each generation in each database are computed again, evenly spread by docid; 0 = all.
  std::uint32_t sample = 0;
  bool force = false;        ///< repair_index() may also give up what it cannot make again, where a finding says so
  ReindexOptions edit = {};  ///< threads and dictionaries of both; the rest is of repair_index() alone
};

/// One thing that a check found. Kinds, which programs may rely on:
///
///     xapian-damage         Xapian's own check fails; nothing else is looked at
///     no-embeddings         the database has no index record
///     damaged-metadata      an entry of the metadata cannot be read
///     wrong-record          most documents are embedded by another record, which a dictionary in the directory has;
///                           they are left alone, and nothing else is looked at
///     wrong-metadata        a record does not fit its dictionary
///     differing-databases   databases of a collection have other records than the first
///     missing-dictionary    of a generation; its documents cannot be computed
///     damaged-dictionary    in the database's directory, while another place has it, too
///     wrong-embedding       documents whose tokens or vector are not those of their words
///     unmarked-embedding    documents with tokens or a vector of a generation, but without its marker
///     orphan-tokens         tokens or markers of a hash space that the index does not have
///     orphan-vectors        vectors in the slot of a generation that the index does not have
///     damaged-sidecar       that of this revision, so that readers read the slot
///
/// and notes, which hurt nobody:
///
///     sparse-docids         Xapian's own check was left out, which takes memory for each docid up to the largest
///     unchecked-tables      it was left out, as it opens tables for writing, and they may not be written
///     distant-dictionary    it is not in the database's directory, but another place has it
///     pending-documents     without an embedding of the serving generation
///     unfinished-generation one that is being built
///     unfinished-update     of a dictionary; documents that it has not come to are not judged
///     unfinished-indexing   an indexing run that was interrupted
///     other-tuning          it was measured on another hash space
///     missing-sidecar       likewise
///     stale-sidecar         it is of another revision; likewise
///     unused-files          dictionaries and sidecars of other generations, and what killed writers left
struct VECTERM_API Finding {
  std::string kind = {};
  std::string database = {};  ///< directory
  std::string text = {};      ///< for people: what it is, and what to do
  bool damage = false;        ///< else a note
  bool repairable = false;    ///< by repair_index(), as it was asked
  bool needs_force = false;   ///< by CheckOptions::force alone: what it gives up cannot be made again
  std::uint64_t documents = 0;
  std::vector<std::string> examples = {};  ///< ids of at most five of them
};

struct VECTERM_API CheckReport {
  std::uint64_t documents = 0;  ///< that were computed again, once for each generation that they have
  std::vector<Finding> findings;

  bool has_damage() const;
};

struct VECTERM_API RepairReport {
  CheckReport found;  ///< before
  CheckReport left;   ///< by a second check
};

}  // namespace vecterm
