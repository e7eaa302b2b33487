// SPDX-License-Identifier: GPL-2.0-or-later
// Tests checksum.cc and section_file.cc, too.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "analyzers/dictionary.h"
#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "tests/support/damage.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kEntryBytes = 48;

DictionaryContents small_ngrams() {
  return test::ngram_contents({"a", "bc", "a bc", " <a>", " <bc"}, test::small_cells(4, 4));
}

DictionaryContents with_sketch(DictionaryContents contents) {
  contents.learned_queries = TextSketch::of({3, 1, 2});
  contents.learned_items = TextSketch::of({7});
  return contents;
}

// The smallest of each kind.
std::vector<std::string> small_files() {
  return {serialise_dictionary(test::small_contents({"a", "bc"}, test::small_cells(4, 4))),
          serialise_dictionary(small_ngrams()), serialise_dictionary(test::hashed(small_ngrams(), 3)),
          serialise_dictionary(test::piece_contents({"a", "bc", "  app", "  ##le"}, test::small_cells(4, 4))),
          serialise_dictionary(with_sketch(test::small_contents({"a", "bc"}, test::small_cells(4, 4))))};
}

// One of each family and codec, of each codec with n-grams and hashed, and one with pieces.
std::vector<std::string> files() {
  std::vector<std::string> words;
  for (int i = 0; i < 20; ++i) words.push_back("w" + std::to_string(i));
  std::vector<std::string> made;
  for (const auto& space : {test::small_cells(), test::small_resolutions(), test::small_hyperplanes(),
                            test::small_cross_polytopes(), test::small_p_stable()})
    for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8}) {
      DictionaryContents contents = test::small_contents(words, space);
      contents.codec = codec;
      made.push_back(serialise_dictionary(contents));
    }
  words.insert(words.end(), {"w1 w2", "w3 w1", " <w1", " w12", " 12>"});
  for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8}) {
    DictionaryContents contents = test::ngram_contents(words, test::small_cells());
    contents.codec = codec;
    made.push_back(serialise_dictionary(contents));
    made.push_back(serialise_dictionary(test::hashed(contents)));
  }
  made.push_back(serialise_dictionary(with_sketch(test::small_contents({"a"}, test::small_cells()))));
  made.push_back(serialise_dictionary(test::piece_contents({"a", "apple", "  app", "  ##le"}, test::small_cells())));
  return made;
}

struct Extent {
  std::size_t begin;
  std::size_t end;
};

std::vector<Extent> sections(const std::string& file) {
  std::vector<Extent> found;
  for (std::uint32_t i = 0; i < number_at<std::uint32_t>(file, 12); ++i) {
    const std::size_t entry = kHeaderBytes + i * kEntryBytes;
    const auto begin = number_at<std::uint64_t>(file, entry + 8);
    found.push_back({begin, begin + number_at<std::uint64_t>(file, entry + 16)});
  }
  return found;
}

void put_checksum(std::string& file, std::size_t at, std::string_view of) {
  XXH128_canonical_t sum;
  XXH128_canonicalFromHash(&sum, XXH3_128bits(of.data(), of.size()));
  std::memcpy(file.data() + at, sum.digest, sizeof sum.digest);
}

// Damages one section, and makes the checksums fit.
std::string forged(std::string file, test::Random& random) {
  const auto all = sections(file);
  std::size_t i = random.below(all.size());
  while (all[i].begin == all[i].end) i = random.below(all.size());
  const auto [begin, end] = all[i];
  file.replace(begin, end - begin, test::damaged(file.substr(begin, end - begin), random));
  const std::string_view view = file;
  put_checksum(file, kHeaderBytes + i * kEntryBytes + 24, view.substr(begin, end - begin));
  put_checksum(file, 24, view.substr(kHeaderBytes, all.size() * kEntryBytes));
  return file;
}

bool is_refused(const std::string& file) {
  return test::is_thrown<Damaged>([&] { Dictionary::parse(file); });
}

void use_all(const std::shared_ptr<const Dictionary>& dictionary) {
  TermList terms;
  for (std::uint32_t i = 0; i < dictionary->size(); ++i) {
    const std::string word(dictionary->word(i));
    if (const auto found = dictionary->find(word)) CHECK(dictionary->word(*found) == word);
    dictionary->count(i);
    terms.emplace_back(word, 1);
  }
  dictionary->find("absent");
  const auto unit = Embedder(dictionary).embed(terms);
  if (!unit) return;
  const HashSpace& space = dictionary->hash_space();
  for (const Bucket& bucket : space.hash(*unit)) CHECK(!space.spell(bucket).empty());
  CHECK(!space.probes(*unit, ProbeLimits(30)).empty());
}

}  // namespace

TEST_CASE("a dictionary that was cut off anywhere, or has more bytes than it should, is a data error") {
  for (const std::string& file : files()) {
    std::vector<std::size_t> lengths{kHeaderBytes, kHeaderBytes + kEntryBytes};
    for (const auto& [begin, end] : sections(file)) lengths.insert(lengths.end(), {begin, end});
    for (std::size_t length = 0; length < file.size(); length += 64) lengths.push_back(length);
    for (const std::size_t about : lengths)
      for (std::size_t length = about - std::min<std::size_t>(about, 1); length <= about + 1; ++length)
        if (length != file.size()) CHECK(is_refused((file + '\0').substr(0, length)));
    CHECK(is_refused(file + "x"));
  }
  for (const std::string& small : small_files())
    for (std::size_t length = 0; length < small.size(); ++length) CHECK(is_refused(small.substr(0, length)));
}

TEST_CASE("every single bit of a dictionary counts: one that is flipped is a data error") {
  for (std::string file : small_files()) {
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      test::flip_bit(file, bit);
      refused += is_refused(file) ? 1 : 0;
      test::flip_bit(file, bit);
    }
    CHECK(refused == 8 * file.size());
    CHECK_FALSE(is_refused(file));
  }
}

TEST_CASE("a version that is not that of the dictionary's contents is a data error") {
  for (std::string file : small_files()) {
    const std::uint32_t version = number_at<std::uint32_t>(file, 8);
    for (const std::uint32_t other : {0U, 1U, 2U, 3U, 255U}) {
      std::memcpy(file.data() + 8, &other, sizeof other);
      CHECK(is_refused(file) == (other != version));
    }
  }
}

TEST_CASE("a damaged dictionary of any family and codec is a data error") {
  test::Random random(1);
  for (const std::string& file : files())
    for (int i = 0; i < 2000; ++i)
      if (const std::string damaged = test::damaged(file, random); damaged != file) CHECK(is_refused(damaged));
}

TEST_CASE("a damaged dictionary file is a data error that names it") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "a.dict";
  test::Random random(2);
  for (const std::string& file : files()) {
    std::string damaged = file;
    test::flip_bit(damaged, random.below(8 * damaged.size()));
    test::write_file(path, damaged);
    CHECK_THROWS_WITH_AS(Dictionary::open(path), doctest::Contains(path.c_str()), Damaged);
  }
}

TEST_CASE("a forged dictionary, whose checksums fit what is wrong in it, is a data error or can be used") {
  test::Random random(3);
  std::size_t used = 0;
  for (const std::string& file : files())
    for (int i = 0; i < 1000; ++i) {
      const std::string other = forged(file, random);
      try {
        use_all(Dictionary::parse(other));
        ++used;
      } catch (const Damaged&) {
        continue;
      }
    }
  CHECK(used > 0);
}

TEST_CASE("a dictionary that is written over and cut off while it is open answers as before") {
  for (const std::string& good : small_files()) {
    const test::TemporaryDirectory directory;
    const std::string path = test::write_file(directory / "a.dict", good);
    const auto dictionary = Dictionary::open(path);
    test::write_file(path, std::string(good.size(), 'x'));
    std::filesystem::resize_file(path, 0);
    CHECK(dictionary->bytes() == good);
    CHECK(dictionary->find("bc"));
  }
}
