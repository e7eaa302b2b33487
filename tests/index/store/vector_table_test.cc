// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/vector_table.h"

#include "tests/support/sidecar.h"

using namespace vecterm;

using Fixture = test::SidecarFixture;

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
