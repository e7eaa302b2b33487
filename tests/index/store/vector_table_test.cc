// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/vector_table.h"

#include "analyzers/errors.h"
#include "tests/support/sidecar.h"

using namespace vecterm;

using Fixture = test::SidecarFixture;

namespace {

// Has the database say that 2^32 - 1 documents have a value in the slot. Xapian keeps that number as 7 bits a byte,
// then the least value with a byte for its length, which is made shorter by as much as the number grows.
void claim_values(const std::string& path, Xapian::valueno slot) {
  const Xapian::Database database(path);
  const std::string least = database.get_value_lower_bound(slot);
  const auto text_of = [](std::size_t number) { return std::string(1, static_cast<char>(number)); };
  const std::string true_entry = text_of(database.get_value_freq(slot)) + text_of(least.size()) + least;
  const std::string number = "\xff\xff\xff\xff\x0f";
  const std::string wrong_entry = number + text_of(least.size() - 4) + least.substr(4);
  std::string table = test::read_file(path + "/postlist.glass");
  const std::size_t at = table.find(true_entry);
  REQUIRE(at != table.npos);
  test::write_file(path + "/postlist.glass", table.replace(at, true_entry.size(), wrong_entry));
}

constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};

void check_same(const VectorTable& one, const VectorTable& other, VectorCodec codec) {
  const std::size_t first_bytes = codec == VectorCodec::kSignBits ? 8 : 64;
  REQUIRE(one.size() == other.size());
  CHECK(std::ranges::equal(one.docids(), other.docids()));
  UnitVector a(8);
  UnitVector b(8);
  for (std::size_t row = 0; row < one.size(); ++row) {
    one.copy_row(row, a);
    other.copy_row(row, b);
    CHECK(a == b);
    CHECK(std::equal(one.first_rows() + row * first_bytes, one.first_rows() + (row + 1) * first_bytes,
                     other.first_rows() + row * first_bytes));
    CHECK(one.row_of(one.docids()[row]) == row);
    CHECK(other.row_of(one.docids()[row]) == row);
  }
}

}  // namespace

TEST_CASE("a table read from the slot and one read from the sidecar are the same") {
  for (const VectorCodec codec : kCodecs) {
    const Fixture fixture(40, codec);
    Index index(fixture.path);
    const DocumentEmbedder& embedder = index.searcher().builder().embedder();
    const auto read = VectorTable::read(index.database(), embedder);
    const auto opened = VectorTable::open(fixture.path, index.database(), embedder);
    REQUIRE(opened);
    check_same(*read, *opened, codec);
    CHECK(read->row_of(0) == VectorTable::kNoRow);
    CHECK(opened->row_of(1000000) == VectorTable::kNoRow);
  }
}

TEST_CASE("a table that follows changes is the one that is read") {
  for (const VectorCodec codec : kCodecs) {
    const Fixture fixture(40, codec);
    const Index old(fixture.path);
    const auto before = VectorTable::read(old.database(), Index(fixture.path).searcher().builder().embedder());
    fixture.index(test::corpus_lines(20, 60));
    Index index(fixture.path);
    const DocumentEmbedder& embedder = index.searcher().builder().embedder();
    REQUIRE(before->is_of_earlier(index.database(), embedder));
    CHECK_FALSE(before->is_of(index.database(), embedder));
    const auto read = VectorTable::read(index.database(), embedder);
    CHECK_FALSE(read->is_of_earlier(index.database(), embedder));
    for (const DocidRanges& changed : {DocidRanges{{1, 0xffffffff}}, DocidRanges{{10, 12}, {15, 30}, {31, 1000}}}) {
      const auto followed = VectorTable::follow(index.database(), embedder, *before, changed);
      REQUIRE(followed);
      check_same(*read, *followed, codec);
      CHECK(followed->is_of(index.database(), embedder));
    }
    CHECK_FALSE(VectorTable::follow(index.database(), embedder, *before, {}));
  }
}

TEST_CASE("an index without a single vector has an empty table") {
  const Fixture fixture(0);
  Index index(fixture.path);
  CHECK(VectorTable::read(index.database(), index.searcher().builder().embedder())->size() == 0);
  CHECK(fixture.hits().empty());
}

TEST_CASE("a database that has more vectors than documents, as it says, is damaged") {
  const Fixture fixture(40);
  Index index(fixture.path);
  const Xapian::valueno slot = index.searcher().builder().embedder().record().slot();
  claim_values(fixture.path, slot);
  const Xapian::Database damaged(fixture.path);
  REQUIRE(damaged.get_value_freq(slot) == 0xffffffff);
  CHECK_THROWS_AS(VectorTable::read(damaged, index.searcher().builder().embedder()), Damaged);
}
