// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <string>

#include "index/write_options.h"
#include "plugin/document_embedder.h"

namespace vecterm {

/// Internal: writes documents into a database in batches. Each batch is one transaction, begun only while there is
/// disk space; the first one brings the index record, and before it the dictionary file. Holds Xapian's write lock for
/// its life. What was not committed is dropped by the destructor. Serves one thread.
class BatchWriter {
 public:
  /// Opens the database; `create`: makes it where there is none.
  /// @throws as index_corpora
  BatchWriter(std::string path, std::shared_ptr<const Dictionary> dictionary,
              const std::optional<AnalyzerSettings>& settings, const WriteOptions& options, bool create);
  ~BatchWriter();
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  const std::shared_ptr<const DocumentEmbedder>& embedder() const { return embedder_; }
  /// For reading.
  const Xapian::WritableDatabase& database() const { return database_; }

  /// Documents that were written since the last commit.
  std::uint32_t pending() const { return pending_; }
  bool full() const { return pending_ >= options_.batch; }

  /// Replaces the document that has this unique term, or adds one.
  void replace(const std::string& unique_term, const Xapian::Document& document);
  void replace(Xapian::docid docid, const Xapian::Document& document);

  /// Ends the batch. `cursor` goes into schema::kCursorKey; empty removes it.
  void commit(const std::string& cursor);

 private:
  void begin();
  IndexRecord choose_record(const std::optional<AnalyzerSettings>& settings);
  void check_same_dictionary(const IndexRecord& record) const;
  void check_unused(const IndexRecord& record) const;

  std::string path_;
  std::shared_ptr<const Dictionary> dictionary_;
  WriteOptions options_;
  Xapian::WritableDatabase database_;
  std::shared_ptr<const DocumentEmbedder> embedder_;
  bool installed_ = false;  ///< the dictionary lies beside the database
  bool recorded_ = false;   ///< the record stands in the database
  bool open_ = false;       ///< in a transaction, or its commit has failed
  std::uint32_t pending_ = 0;
};

}  // namespace vecterm
