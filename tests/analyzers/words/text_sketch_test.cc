// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "tests/support/corpus.h"
#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

/// Hashes of the texts "w<first>" to "w<last - 1>".
std::vector<std::uint64_t> hashes(std::size_t first, std::size_t last) {
  std::vector<std::uint64_t> result;
  for (std::size_t i = first; i < last; ++i) result.push_back(TextSketch::hash_of({{fmt::format("w{}", i), 1}}));
  return result;
}

}  // namespace

TEST_CASE("a text's hash goes by its words and how often they occur, not by bigrams") {
  const TermList text{{"editor", 1}, {"text", 2}};
  CHECK(TextSketch::hash_of(text) == TextSketch::hash_of({{"editor", 1}, {"text", 2}, {"text editor", 1}}));
  CHECK(TextSketch::hash_of(text) != TextSketch::hash_of({{"editor", 2}, {"text", 1}}));
  CHECK(TextSketch::hash_of(text) != TextSketch::hash_of({{"editor", 1}}));
  CHECK(TextSketch::hash_of({{"a", 1}, {"b", 1}}) != TextSketch::hash_of({{"ab", 1}}));
}

TEST_CASE("small sets are told exactly") {
  const TextSketch sketch = TextSketch::of(hashes(0, 1000));
  CHECK(sketch.size == 1000);
  CHECK_FALSE(sketch.is_part());
  CHECK(*sketch.share(hashes(0, 1000)) == 1);
  CHECK(*sketch.share(hashes(900, 1100)) == 0.5);
  CHECK(*sketch.share(hashes(1000, 200000)) == 0);
  CHECK(TextSketch::of(hashes(3, 4)).share(hashes(3, 4)) == 1);
  CHECK_FALSE(TextSketch().share(hashes(0, 9)));
  CHECK_FALSE(sketch.share({}));
  std::vector<std::uint64_t> twice = hashes(0, 10);
  twice.insert(twice.end(), twice.begin(), twice.end());
  CHECK(TextSketch::of(twice) == TextSketch::of(hashes(0, 10)));
}

TEST_CASE("of large sets a part is kept, and shares are estimated without bias") {
  const TextSketch sketch = TextSketch::of(hashes(0, 300000));
  CHECK(sketch.size == 300000);
  CHECK(sketch.is_part());
  CHECK(sketch.hashes.size() == TextSketch::kMost);
  CHECK(*sketch.share(hashes(0, 20000)) == 1);
  CHECK(*sketch.share(hashes(290000, 310000)) == doctest::Approx(0.5).epsilon(0.05));
  CHECK(*sketch.share(hashes(300000, 500000)) == 0);
}

TEST_CASE("sets put together are the sketch of their union") {
  const auto sketch = [](std::size_t first, std::size_t last) { return TextSketch::of(hashes(first, last)); };
  CHECK(sketch(0, 600).with(sketch(400, 1000)) == sketch(0, 1000));
  CHECK(sketch(0, 600).with(TextSketch()) == sketch(0, 600));
  for (const auto& [first, second] :
       {std::pair(sketch(0, 60000), sketch(50000, 100000)), std::pair(sketch(0, 90000), sketch(10, 100000)),
        std::pair(sketch(99000, 100000), sketch(0, 99500))}) {
    const TextSketch both = first.with(second);
    CHECK(both.hashes == sketch(0, 100000).hashes);
    CHECK(double(both.size) == doctest::Approx(100000).epsilon(0.02));
    CHECK(both == second.with(first));
  }
}

TEST_CASE("a dictionary keeps the sketches, and is as before without them") {
  DictionaryContents contents = test::small_contents({"a", "b"}, test::small_cells());
  const std::string plain = serialise_dictionary(contents);
  contents.learned_queries = TextSketch::of(hashes(0, 70000));
  contents.learned_items = TextSketch::of(hashes(0, 3));
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  CHECK(dictionary->learned_queries() == contents.learned_queries);
  CHECK(dictionary->learned_items() == contents.learned_items);
  CHECK(serialise_dictionary(dictionary->contents()) == dictionary->bytes());
  contents = dictionary->contents();
  contents.learned_queries = contents.learned_items = {};
  CHECK(serialise_dictionary(contents) == plain);
  contents.learned_queries = {.size = 3, .hashes = {1, 2, 2}};
  CHECK(test::refuses<InvalidArgument>([&] { serialise_dictionary(contents); }, "a sketch of 3 texts must have 3"));
  contents.learned_queries = {.size = 3, .hashes = {1, 2}};
  CHECK(test::refuses<InvalidArgument>([&] { serialise_dictionary(contents); }, "ascending; had 2"));
}
