// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/documents/docid_set.h"

#include <algorithm>
#include <bit>

namespace vecterm {

void DocidSet::reset(bool full) {
  constexpr std::size_t kMostKept = 4096;  // pages, which have docids up to 16 million
  untouched_ = full ? ~std::uint64_t{0} : 0;
  if (made_.size() > kMostKept) {
    pages_.clear();
    made_.clear();
  }
  for (const std::size_t page : made_) pages_[page]->fill(untouched_);
}

std::vector<Xapian::docid> DocidSet::docids() const {
  std::vector<std::size_t> pages = made_;
  std::ranges::sort(pages);
  std::vector<Xapian::docid> docids;
  for (const std::size_t page : pages)
    for (std::size_t i = 0; i < pages_[page]->size(); ++i)
      for (std::uint64_t word = (*pages_[page])[i]; word != 0; word &= word - 1)
        docids.push_back(static_cast<Xapian::docid>(page * kPageBits + i * kWordBits +
                                                    static_cast<std::size_t>(std::countr_zero(word))));
  return docids;
}

void DocidSet::make(std::size_t page) {
  if (page >= pages_.size()) pages_.resize(std::max(page + 1, pages_.size() * 2));
  pages_[page] = std::make_unique<Page>();
  pages_[page]->fill(untouched_);
  made_.push_back(page);
}

}  // namespace vecterm
