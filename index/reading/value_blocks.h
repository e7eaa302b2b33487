// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/version.h"
#include "index/store/vector_table.h"

namespace vecterm {

/// Internal: the blocks in which a Xapian database keeps the values of a slot at one revision, read from its B-tree of
/// postings (backend glass, format of 2016-03-14, of Xapian 1.4 and 2). Writers never write into a block that was
/// committed: they take another one, and write their revision into it. (With DB_DANGEROUS they do, but then Xapian
/// allows no readers.) So two revisions differ only in blocks that one of them lacks, and these are known from the
/// tree's branches, without a single value. Where anything is not as expected there are none, and whoever asks reads
/// the values.
class VECTERM_INTERNAL_API ValueBlocks {
 public:
  /// @param before  of an earlier revision, which saves reading; may be null
  /// @returns nothing for another format, a tree of a single block, or where another revision was committed meanwhile
  static std::shared_ptr<const ValueBlocks> read(const std::string& directory, const Xapian::Database& database,
                                                 Xapian::valueno slot, const ValueBlocks* before = nullptr);

  /// Holds all documents whose values are not the same in both revisions, and some of their neighbours.
  DocidRanges changed_since(const ValueBlocks& before) const;

 private:
  friend class ValueBlocksReader;

  struct Leaf {
    Xapian::docid first;  ///< no less than this is the first document of all values that begin in the block
    std::uint32_t block;
    std::uint32_t revision;
    bool operator==(const Leaf&) const = default;
  };
  /// A block whose children are leaves. Of the same number and revision it has the same ones.
  struct Branch {
    std::uint32_t block;
    std::uint32_t revision;
    std::size_t first_leaf;
    std::size_t end_leaf;
  };

  /// Numbers of a leaf that two revisions have in common.
  struct SameLeaf {
    std::size_t old;
    std::size_t now;
  };

  std::vector<SameLeaf> same_leaves(const ValueBlocks& before) const;

  std::vector<Leaf> leaves_;      ///< in the order of their documents
  std::vector<Branch> branches_;  ///< likewise
};

}  // namespace vecterm
