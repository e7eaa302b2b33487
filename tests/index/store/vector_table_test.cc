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

}  // namespace

TEST_CASE("a table read from the slot and one read from the sidecar are the same") {
  for (const VectorCodec codec :
       {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8, VectorCodec::kSignBits}) {
    const Fixture fixture(40, codec);
    Index index(fixture.path);
    const DocumentEmbedder& embedder = index.searcher().builder().embedder();
    const std::size_t first_bytes = codec == VectorCodec::kSignBits ? 8 : 64;
    const auto read = VectorTable::read(index.database(), embedder);
    const auto opened = VectorTable::open(fixture.path, index.database(), embedder);
    REQUIRE(opened);
    REQUIRE(opened->size() == read->size());
    CHECK(std::ranges::equal(opened->docids(), read->docids()));
    UnitVector a(8);
    UnitVector b(8);
    for (std::size_t row = 0; row < read->size(); ++row) {
      read->copy_row(row, a);
      opened->copy_row(row, b);
      CHECK(a == b);
      CHECK(std::equal(read->first_rows() + row * first_bytes, read->first_rows() + (row + 1) * first_bytes,
                       opened->first_rows() + row * first_bytes));
      CHECK(read->row_of(read->docids()[row]) == row);
      CHECK(opened->row_of(read->docids()[row]) == row);
    }
    CHECK(read->row_of(0) == VectorTable::kNoRow);
    CHECK(opened->row_of(1000000) == VectorTable::kNoRow);
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
