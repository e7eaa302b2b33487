// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/words/dictionary_difference.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>

#include "analyzers/errors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

/// Words of a dictionary with the bits of their weights and vectors.
using Words = std::map<std::string, std::vector<std::uint32_t>>;

Words words_of(const Dictionary& dictionary) {
  Words words;
  std::vector<float> row(dictionary.dimensions());
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    dictionary.copy_vector(i, row);
    auto& bits = words[std::string(dictionary.word(i))];
    bits.push_back(std::bit_cast<std::uint32_t>(dictionary.weight(i)));
    for (const float value : row) bits.push_back(std::bit_cast<std::uint32_t>(value));
  }
  return words;
}

std::shared_ptr<const Dictionary> parsed(const DictionaryContents& contents) {
  return Dictionary::parse(serialise_dictionary(contents));
}

/// Some of twenty words, each with one of few weights and vectors, so that all that can happen does.
std::shared_ptr<const Dictionary> some_dictionary() {
  constexpr int kAbsent = 0;
  const auto shapes = *rc::gen::container<std::vector<int>>(20, rc::gen::inRange(kAbsent, 7));
  DictionaryContents contents = test::small_contents({"always"}, test::small_cells());
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i] == kAbsent) continue;
    contents.words.push_back(fmt::format("w{}", i));
    contents.counts.push_back(7);
    contents.weights.push_back(shapes[i] % 2 == 0 ? 0.0F : 0.25F);
    const std::vector<float> row = test::Random(static_cast<std::uint64_t>(shapes[i] / 3)).unit(8);
    contents.vectors.insert(contents.vectors.end(), row.begin(), row.end());
  }
  return parsed(contents);
}

}  // namespace

TEST_CASE("the difference of two dictionaries is what a comparison word by word finds") {
  const bool holds = rc::check([] {
    const auto before = some_dictionary(), after = some_dictionary();
    const Words old_words = words_of(*before), new_words = words_of(*after);
    DictionaryDifference expected;
    for (const auto& [word, bits] : old_words) {
      if (!new_words.contains(word)) expected.removed.push_back(word);
      if (new_words.contains(word) && new_words.at(word) != bits) expected.moved.push_back(word);
    }
    for (const auto& [word, bits] : new_words)
      if (!old_words.contains(word)) expected.added.push_back(word);
    const DictionaryDifference found = difference(*before, *after);
    RC_ASSERT(found.added == expected.added);
    RC_ASSERT(found.removed == expected.removed);
    RC_ASSERT(found.moved == expected.moved);
    const auto all = found.words();
    RC_ASSERT(all.size() == expected.added.size() + expected.removed.size() + expected.moved.size());
    RC_ASSERT(std::ranges::is_sorted(all));
    const DictionaryDifference back = difference(*after, *before);
    RC_ASSERT(back.added == found.removed);
    RC_ASSERT(back.removed == found.added);
    RC_ASSERT(back.moved == found.moved);
  });
  CHECK(holds);
}

TEST_CASE("a bit of a vector or a weight moves a word; counts, provenance, codec and hash space do not") {
  DictionaryContents contents = test::small_contents({"a", "b", "c"}, test::small_cells());
  std::ranges::fill(contents.vectors, 0.5F);
  contents.vectors[3] = 0.0F;
  const auto before = parsed(contents);
  contents.vectors[3] = -0.0F;
  contents.weights[2] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(0.5F) + 1);
  CHECK(difference(*before, *parsed(contents)).moved == std::vector<std::string>{"a", "c"});

  contents = test::small_contents({"a", "b", "c"}, test::small_hyperplanes());
  std::ranges::fill(contents.vectors, 0.5F);
  contents.vectors[3] = 0.0F;
  contents.counts = {1, 2, 3};
  contents.provenance = "{}";
  contents.codec = VectorCodec::kFloat16;
  CHECK(difference(*before, *parsed(contents)).words().empty());
}

TEST_CASE("dictionaries of different dimensions cannot be compared") {
  const auto wide = test::small_dictionary({"a"}), narrow = test::small_dictionary({"a"}, test::small_cells(4));
  CHECK_THROWS_WITH_AS(difference(*wide, *narrow), "dimensions of both dictionaries must be the same; were 8 and 4",
                       InvalidArgument);
}
