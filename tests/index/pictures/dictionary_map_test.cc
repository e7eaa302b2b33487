// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/dictionary_map.h"

#include "analyzers/errors.h"
#include "tests/support/labels.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

MapEntries random_entries(std::size_t n) {
  MapEntries entries{8, {}, test::Random(4).units(n, 8)};
  for (std::size_t i = 0; i < n; ++i) entries.names.push_back("word" + std::to_string(i));
  return entries;
}

}  // namespace

TEST_CASE("words that add much to a text and are frequent come first; stop words, numbers and empty rows never") {
  DictionaryContents contents =
      test::small_contents({"42", "empty", "long", "many", "rare", "stop"}, test::small_cells(2));
  contents.vectors = {1, 0, 0, 0, 2, 0, 0, 1, 1, 0, 1, 0};
  contents.counts = {100, 100, 100, 100, 4, 10000};
  contents.weights = {1, 1, 1, 1, 1, 0};
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  const MapEntries entries = map_words(*dictionary, 10);
  CHECK(entries.names == std::vector<std::string>{"long", "many", "rare"});
  CHECK(entries.units == std::vector<float>{1, 0, 0, 1, 1, 0});
  CHECK(map_words(*dictionary, 2).names.size() == 2);
  CHECK(map_words(*dictionary, 0).names.empty());
}

TEST_CASE("words without counts, as imported ones have, go by their rows") {
  DictionaryContents contents = test::small_contents({"a", "b"}, test::small_cells(2));
  contents.vectors = {1, 0, 2, 0};
  contents.counts = {0, 0};
  CHECK(map_words(*Dictionary::parse(serialise_dictionary(contents)), 9).names == std::vector<std::string>{"b", "a"});
}

TEST_CASE("a label lies at the mean of its descriptions, and without a vector it is left out") {
  LabelSet labels;
  labels.add("first", "x");
  labels.add("none", "unknown");
  labels.add("first", "y");
  labels.add("second", "z");
  const MapEntries entries = map_labels(Embedder(test::axes_dictionary()), test::SpaceTokenizer(), labels);
  CHECK(entries.names == std::vector<std::string>{"first", "second"});
  CHECK(entries.units[0] == doctest::Approx(0.7071).epsilon(1e-4));
  CHECK(entries.units[0] == entries.units[1]);
  CHECK(entries.units[5] == 1);
}

TEST_CASE("a map has a dot with a tooltip for each entry, the same bytes for any number of threads") {
  const MapEntries entries = random_entries(60);
  const std::string svg = map_svg(entries, {"a <map>", 1});
  CHECK(occurrences(svg, "<circle ") == 60);
  CHECK(occurrences(svg, "<title>word7</title>") == 1);
  CHECK(occurrences(svg, "a &lt;map&gt;") == 2);
  CHECK(occurrences(svg, "</text>") > 40);
  CHECK(svg == map_svg(entries, {"a <map>", 3}));
}

TEST_CASE("maps of few and of equal entries can be drawn") {
  for (const std::size_t n : {1UL, 2UL, 5UL, 12UL}) {
    CAPTURE(n);
    CHECK(occurrences(map_svg(random_entries(n)), "<circle ") == n);
    MapEntries equal{2, std::vector<std::string>(n, "same"), {}};
    for (std::size_t i = 0; i < n; ++i) equal.units.insert(equal.units.end(), {1, 0});
    const std::string svg = map_svg(equal);
    CHECK(occurrences(svg, "<circle ") == n);
    CHECK(svg.find("nan") == std::string::npos);
  }
}

TEST_CASE("a map without entries is an error, as is one with too many") {
  CHECK_THROWS_AS(map_svg({2, {}, {}}), DataError);
  CHECK_THROWS_AS(map_svg(random_entries(2001)), InvalidArgument);
}

TEST_CASE("a map is written as a whole") {
  const test::TemporaryDirectory directory;
  write_map(directory / "map.svg", random_entries(9));
  CHECK(test::read_file(directory / "map.svg") == map_svg(random_entries(9)));
}
