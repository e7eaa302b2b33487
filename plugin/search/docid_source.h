// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/documents/xapian_compat.h"

namespace vecterm {

/// A posting source that matches given documents of local databases, each with a weight of its own: hands the results
/// of another search to the matcher. Weights must be finite and not negative.
class DocidSource : public Xapian::PostingSource {
 public:
  struct Posting {
    Xapian::docid docid;
    double weight;
  };
  /// Postings of each shard by its uuid, docids ascending; one shard alone may have any key.
  using Shards = std::map<std::string, std::vector<Posting>>;

  explicit DocidSource(std::shared_ptr<const Shards> shards) : shards_(std::move(shards)) {}

  Xapian::PostingSource* clone() const override { return new DocidSource(shards_); }
  /// Picks the shard's postings. A database that is none of the shards has none.
  void init(const Xapian::Database& database) override;

  Xapian::doccount get_termfreq_min() const override { return get_termfreq_max(); }
  Xapian::doccount get_termfreq_est() const override { return get_termfreq_max(); }
  Xapian::doccount get_termfreq_max() const override { return static_cast<Xapian::doccount>(postings_->size()); }

  void next(double min_weight) override;
  void skip_to(Xapian::docid docid, double min_weight) override;
  bool at_end() const override { return position_ > postings_->size(); }
  Xapian::docid get_docid() const override { return (*postings_)[position_ - 1].docid; }
  double get_weight() const override { return (*postings_)[position_ - 1].weight; }
  std::string get_description() const override { return "DocidSource"; }

 private:
  static const std::vector<Posting> kNone;

  std::shared_ptr<const Shards> shards_;
  const std::vector<Posting>* postings_ = &kNone;
  std::size_t position_ = 0;  ///< 1 + index into postings_; 0 = before the first
};

}  // namespace vecterm
