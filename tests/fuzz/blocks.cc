// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks of Xapian's tables as a damaged or hostile file has them.
#include <xapian.h>

#include <algorithm>

#include "index/reading/value_blocks.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/support.h"

using namespace vecterm;
using fuzz::require;

namespace {

constexpr Xapian::valueno kSlot = 1001;
constexpr std::size_t kBlockBytes = 2048;
constexpr std::size_t kNumbersAt = 30;  // of the version file: revision, root, level, entries, block size

// A sound database, whose files are written over. Xapian keeps those that it opened.
struct Store {
  Store() {
    Xapian::WritableDatabase writer(path, Xapian::DB_CREATE | Xapian::DB_NO_SYNC, kBlockBytes);
    for (const Xapian::docid first : {1U, (1U << 15U) - 20, (1U << 22U) - 20, 0xffffff00U})
      for (Xapian::docid i = 0; i < 120; ++i) {
        Xapian::Document document;
        document.add_value(kSlot, std::string(140, static_cast<char>('a' + i % 26)));
        document.add_value(kSlot + 1, "behind");
        writer.replace_document(first + i, document);
      }
    writer.commit();
    version_file = test::read_file(version_path);
    table = test::read_file(table_path);
    database = Xapian::Database(path);
    right = ValueBlocks::read(path, database, kSlot);
    require(right != nullptr);
  }

  test::TemporaryDirectory directory;
  std::string path = directory / "db";
  std::string version_path = path + "/iamglass";
  std::string table_path = path + "/postlist.glass";
  std::string version_file;
  std::string table;
  Xapian::Database database;
  std::shared_ptr<const ValueBlocks> right;
};

Store& store() {
  static Store made;
  return made;
}

// Each patch is the number of a block, a place in it, both u16, and what stands there.
std::string patched(std::string table, fuzz::Input& input) {
  const auto take_number = [&] { return input.byte() + std::size_t{256} * input.byte(); };
  while (!input.empty()) {
    const std::size_t at = (take_number() * kBlockBytes + take_number() % kBlockBytes) % table.size();
    const std::string_view part = input.part();
    table.replace(at, std::min(part.size(), table.size() - at), part.substr(0, table.size() - at));
  }
  return table;
}

void require_in_order(const DocidRanges& ranges) {
  Xapian::docid last = 0;
  for (const DocidRange& range : ranges) {
    require(range.first <= range.last && (last == 0 || range.first > last));
    last = range.last;
  }
}

// The version file behind its uuid, and patches of the table of postings.
void feed_blocks(std::string_view bytes) {
  fuzz::Input input(bytes);
  const std::string_view numbers = input.part();
  test::write_file(store().version_path, store().version_file.substr(0, kNumbersAt).append(numbers));
  test::write_file(store().table_path, patched(store().table, input));
  for (const ValueBlocks* before : {static_cast<const ValueBlocks*>(nullptr), store().right.get()}) {
    const auto blocks = ValueBlocks::read(store().path, store().database, kSlot, before);
    if (!blocks) continue;
    require(blocks->changed_since(*blocks).empty());
    require_in_order(blocks->changed_since(*store().right));
    require_in_order(store().right->changed_since(*blocks));
  }
}

std::vector<std::string> blocks_seeds() {
  const std::string numbers = fuzz::part_of(std::string_view(store().version_file).substr(kNumbersAt));
  std::vector<std::string> seeds{numbers};
  for (std::size_t block = 0; block < 3; ++block)
    seeds.push_back(numbers + static_cast<char>(block) + std::string(3, '\0') +
                    fuzz::part_of(std::string_view(store().table).substr(block * kBlockBytes, kBlockBytes)));
  return seeds;
}

const fuzz::Registered kBlocks("blocks", feed_blocks, blocks_seeds);

}  // namespace
