// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/xapian_compat.h"

namespace vecterm {

/// A posting source that matches given documents, without weight: restricts a query to them. For a single local
/// database; docids are those of that database.
class DocidSource : public Xapian::PostingSource {
 public:
  /// @param docids  ascending, distinct
  explicit DocidSource(std::shared_ptr<const std::vector<Xapian::docid>> docids) : docids_(std::move(docids)) {}

  Xapian::PostingSource* clone() const override { return new DocidSource(docids_); }
  void init(const Xapian::Database& database) override;

  Xapian::doccount get_termfreq_min() const override { return 0; }
  Xapian::doccount get_termfreq_est() const override { return static_cast<Xapian::doccount>(docids_->size()); }
  Xapian::doccount get_termfreq_max() const override { return static_cast<Xapian::doccount>(docids_->size()); }

  void next(double min_weight) override;
  void skip_to(Xapian::docid docid, double min_weight) override;
  bool at_end() const override { return position_ > docids_->size(); }
  Xapian::docid get_docid() const override { return (*docids_)[position_ - 1]; }
  std::string get_description() const override { return "DocidSource"; }

 private:
  std::shared_ptr<const std::vector<Xapian::docid>> docids_;
  std::size_t position_ = 0;  ///< 1 + index into docids_; 0 = before the first
};

}  // namespace vecterm
