// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/following/edit_batches.h"
#include "index/store/generation_record.h"
#include "index/write_options.h"
#include "plugin/document_embedder.h"

namespace vecterm {

/// Internal: all that the metadata of a database say of its embeddings.
struct EmbeddingState {
  IndexRecord serving;
  Generations generations;
  std::optional<UpdateRecord> update;

  /// @throws NotFound where the database has none, naming `path`; Damaged where they are
  static EmbeddingState read(const Xapian::Database& database, const std::string& path);
  /// All but the update.
  void write(Xapian::WritableDatabase& database) const;

  /// The serving one, and the other one, if there is one.
  std::vector<const IndexRecord*> records() const;
  /// Whether `term` is a token or a marker of a hash space that the index does not have.
  bool is_orphan(std::string_view term) const;
  /// The record of a generation, or null where there is none of this number.
  const IndexRecord* find(unsigned generation) const;
};

/// Internal: the documents of a generation that an update of it has not come to, ascending. Those without the marker
/// are embedded later anyway.
/// @param dictionary  the one that it is an update to
std::vector<Xapian::docid> documents_to_update(const Xapian::Database& database, const UpdateRecord& update,
                                               const IndexRecord& record, const Dictionary& dictionary);

/// Internal: changes the embeddings of one local database, in batches under the write lock: the steps of reindex() and
/// of what is done with generations.
class Reindexer {
 public:
  /// Options and progress must outlive it.
  Reindexer(std::string path, const ReindexOptions& options, const ProgressFunction& progress);

  /// Makes `dictionary` that of the generation with its hash space, or begins a generation with it; does nothing where
  /// it is one's already. An update of another generation that is under way is finished before.
  void begin(const std::shared_ptr<const Dictionary>& dictionary);
  /// Goes through the documents that an update under way has not come to, and embeds those without a marker of the
  /// serving generation and of one that is being built.
  void work();
  /// Removes files that are not used any more and writes the sidecar, where this run or an interrupted one changed
  /// something.
  void finish();
  /// The same in any case.
  void tidy();

  /// Instead of these three: finds out what they would do. `dictionary` may be null.
  void plan(const std::shared_ptr<const Dictionary>& dictionary);
  /// What begin() would make of the database's state. `dictionary` may be null.
  EmbeddingState future(const std::shared_ptr<const Dictionary>& dictionary);

  /// As work(), for the other generation alone. @throws InvalidArgument where `generation` is not the other one; so do
  /// the next two
  void prepare(unsigned generation);
  /// Embeds what it lacks, and makes it the serving one, in one commit.
  void activate(unsigned generation);
  void retire(unsigned generation);

  /// Writes what is not right in documents of a generation, ascending.
  void embed_again(const IndexRecord& record, const std::vector<Xapian::docid>& docids);
  /// Removes what is of no generation of the index. `state` must be what the database says.
  void remove_orphans(const EmbeddingState& state, const std::vector<Xapian::docid>& docids);

  /// Whether this generation serves, and whether there is one of this number at all.
  bool serves(unsigned generation) const { return state().serving.generation == generation; }
  bool has(unsigned generation) const { return state().find(generation) != nullptr; }

  const ReindexReport& report() const { return report_; }

 private:
  EmbeddingState state() const;
  std::vector<Xapian::docid> documents_lacking(const IndexRecord& record) const;
  EmbeddingState state_with_other(unsigned generation) const;
  std::shared_ptr<const Dictionary> dictionary_of(const IndexRecord& record);
  std::shared_ptr<const Dictionary> dictionary_if_there(const IndexRecord& record);
  DocumentEmbedder embedder_of(const IndexRecord& record) { return {dictionary_of(record), record}; }
  EditJob embedding_job(const std::string& step, const DocumentEmbedder& embedder) const;

  bool is_taken_up(const EmbeddingState& state, const Dictionary& dictionary);
  void take_up(EmbeddingState& state, const Dictionary& dictionary);
  bool update_to(EmbeddingState& state, IndexRecord& record, const Dictionary& dictionary);
  void build_beside(EmbeddingState& state, const Dictionary& dictionary);
  void finish_update();
  void embed_pending(const IndexRecord& record);
  void plan_edits(const IndexRecord& record, const std::vector<Xapian::docid>& docids);

  std::string path_;
  const ReindexOptions& options_;
  EditBatches batches_;
  const ProgressFunction& progress_;
  std::vector<std::shared_ptr<const Dictionary>> dictionaries_;
  ReindexReport report_;
  bool wrote_ = false;
};

/// Internal: one for each database of a collection. @throws InvalidArgument for an option out of its range
std::list<Reindexer> reindexers(const std::string& path, const ReindexOptions& options,
                                const ProgressFunction& progress);

}  // namespace vecterm
