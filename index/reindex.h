// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/dictionary.h"
#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "../plugin/analyzer_settings.h"
#include "write_options.h"

namespace vecterm {

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
/// @throws InvalidArgument for an option out of its range; NotFound where there is no index or a dictionary of it is
///         missing; WrongDictionary for one of another tokenizer; DataError where a third hash space comes; Conflict
///         where another program changes the dictionary meanwhile; DiskError; Xapian::DatabaseLockError
VECTERM_API ReindexReport reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                  const ReindexOptions& options = {}, const ProgressFunction& progress = {});

/// What reindex() would do, exactly: computes it all and writes nothing. @throws as reindex()
VECTERM_API ReindexReport plan_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                       const ReindexOptions& options = {}, const ProgressFunction& progress = {});

/// What reindex() would begin with: as plan_reindex(), but no document is computed. @throws as reindex()
VECTERM_API ReindexReport forecast_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                                           const ReindexOptions& options = {});

/// Adds tokens, markers and vectors to the documents of an index, whoever built it, from their term lists. Documents
/// that have the marker are left alone, so an interrupted run is taken up by running it again.
/// @param options  of the batches in which documents are edited; `write` also of what is written before them
/// @throws as index_corpora and reindex(); also DataError for a database without term lists and where another program's
///         values stand in the slot
VECTERM_API WriteReport embed_index(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                                    const std::optional<AnalyzerSettings>& settings = {},
                                    const ReindexOptions& options = {}, const ProgressFunction& progress = {});

/// Runs reindex() without a dictionary again and again, where the database changed, so that documents of programs that
/// do not embed are embedded soon.
/// @param interval  between two looks
/// @param go_on     asked before each look; false ends it
/// @param done      told of each run that edited documents
/// @throws as reindex(). A lock that was not to be had in time is waited for again; once it has looked, so is for
///         `write.lock_seconds` a database that is away, or that another program is in the middle of changing
VECTERM_API void watch_index(const std::string& path, const ReindexOptions& options, std::chrono::milliseconds interval,
                             const std::function<bool()>& go_on, const std::function<void(const ReindexReport&)>& done);

}  // namespace vecterm
