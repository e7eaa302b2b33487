// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/value_blocks.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr Xapian::valueno kSlot = 1001;

using Values = std::map<Xapian::docid, std::string>;

bool is_in(const DocidRanges& ranges, Xapian::docid docid) {
  return std::ranges::any_of(ranges, [&](const DocidRange& r) { return r.first <= docid && docid <= r.last; });
}

Values values_of(const Xapian::Database& database) {
  Values values;
  for (auto value = database.valuestream_begin(kSlot); value != database.valuestream_end(kSlot); ++value)
    values[value.get_docid()] = *value;
  return values;
}

/// Documents that are not the same in both.
std::vector<Xapian::docid> differences(const Values& a, const Values& b) {
  std::vector<Xapian::docid> docids;
  const auto add_unlike = [&](const Values& these, const Values& others) {
    for (const auto& [docid, value] : these)
      if (const auto other = others.find(docid); other == others.end() || other->second != value)
        docids.push_back(docid);
  };
  add_unlike(a, b);
  add_unlike(b, a);
  return docids;
}

/// A database whose documents have values in three slots, of which the tests look at the middle one.
class Store {
 public:
  Store(std::size_t value_bytes, unsigned seed) : value_bytes_(value_bytes), random_(seed) {
    put(kDocids.front(), 300);
    for (const Xapian::docid first : kDocids) put(first, 60);
    writer_.commit();
  }

  /// Changes some documents here and there, and commits them.
  void change() {
    const auto near = static_cast<Xapian::docid>(kDocids[below(kDocids.size())] + below(100));
    switch (below(4)) {
      case 0:
        put(near, 1 + below(3));
        break;
      case 1:
        remove(near, 1 + below(3));
        break;
      case 2:
        remove(near, 100);
        break;
      default:
        put(near, 50);
        break;
    }
    writer_.commit();
  }

  void change_one(Xapian::docid docid) {
    put(docid, 1);
    writer_.commit();
  }

  Xapian::Database open() const { return Xapian::Database(path); }

  test::TemporaryDirectory directory;
  std::string path = directory / "db";

 private:
  // Keys of docids grow by a byte at 2^15, 2^22 and 2^29.
  static constexpr std::array<Xapian::docid, 6> kDocids{
      1, 700, (1U << 15U) - 30, (1U << 22U) - 30, (1U << 29U) - 30, 0xffffff00U};

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  void put(Xapian::docid first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      Xapian::Document document;
      document.add_value(kSlot - 1, "before");
      document.add_value(kSlot, std::string(value_bytes_, 'x') + std::to_string(random_()));
      document.add_value(kSlot + 1, "behind");
      document.add_term("t" + std::to_string(i % 7));
      writer_.replace_document(first + static_cast<Xapian::docid>(i), document);
    }
  }

  void remove(Xapian::docid first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) try {
        writer_.delete_document(first + static_cast<Xapian::docid>(i));
      } catch (const Xapian::DocNotFoundError&) {
      }
  }

  std::size_t value_bytes_;
  std::mt19937 random_;
  Xapian::WritableDatabase writer_{path, Xapian::DB_CREATE, 2048};
};

struct Revision {
  std::shared_ptr<const ValueBlocks> blocks;
  Values values;
};

std::size_t count_in(const DocidRanges& ranges, const Values& values) {
  return static_cast<std::size_t>(
      std::ranges::count_if(values, [&](const auto& value) { return is_in(ranges, value.first); }));
}

bool alike(const DocidRanges& a, const DocidRanges& b) {
  return std::ranges::equal(
      a, b, [](const DocidRange& x, const DocidRange& y) { return x.first == y.first && x.last == y.last; });
}

}  // namespace

TEST_CASE("every document that is not the same in two revisions is in a block that is not") {
  for (const std::size_t value_bytes : {20, 140, 9000}) {
    Store store(value_bytes, static_cast<unsigned>(value_bytes));
    std::vector<Revision> revisions;
    for (int i = 0; i < 40; ++i) {
      const Xapian::Database database = store.open();
      const auto* const before = revisions.empty() ? nullptr : revisions.back().blocks.get();
      Revision now{ValueBlocks::read(store.path, database, kSlot, before), values_of(database)};
      const auto afresh = ValueBlocks::read(store.path, database, kSlot);
      REQUIRE(now.blocks);
      REQUIRE(afresh);
      for (const Revision& other : revisions) {
        const DocidRanges changed = now.blocks->changed_since(*other.blocks);
        CHECK(alike(changed, afresh->changed_since(*other.blocks)));
        for (const Xapian::docid docid : differences(now.values, other.values)) CHECK(is_in(changed, docid));
      }
      CHECK(now.blocks->changed_since(*afresh).empty());
      revisions.push_back(std::move(now));
      store.change();
    }
  }
}

TEST_CASE("one document that changes has few neighbours") {
  Store store(140, 1);
  const auto before = ValueBlocks::read(store.path, store.open(), kSlot);
  store.change_one(150);
  const Xapian::Database database = store.open();
  const auto blocks = ValueBlocks::read(store.path, database, kSlot, before.get());
  REQUIRE(blocks);
  const Values values = values_of(database);
  const std::size_t neighbours = count_in(blocks->changed_since(*before), values);
  CHECK(neighbours >= 1);
  CHECK(neighbours < values.size() / 5);  // blocks hold 14
}

TEST_CASE("blocks of a revision that is not the last one any more are not read") {
  Store store(140, 2);
  const Xapian::Database database = store.open();
  CHECK(ValueBlocks::read(store.path, database, kSlot));
  store.change_one(1);
  CHECK_FALSE(ValueBlocks::read(store.path, database, kSlot));
}

TEST_CASE("a version file with any byte wrong, or cut off anywhere, does no harm") {
  Store store(140, 3);
  const Xapian::Database database = store.open();
  const std::string file = store.path + "/iamglass";
  const std::string right = test::read_file(file);
  for (std::size_t at = 0; at < right.size(); ++at) {
    std::string wrong = right;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x55);
    test::write_file(file, wrong);
    const auto read = ValueBlocks::read(store.path, database, kSlot);
    if (at < 34) CHECK_FALSE(read);  // format, uuid and revision
    test::write_file(file, right.substr(0, at));
    if (at < 34) CHECK_FALSE(ValueBlocks::read(store.path, database, kSlot));
  }
}

TEST_CASE("a table of postings with any byte of its root wrong does no harm") {
  Store store(140, 4);
  const Xapian::Database database = store.open();
  const std::string file = store.path + "/postlist.glass";
  const std::string right = test::read_file(file);
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string wrong = right;
    for (int k = 0; k < 3; ++k) wrong[random() % wrong.size()] = static_cast<char>(random());
    test::write_file(file, i % 10 == 0 ? wrong.substr(0, random() % wrong.size()) : wrong);
    if (const auto read = ValueBlocks::read(store.path, database, kSlot)) CHECK(read->changed_since(*read).empty());
  }
}
