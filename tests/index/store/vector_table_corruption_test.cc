// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include <algorithm>
#include <span>

#include "tests/support/damage.h"
#include "tests/support/sidecar.h"

using namespace vecterm;
using Fixture = test::SidecarFixture;

namespace {

namespace fs = std::filesystem;

constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};

// Opens what stands in the sidecar's place, again and again, for one state of the database.
class Opener {
 public:
  explicit Opener(const Fixture& fixture) : path_(fixture.path), file_(fixture.sidecar()), index_(fixture.path) {}

  const std::string& file() const { return file_; }
  bool opens() {
    return VectorTable::open(path_, index_.database(), index_.searcher().builder().embedder()) != nullptr;
  }
  bool opens(const std::string& content) {
    fs::remove(file_);  // writing over a file waits for the disk
    test::write_file(file_, content);
    return opens();
  }

 private:
  std::string path_;
  std::string file_;
  Index index_;
};

}  // namespace

TEST_CASE("a sidecar that was cut off anywhere, or has more bytes than it should, is ignored") {
  for (const VectorCodec codec : kCodecs) {
    const Fixture fixture(11, codec);
    Opener opener(fixture);
    const std::string content = test::read_file(opener.file());
    for (std::size_t length = 0; length < content.size(); ++length)
      CHECK_FALSE(opener.opens(content.substr(0, length)));
    CHECK_FALSE(opener.opens(content + "x"));
    CHECK_FALSE(opener.opens(content + std::string(64, '\0')));
    CHECK(opener.opens(content));
  }
}

TEST_CASE("every single bit of a sidecar counts: with one that is flipped it is ignored") {
  for (const VectorCodec codec : {VectorCodec::kFloat16, VectorCodec::kSignBits}) {
    const Fixture fixture(11, codec);
    Opener opener(fixture);
    std::string content = test::read_file(opener.file());
    std::size_t ignored = 0;
    for (std::size_t bit = 0; bit < 8 * content.size(); ++bit) {
      test::flip_bit(content, bit);
      ignored += opener.opens(content) ? 0 : 1;
      test::flip_bit(content, bit);
    }
    CHECK(ignored == 8 * content.size());
    CHECK(opener.opens(content));
  }
}

TEST_CASE("a damaged sidecar of any codec is ignored, and the hits are the same without it") {
  test::Random random(1);
  for (const VectorCodec codec : kCodecs) {
    const Fixture fixture(40, codec);
    const auto expected = fixture.hits();
    REQUIRE_FALSE(expected.empty());
    Opener opener(fixture);
    const std::string content = test::read_file(opener.file());
    for (int i = 0; i < 2500; ++i) {
      const std::string damaged = test::damaged(content, random);
      if (damaged == content) continue;
      CHECK_FALSE(opener.opens(damaged));
      if (i % 100 == 0) CHECK(fixture.hits() == expected);
    }
  }
}

TEST_CASE("what is no file that can be read in the place of a sidecar is ignored") {
  const Fixture fixture;
  const auto expected = fixture.hits();
  const std::string file = fixture.sidecar();
  const std::string content = test::read_file(file);

  fs::remove(file);
  CHECK_FALSE(fixture.opens());
  fs::create_directory(file);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == expected);
  fs::remove(file);
  fs::create_symlink("nowhere", file);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == expected);
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == expected);
  fs::remove(file);
  test::write_file(file, content);
  fs::permissions(file, fs::perms::none);  // which does not stop root
  CHECK(fixture.hits() == expected);
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

TEST_CASE("a sidecar of a copy in which another document was changed to another length is ignored") {
  // One row in 300 is in no sample.
  const Fixture fixture(300);
  fs::copy(fixture.path, fixture.directory / "copy");
  fixture.index(R"({"_id":"d101","text":"w1 w2 w3"})");
  fixture.index(R"({"_id":"d101","text":"w4 w5 w6 w7"})", "copy");
  REQUIRE(fs::path(fixture.sidecar()).filename() == fs::path(fixture.sidecar("copy")).filename());
  REQUIRE(fixture.opens());
  const auto expected = fixture.hits();
  fs::copy_file(fixture.sidecar("copy"), fixture.sidecar(), fs::copy_options::overwrite_existing);
  CHECK_FALSE(fixture.opens());
  CHECK(fixture.hits() == expected);
}

TEST_CASE("a sidecar that is written over and cut off while it is open changes nothing") {
  for (const VectorCodec codec : kCodecs) {
    const Fixture fixture(40, codec);
    Index index(fixture.path);
    const auto table = VectorTable::open(fixture.path, index.database(), index.searcher().builder().embedder());
    REQUIRE(table);
    std::vector<float> before(table->size() * 8);
    std::vector<float> after(before.size());
    const auto copy = [&](std::vector<float>& rows) {
      for (std::size_t row = 0; row < table->size(); ++row) table->copy_row(row, std::span(rows).subspan(row * 8, 8));
    };
    copy(before);
    test::write_file(fixture.sidecar(), "x");
    fs::resize_file(fixture.sidecar(), 0);
    copy(after);
    CHECK(before == after);
    CHECK(table->docids().back() == 40);
  }
}

TEST_CASE("rows of a large sidecar that was cut off while it was open are damage, and no signal") {
  constexpr std::size_t kDimensions = 4096;
  constexpr std::size_t kDocuments = 2100;  // more than 32 MiB of rows
  Fixture fixture(0);
  fixture.dictionary = test::small_dictionary(test::corpus_words(), test::small_cells(kDimensions));
  fixture.settings.codec = VectorCodec::kFloat32;
  fixture.path = fixture.directory / "large";
  fixture.index(test::corpus_lines(0, kDocuments), "large");
  Index index(fixture.path);
  const DocumentEmbedder& embedder = index.searcher().builder().embedder();
  const auto opened = VectorTable::open(fixture.path, index.database(), embedder);
  const auto read = VectorTable::read(index.database(), embedder);
  REQUIRE(opened);
  REQUIRE(opened->size() == kDocuments);
  std::vector<float> a(kDimensions);
  std::vector<float> b(kDimensions);
  for (std::size_t row = 0; row < kDocuments; row += 99) {
    opened->copy_row(row, a);
    read->copy_row(row, b);
    CHECK(a == b);
  }
  CHECK(std::ranges::equal(opened->docids(), read->docids()));
  std::string content = test::read_file(fixture.sidecar("large"));
  fs::resize_file(fixture.sidecar("large"), content.size() / 2);
  CHECK(test::is_thrown<Damaged>([&] { opened->copy_row(kDocuments - 1, a); }));
  CHECK_NOTHROW(opened->copy_row(0, a));
  CHECK(opened->docids().back() == read->docids().back());
  // Rows that are not kept are summed, too.
  content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
  test::write_file(fixture.sidecar("large"), content);
  CHECK_FALSE(VectorTable::open(fixture.path, index.database(), embedder));
}
