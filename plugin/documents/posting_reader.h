// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <string>
#include <vector>

namespace vecterm {

/// Ascending docids of one local database.
using DocidList = std::vector<Xapian::docid>;

/// Reads the lists that candidates come from, those of one local database. All readers give the same lists; index has
/// one that keeps them. One reader serves one thread.
class PostingReader {
 public:
  virtual ~PostingReader();

  /// Appends the documents of a term.
  virtual void append(const std::string& term, DocidList& docids) = 0;

  /// The documents that match a query.
  virtual std::shared_ptr<const DocidList> matching(const Xapian::Query& filter) = 0;
};

/// Reads them from the database each time.
class DatabasePostingReader : public PostingReader {
 public:
  explicit DatabasePostingReader(Xapian::Database database) : database_(std::move(database)) {}

  void append(const std::string& term, DocidList& docids) override;
  std::shared_ptr<const DocidList> matching(const Xapian::Query& filter) override;

 private:
  Xapian::Database database_;
};

}  // namespace vecterm
