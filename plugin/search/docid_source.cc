// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/docid_source.h"

#include <algorithm>

namespace vecterm {

const std::vector<DocidSource::Posting> DocidSource::kNone;

void DocidSource::init(const Xapian::Database& database) {
  const auto found = shards_->size() == 1 ? shards_->begin() : shards_->find(database.get_uuid());
  postings_ = found != shards_->end() ? &found->second : &kNone;
  position_ = 0;
  double largest = 0;
  for (const Posting& posting : *postings_) largest = std::max(largest, posting.weight);
  set_maxweight(largest);
}

// Xapian hands over the least weight that counts after OP_SCALE_WEIGHT, so it cannot be compared with the largest one.
void DocidSource::next(double) { ++position_; }

void DocidSource::skip_to(Xapian::docid docid, double) {
  const auto from = postings_->begin() + static_cast<std::ptrdiff_t>(position_ == 0 ? 0 : position_ - 1);
  const auto found =
      std::lower_bound(from, postings_->end(), docid, [](const Posting& a, Xapian::docid b) { return a.docid < b; });
  position_ = static_cast<std::size_t>(found - postings_->begin()) + 1;
}

}  // namespace vecterm
