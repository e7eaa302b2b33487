// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "analyzers/base/throttled_progress.h"
#include "index/following/document_edits.h"
#include "index/write_options.h"
#include "plugin/document_embedder.h"

namespace vecterm {

/// Internal: what is to be done to each of some documents, and what goes with each batch of them.
struct EditJob {
  std::string step;  ///< for progress
  ChangeFunction change;
  /// Called under the write lock before a batch; throws where the job does not make sense any more.
  std::function<void(const Xapian::Database&)> check;
  /// Called in each batch's transaction, with the first document of the next batch, or 0 where it is the last.
  std::function<void(Xapian::WritableDatabase&, Xapian::docid next)> finish = {};
};

/// Internal: edits documents of a database, in transactions of options.write.batch documents. Between them others get
/// the write lock, and the rate is kept.
class EditBatches {
 public:
  /// Options and progress must outlive it.
  EditBatches(std::string path, const ReindexOptions& options, const ProgressFunction& progress)
      : path_(std::move(path)), options_(options), progress_(progress) {}

  /// @param docids  ascending; where there are none, there is one batch of none
  EditCounts run(std::span<const Xapian::docid> docids, const EditJob& job);

  /// One batch, in a transaction of the caller's. Writes what is not right already.
  EditCounts edit(Xapian::WritableDatabase& database, std::span<const Xapian::docid> docids, const EditJob& job);

 private:
  void pause();
  void tell(const EditJob& job, std::uint64_t done);

  std::string path_;
  const ReindexOptions& options_;
  ThrottledProgress progress_;
  std::chrono::steady_clock::time_point start_;
  std::uint64_t done_ = 0;   ///< of this run's documents, in batches that were committed
  std::uint64_t total_ = 0;  ///< of this run
};

/// Internal: computes what DocumentEmbedder::change() says of documents, with progress, and changes nothing.
/// @param take  as of compute_changes()
void preview_changes(const std::string& path, std::span<const Xapian::docid> docids, const DocumentEmbedder& embedder,
                     unsigned threads, const std::string& step, const ProgressFunction& progress,
                     const std::function<void(Xapian::docid, const EmbeddingChange&)>& take);

/// Internal: "12000 of 63666 documents, 5300/s, 10 s left".
std::string progress_details(std::uint64_t done, std::uint64_t total, std::chrono::duration<double> elapsed);

}  // namespace vecterm
