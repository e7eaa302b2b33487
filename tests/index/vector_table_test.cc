// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/vector_table.h"

#include <filesystem>

#include "index/index.h"
#include "tests/index/support_corpus.h"

using namespace vecterm;

namespace {

namespace fs = std::filesystem;

class Fixture : public test::IndexFixture {
 public:
  explicit Fixture(std::size_t documents = 40) { index(test::corpus_lines(0, documents)); }

  std::string sidecar(const std::string& name = "db") const {
    std::string found;
    for (const auto& entry : fs::directory_iterator(directory / name))
      if (entry.path().extension() == ".rows") found = entry.path().string();
    return found;
  }

  bool opens() const {
    Index index(path);
    return VectorTable::open(path, index.database(), index.searcher().builder().embedder()) != nullptr;
  }

  std::vector<std::pair<std::string, double>> hits() const {
    Index index(path);
    TextQuery query;
    query.text = "w1 w2";
    query.mode = SearchMode::kVector;
    query.plan = Plan::kProbe;
    query.probes = 1000;
    std::vector<std::pair<std::string, double>> found;
    for (const TextHit& hit : index.search(query)) found.emplace_back(hit.id, hit.hit.cosine);
    return found;
  }

  std::string path = directory / "db";
};

}  // namespace

TEST_CASE("a table read from the slot and one read from the sidecar are the same") {
  const Fixture fixture;
  Index index(fixture.path);
  const DocumentEmbedder& embedder = index.searcher().builder().embedder();
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
    CHECK(std::equal(read->int8_rows() + row * 64, read->int8_rows() + (row + 1) * 64, opened->int8_rows() + row * 64));
    CHECK(read->row_of(read->docids()[row]) == row);
    CHECK(opened->row_of(read->docids()[row]) == row);
  }
  CHECK(read->row_of(0) == VectorTable::kNoRow);
  CHECK(opened->row_of(1000000) == VectorTable::kNoRow);
}

TEST_CASE("a sidecar that was cut off or changed in its header or docids is ignored") {
  const Fixture fixture;
  REQUIRE(fixture.opens());
  const auto expected = fixture.hits();
  const std::string file = fixture.sidecar();
  const std::string content = test::read_file(file);
  for (std::size_t size = 0; size < content.size(); size += size < 300 ? 1 : 61) {
    test::write_file(file, content.substr(0, size));
    CHECK_FALSE(fixture.opens());
  }
  CHECK(fixture.hits() == expected);
  test::write_file(file, content + "x");
  CHECK_FALSE(fixture.opens());
  const auto changed = [&](std::size_t byte) {
    std::string other = content;
    other[byte] = static_cast<char>(other[byte] ^ 0x20);
    test::write_file(file, other);
    return !fixture.opens() && fixture.hits() == expected;
  };
  for (std::size_t byte = 0; byte < 192; ++byte) CHECK(changed(byte));
  const std::size_t docids = 4 * fixture.hits().size();
  for (std::size_t back = 1; back <= docids; ++back) CHECK(changed(content.size() - back));
  test::write_file(file, content);
  CHECK(fixture.opens());
}

TEST_CASE("a sidecar of another database or another revision is ignored under any name") {
  const Fixture fixture;
  const auto expected = fixture.hits();
  const std::string file = fixture.sidecar();
  fixture.index(test::corpus_lines(0, 40, 2), "other");
  fs::copy_file(fixture.sidecar("other"), file, fs::copy_options::overwrite_existing);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == expected);

  fixture.index(test::corpus_lines(40, 50));
  const std::string old = test::read_file(fixture.sidecar());
  fixture.index(test::corpus_lines(50, 60));
  CHECK(fixture.opens());
  const auto later = fixture.hits();
  test::write_file(fixture.sidecar(), old);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == later);
}

TEST_CASE("a sidecar of a copy that went its own way is ignored") {
  // Copies of a database share uuid and revision.
  const Fixture fixture(10);
  fs::copy(fixture.path, fixture.directory / "copy");
  fixture.index(R"({"_id":"d1","text":"w1 w2 w3"})");
  fixture.index(R"({"_id":"d1","text":"w4 w5 w6"})", "copy");
  REQUIRE(fs::path(fixture.sidecar()).filename() == fs::path(fixture.sidecar("copy")).filename());
  fs::copy_file(fixture.sidecar("copy"), fixture.sidecar(), fs::copy_options::overwrite_existing);
  CHECK_FALSE(fixture.opens());
}

TEST_CASE("an index without a single vector has an empty table") {
  const Fixture fixture(0);
  Index index(fixture.path);
  CHECK(VectorTable::read(index.database(), index.searcher().builder().embedder())->size() == 0);
  CHECK(fixture.hits().empty());
}
