// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace vecterm {

/// A set of docids, any of 32 bits, whatever a database says of its largest one: as bits, in pages that are made where
/// docids are met.
class DocidSet {
 public:
  /// Forgets all; then no docid is in it, or where `full` every one.
  void reset(bool full = false);

  /// Whether it was not in the set before.
  bool insert(Xapian::docid docid) {
    std::uint64_t& word = word_of(docid);
    const bool is_new = (word & bit_of(docid)) == 0;
    word |= bit_of(docid);
    return is_new;
  }

  void erase(Xapian::docid docid) { word_of(docid) &= ~bit_of(docid); }

  /// Ascending. REQUIRES: it was not full
  std::vector<Xapian::docid> docids() const;

 private:
  static constexpr std::size_t kWordBits = 64;
  static constexpr std::size_t kPageBits = 4096;
  using Page = std::array<std::uint64_t, kPageBits / kWordBits>;

  static std::uint64_t bit_of(Xapian::docid docid) { return std::uint64_t{1} << docid % kWordBits; }

  std::uint64_t& word_of(Xapian::docid docid) {
    const std::size_t page = docid / kPageBits;
    if (page >= pages_.size() || !pages_[page]) make(page);
    return (*pages_[page])[docid % kPageBits / kWordBits];
  }
  void make(std::size_t page);

  std::vector<std::unique_ptr<Page>> pages_;  ///< by docid / kPageBits
  std::vector<std::size_t> made_;             ///< the pages that are not null
  std::uint64_t untouched_ = 0;               ///< what the words of a new page are
};

}  // namespace vecterm
