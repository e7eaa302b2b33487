// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/value_blocks.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <string_view>

#include "analyzers/base/file_descriptor.h"

namespace vecterm {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagicAndFormat = "\x0f\x0dXapian Glass\x04\x6e"sv;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kVersionFileBytes = 256;  // no more than so many are read by Xapian either
constexpr std::size_t kBlockUnit = 2048;
constexpr std::size_t kMaxBlockBytes = 65536;
constexpr unsigned kMaxLevels = 10;
constexpr Xapian::docid kLastDocid = std::numeric_limits<Xapian::docid>::max();
// A block: revision (4 bytes), level (1), free space (4), end of the directory (2), the directory: offsets of items (2).
constexpr std::size_t kLevelAt = 4;
constexpr std::size_t kDirectoryEndAt = 9;
constexpr std::size_t kDirectoryAt = 11;
// An item of a branch: number of the child (4 bytes), length of the key (1), the key.
constexpr std::size_t kKeyLengthAt = 4;
constexpr std::size_t kKeyAt = 5;

/// Big-endian, as all fixed numbers in blocks. REQUIRES: they are there.
std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

/// Takes a number of 7 bits a byte, the lowest first, from the front.
std::optional<std::uint64_t> take_packed(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

void append_packed(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

/// The least docid whose key begins with `bytes`, as keys are cut off in branches: as many leading ones as its number has
/// bytes, less two; then the number in as few bytes as it takes, the highest first.
Xapian::docid least_docid(std::string_view bytes) {
  constexpr unsigned kBitsOfTwoBytes = 15;
  if (bytes.empty()) return 0;
  const auto head = static_cast<std::uint8_t>(bytes.front());
  const auto ones = static_cast<unsigned>(std::countl_one(head));
  std::uint64_t value = head & (0x7fU >> ones);
  for (std::size_t i = 1; i < ones + 2; ++i)
    value = value << 8U | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
  if (ones > 0) value = std::max(value, std::uint64_t{1} << (kBitsOfTwoBytes + (ones - 1) * 7));
  return static_cast<Xapian::docid>(std::min<std::uint64_t>(value, kLastDocid));
}

/// What the version file says of the tree of postings.
struct Tree {
  std::uint64_t revision;
  std::uint32_t root;
  unsigned level;  ///< of the root; leaves are at 0
  std::size_t block_bytes;
};

std::optional<Tree> tree_of(std::string_view version_file) {
  std::string_view rest = version_file;
  if (!rest.starts_with(kMagicAndFormat) || rest.size() < kMagicAndFormat.size() + kUuidBytes) return std::nullopt;
  rest.remove_prefix(kMagicAndFormat.size() + kUuidBytes);
  std::array<std::uint64_t, 5> numbers{};  // revision, root, level and flags, entries, block size
  for (std::uint64_t& number : numbers) {
    const auto taken = take_packed(rest);
    if (!taken) return std::nullopt;
    number = *taken;
  }
  const auto& [revision, root, level, entries, units] = numbers;
  constexpr std::uint64_t kNoRoot = 1;
  constexpr unsigned kFlagBits = 2;
  if (root > std::numeric_limits<std::uint32_t>::max() || level >> kFlagBits > kMaxLevels || (level & kNoRoot) != 0 ||
      units == 0 || units > kMaxBlockBytes / kBlockUnit)
    return std::nullopt;
  return Tree{revision, static_cast<std::uint32_t>(root), static_cast<unsigned>(level >> kFlagBits),
              units * kBlockUnit};
}

std::string read_version_file(const std::string& directory) {
  std::string content(kVersionFileBytes, '\0');
  const FileDescriptor file = open_file(directory + "/iamglass", O_RDONLY);
  content.resize(file ? read_at(file, content.data(), content.size(), 0).value_or(0) : 0);
  return content;
}

/// As Xapian shows it: groups of hexadecimal digits.
bool has_uuid(std::string_view version_file, const std::string& shown) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char byte : version_file.substr(kMagicAndFormat.size(), kUuidBytes)) {
    digits += kDigits[static_cast<std::uint8_t>(byte) >> 4U];
    digits += kDigits[static_cast<std::uint8_t>(byte) & 0xfU];
  }
  std::string compared = shown;
  std::erase(compared, '-');
  return compared == digits;
}

}  // namespace

/// Walks through the branches of one revision's tree.
class ValueBlocksReader {
 public:
  ValueBlocksReader(const std::string& directory, const Tree& tree, Xapian::valueno slot, const ValueBlocks* before)
      : file_(open_file(directory + "/postlist.glass", O_RDONLY)), tree_(tree), prefix_("\0\xd8"sv), before_(before) {
    append_packed(prefix_, slot);
    struct stat status {};
    if (file_ && ::fstat(file_.number(), &status) == 0)
      most_blocks_ = static_cast<std::size_t>(status.st_size) / tree_.block_bytes;
  }

  /// Null where it cannot be read.
  std::shared_ptr<const ValueBlocks> read() {
    if (tree_.level == 0 || !visit({{}, tree_.root}, tree_.level)) return nullptr;
    const auto& leaves = found_->leaves_;
    if (!std::ranges::is_sorted(leaves, {}, &ValueBlocks::Leaf::first)) return nullptr;
    return found_;
  }

 private:
  struct Child {
    std::string_view key;
    std::uint32_t block;
  };

  bool visit(const Child& branch, unsigned level) {
    std::string bytes(tree_.block_bytes, '\0');
    if (visited_++ > most_blocks_ || !read_bytes(branch.block, bytes)) return false;
    const std::uint32_t revision = number_of(std::string_view(bytes).substr(0, 4));
    if (revision > tree_.revision || static_cast<std::uint8_t>(bytes[kLevelAt]) != level) return false;
    if (level == 1 && take_from_before(branch.block, revision)) return true;
    const auto children = children_of(bytes, branch.key);
    if (!children) return false;
    const std::size_t first_leaf = found_->leaves_.size();
    for (const Child& child : *children)
      if (level > 1 ? !visit(child, level - 1) : !add_leaf(child)) return false;
    if (level == 1) found_->branches_.push_back({branch.block, revision, first_leaf, found_->leaves_.size()});
    return true;
  }

  bool read_bytes(std::uint32_t block, std::string& bytes) const {
    return read_at(file_, bytes.data(), bytes.size(), block * tree_.block_bytes) == bytes.size();
  }

  /// Those that hold values of the slot. Nothing where the block is none. @param own_key  the block's
  std::optional<std::vector<Child>> children_of(std::string_view bytes, std::string_view own_key) const {
    const std::size_t end = number_of(bytes.substr(kDirectoryEndAt, 2));
    if (end > bytes.size() || end < kDirectoryAt) return std::nullopt;
    std::vector<Child> children;
    for (std::size_t at = kDirectoryAt; at + 2 <= end; at += 2) {
      const std::size_t item = number_of(bytes.substr(at, 2));
      if (item + kKeyAt > bytes.size()) return std::nullopt;
      const std::size_t length = static_cast<std::uint8_t>(bytes[item + kKeyLengthAt]);
      if (item + kKeyAt + length > bytes.size()) return std::nullopt;
      const std::string_view key = length > 0 ? bytes.substr(item + kKeyAt, length) : own_key;
      // What a child holds ends where the next one begins.
      if (!children.empty() && key <= prefix_) children.clear();
      if (key > prefix_ && !key.starts_with(prefix_)) break;
      children.push_back({key, number_of(bytes.substr(item, 4))});
    }
    return children;
  }

  bool add_leaf(const Child& child) {
    std::string head(4, '\0');
    if (found_->leaves_.size() >= most_blocks_ || !read_bytes(child.block, head)) return false;
    const std::uint32_t revision = number_of(head);
    if (revision > tree_.revision) return false;
    const bool of_slot = child.key.starts_with(prefix_);
    found_->leaves_.push_back({of_slot ? least_docid(child.key.substr(prefix_.size())) : 0, child.block, revision});
    return true;
  }

  bool take_from_before(std::uint32_t block, std::uint32_t revision) {
    if (before_ == nullptr) return false;
    const auto same = std::ranges::find_if(before_->branches_, [&](const ValueBlocks::Branch& branch) {
      return branch.block == block && branch.revision == revision;
    });
    if (same == before_->branches_.end()) return false;
    const std::size_t first_leaf = found_->leaves_.size();
    if (first_leaf + (same->end_leaf - same->first_leaf) > most_blocks_) return false;
    const auto begin = before_->leaves_.begin();
    found_->leaves_.insert(found_->leaves_.end(), begin + static_cast<std::ptrdiff_t>(same->first_leaf),
                           begin + static_cast<std::ptrdiff_t>(same->end_leaf));
    found_->branches_.push_back({block, revision, first_leaf, found_->leaves_.size()});
    return true;
  }

  FileDescriptor file_;
  Tree tree_;
  std::string prefix_;  ///< of the keys of the slot's values
  const ValueBlocks* before_;
  std::size_t most_blocks_ = 0;
  std::size_t visited_ = 0;
  std::shared_ptr<ValueBlocks> found_ = std::make_shared<ValueBlocks>();
};

std::shared_ptr<const ValueBlocks> ValueBlocks::read(const std::string& directory, const Xapian::Database& database,
                                                     Xapian::valueno slot, const ValueBlocks* before) {
  const std::string version_file = read_version_file(directory);
  const auto tree = tree_of(version_file);
  if (!tree || tree->revision != database.get_revision() || !has_uuid(version_file, database.get_uuid()))
    return nullptr;
  auto blocks = ValueBlocksReader(directory, *tree, slot, before).read();
  // The blocks of a revision are free for others once the next one is committed.
  return read_version_file(directory) == version_file ? blocks : nullptr;
}

DocidRanges ValueBlocks::changed_since(const ValueBlocks& before) const {
  const std::vector<Leaf>& old = before.leaves_;
  const std::vector<SameLeaf> same = same_leaves(before);
  DocidRanges changed;
  SameLeaf next{0, 0};  // behind the last one that is the same
  for (std::size_t k = 0; k <= same.size(); ++k) {
    const SameLeaf until = k < same.size() ? same[k] : SameLeaf{old.size(), leaves_.size()};
    if (until.old > next.old || until.now > next.now) {
      // From the block before, in which a long value may begin, to the end of the block behind: a block's own documents
      // end before that one's first, and only the keys of blocks are known.
      const Xapian::docid first = k > 0 ? leaves_[same[k - 1].now].first : 0;
      const Xapian::docid last = until.now + 1 < leaves_.size() ? leaves_[until.now + 1].first : kLastDocid;
      if (!changed.empty() && changed.back().last >= first)
        changed.back().last = std::max(changed.back().last, last);
      else
        changed.push_back({first, last});
    }
    next = {until.old + 1, until.now + 1};
  }
  return changed;
}

std::vector<ValueBlocks::SameLeaf> ValueBlocks::same_leaves(const ValueBlocks& before) const {
  const std::vector<Leaf>& old = before.leaves_;
  std::vector<SameLeaf> same;
  for (SameLeaf at{0, 0}; at.old < old.size() && at.now < leaves_.size();) {
    const Leaf& a = old[at.old];
    const Leaf& b = leaves_[at.now];
    if (a == b) same.push_back(at);
    if (a.first <= b.first) ++at.old;
    if (b.first <= a.first) ++at.now;
  }
  return same;
}

}  // namespace vecterm
