// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../analyzers/export.h"
#include "../analyzers/progress.h"
#include "reindex.h"

namespace vecterm {

/// How an index is checked and repaired.
struct VECTERM_API CheckOptions {
  /// How many documents of each generation in each database are computed again, evenly spread by docid; 0 = all.
  std::uint32_t sample = 0;
  ReindexOptions edit = {};  ///< threads and dictionaries of both; the rest is of repair_index() alone
};

/// One thing that a check found. Kinds, which programs may rely on:
///
///     xapian-damage         Xapian's own check fails; nothing else is looked at
///     no-embeddings         the database has no index record
///     damaged-metadata      an entry of the metadata cannot be read
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
  bool repairable = false;    ///< by repair_index()
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

/// Compares an index with what it should be, from the documents' term lists and the dictionaries, and has Xapian check
/// the database. Writes nothing; others may search and write meanwhile. Terms and values of a host's own, under other
/// prefixes and slots than the index's, are left alone.
///
/// @param path  a database directory, or a stub file of local databases
/// @throws InvalidArgument for an option out of its range; DataError where there is no database;
///         Xapian::DatabaseModifiedError where others change it too quickly
VECTERM_API CheckReport check_index(const std::string& path, const CheckOptions& options = {},
                                    const ProgressFunction& progress = {});

/// The same, and mends what was found and can be: embeds documents again and those that are pending, finishes an update
/// and a generation that is being built, removes orphans, damaged entries and unused files, installs dictionaries, and
/// writes the sidecar. An entry that was removed is as if it had never been written: tuning and profiles are lost, and
/// the generation beside the serving one is, where vecterm.generations was damaged.
/// @throws as check_index(); DiskError; Xapian::DatabaseLockError
VECTERM_API RepairReport repair_index(const std::string& path, const CheckOptions& options = {},
                                      const ProgressFunction& progress = {});

}  // namespace vecterm
