// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/docid_source.h"

#include <algorithm>

namespace vecterm {

void DocidSource::init(const Xapian::Database& database) {
  (void)database;
  position_ = 0;
}

void DocidSource::next(double min_weight) {
  (void)min_weight;
  ++position_;
}

void DocidSource::skip_to(Xapian::docid docid, double min_weight) {
  (void)min_weight;
  const auto from = docids_->begin() + static_cast<std::ptrdiff_t>(position_ == 0 ? 0 : position_ - 1);
  position_ = static_cast<std::size_t>(std::lower_bound(from, docids_->end(), docid) - docids_->begin()) + 1;
}

}  // namespace vecterm
