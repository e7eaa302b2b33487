// SPDX-License-Identifier: GPL-2.0-or-later
// Tests codebook.cc, too.
#include "analyzers/spaces/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/spaces/families.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/vector_codec.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

// Unit vectors near `bundles` random directions.
std::vector<float> clustered(std::size_t bundles, std::size_t count, std::size_t dimensions) {
  test::Random random(31);
  const std::vector<float> centres = random.units(bundles, dimensions);
  std::vector<float> rows;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> row = random.unit(dimensions);
    const std::size_t bundle = random.below(bundles);
    for (std::size_t j = 0; j < dimensions; ++j) row[j] = centres[bundle * dimensions + j] + 0.7F * row[j];
    const float norm = std::sqrt(dot(row, row));
    for (const float value : row) rows.push_back(value / norm);
  }
  return rows;
}

std::vector<IntegerInstructions> available() {
  std::vector<IntegerInstructions> all{IntegerInstructions::kPlain};
  if (widest_integer_instructions() >= IntegerInstructions::kAvx2) all.push_back(IntegerInstructions::kAvx2);
  if (widest_integer_instructions() >= IntegerInstructions::kAvx512Vnni)
    all.push_back(IntegerInstructions::kAvx512Vnni);
  return all;
}

}  // namespace

TEST_CASE("int8 products are those of plain integers with all instructions and for every size") {
  test::Random random(1);
  const auto number = [&random] { return static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127); };
  for (const std::size_t dimensions : {1UL, 3UL, 4UL, 7UL, 64UL, 129UL, 4096UL})
    for (const std::size_t rows : {1UL, 15UL, 16UL, 17UL, 128UL, 301UL}) {
      CAPTURE(dimensions);
      CAPTURE(rows);
      std::vector<std::int8_t> matrix(rows * dimensions);
      for (auto& value : matrix) value = dimensions == 4096 ? std::int8_t{-127} : number();
      std::vector<std::int8_t> vector((dimensions + 3) / 4 * 4);
      for (std::size_t i = 0; i < dimensions; ++i) vector[i] = dimensions == 4096 ? std::int8_t{127} : number();
      for (const IntegerInstructions instructions : available()) {
        const PackedInt8Rows packed(matrix, dimensions, instructions);
        std::vector<std::int32_t> out(packed.blocks() * PackedInt8Rows::kBlock, 42);
        packed.products(vector, 0, out);
        std::size_t different = 0;
        for (std::size_t r = 0; r < out.size(); ++r) {
          std::int32_t expected = 0;
          for (std::size_t i = 0; r < rows && i < dimensions; ++i) expected += matrix[r * dimensions + i] * vector[i];
          different += out[r] != expected;
        }
        CHECK(different == 0);
        const auto last = std::span(out).last(PackedInt8Rows::kBlock);
        const std::vector<std::int32_t> before(last.begin(), last.end());
        packed.products(vector, packed.blocks() - 1, last);
        CHECK(std::equal(before.begin(), before.end(), last.begin()));
      }
    }
}

TEST_CASE("the positions of the largest numbers contain the largest, whatever the ties") {
  test::Random random(2);
  std::vector<std::int32_t> scratch;
  std::vector<std::uint32_t> positions;
  for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 65UL, 1000UL, 4096UL})
    for (const std::size_t range : {1UL, 7UL, 1000000UL})
      for (const std::size_t count : {0UL, 1UL, 10UL, 100UL, 5000UL}) {
        CAPTURE(size);
        CAPTURE(range);
        CAPTURE(count);
        std::vector<std::int32_t> numbers(size);
        for (auto& number : numbers) number = static_cast<std::int32_t>(random.below(range)) - 500;
        positions_of_largest(numbers, count, scratch, positions);
        REQUIRE(positions.size() >= std::min(count, size));
        CHECK(std::is_sorted(positions.begin(), positions.end()));
        const std::set<std::uint32_t> chosen(positions.begin(), positions.end());
        CHECK(chosen.size() == positions.size());
        std::int32_t least = std::numeric_limits<std::int32_t>::max();
        for (const std::uint32_t position : positions) least = std::min(least, numbers[position]);
        for (std::uint32_t i = 0; i < size; ++i) CHECK((count == 0 || chosen.contains(i) == (numbers[i] >= least)));
        if (range == 1000000) CHECK(positions.size() <= 3 * count);
      }
}

TEST_CASE("int8 levels are rounded to even and bounded") {
  const std::vector<float> values{0, 0.5F, 1.5F, -0.5F, -2.5F, 126.6F, 200, -1e30F};
  CHECK(largest_magnitude(values) == 1e30F);
  std::vector<std::int8_t> levels(values.size());
  to_int8(values, 1, levels.data());
  CHECK(levels == std::vector<std::int8_t>{0, 0, 2, 0, -2, 127, 127, -127});
  // A foreign vector may have anything; the conversion of what is no number is undefined.
  const std::vector<float> odd{std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()};
  to_int8(odd, 1, std::data(levels));
  CHECK(levels[0] == -127);
  CHECK(levels[1] == -127);
}

TEST_CASE("probes of cells come in the order of their exact scores over all tables") {
  const std::size_t d = 24;
  test::Random random(12);
  std::vector<CellTable> tables(2);
  tables[0].centroids = random.units(300, d);
  tables[1].centroids = random.units(2000, d);
  const auto space = make_cells(std::vector<float>(d, 0.0F), tables);
  for (int round = 0; round < 30; ++round) {
    const auto unit = random.unit(d);
    std::vector<std::pair<float, Bucket>> expected;
    for (std::uint32_t t = 0; t < 2; ++t)
      for (std::uint32_t c = 0; c < tables[t].centroids.size() / d; ++c)
        expected.push_back({-dot(unit, std::span(tables[t].centroids).subspan(c * d, d)), {t, c}});
    std::sort(expected.begin(), expected.end());
    const auto probes = space->probes(unit, 50);
    REQUIRE(probes.size() == 50);
    for (std::size_t i = 0; i < 50; ++i) CHECK(probes[i].bucket == expected[i].second);
  }
}

TEST_CASE("documents find their nearest cells through groups, in at least 97 of 100 cases") {
  const std::size_t d = 32;
  const auto vectors = clustered(300, 20000, d);
  HashSpaceOptions options;
  options.cells = {2048};
  options.iterations = 4;
  const auto space = learn_hash_space(vectors, d, options);
  std::size_t same = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < vectors.size() / d; i += 10) {
    const auto unit = std::span(vectors).subspan(i * d, d);
    const auto hashed = space->hash(unit);
    for (const Probe& probe : space->probes(unit, 2)) {
      ++all;
      same += std::binary_search(hashed.begin(), hashed.end(), probe.bucket);
    }
  }
  CHECK(static_cast<double>(same) >= 0.97 * static_cast<double>(all));
}

TEST_CASE("a document has as many cells of each table as it is assigned to") {
  const auto unit = test::Random(4).unit(6);
  for (const std::uint32_t assignments : {1U, 2U, 4U}) {
    const auto space = make_cells(test::Random(1).units(30, 6), 6, assignments);
    CHECK(space->assignments() == assignments);
    CHECK(space->hash(unit).size() == assignments);
    CHECK(parse_hash_space(space->bytes())->hash(unit) == space->hash(unit));
  }
  CHECK(make_cells(test::Random(1).units(3, 6), 6, 4)->hash(unit).size() == 3);
  CHECK(test::small_resolutions(6)->hash(unit).size() == 4);
  CHECK_THROWS_WITH_AS(make_cells(test::Random(1).units(3, 6), 6, 5),
                       "hash space: assignments must be in [1, 4]; was 5", InvalidArgument);
}

TEST_CASE("groups that do not divide the cells are refused") {
  const auto with = [](auto change) {
    CellTable table{test::Random(1).units(20, 4), test::Random(2).units(3, 4), {0, 5, 9}, 2};
    change(table);
    return make_cells(std::vector<float>(4, 0.0F), std::span(&table, 1));
  };
  CHECK(with([](auto&) {})->rows() == 20);
  CHECK_THROWS_AS(with([](auto& t) { t.first = {1, 5, 9}; }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.first = {0, 5, 5}; }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.first = {0, 5, 20}; }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.searched = 0; }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.searched = 4; }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.groups.pop_back(); }), InvalidArgument);
  CHECK_THROWS_AS(with([](auto& t) { t.centroids.resize(4); }), InvalidArgument);
}

TEST_CASE("cells of the form with one table only are refused with what to do") {
  std::string bytes;
  for (const std::uint32_t number : {2U, 4U, 1U, 1U, 2U, 2U}) append_number<std::uint32_t>(bytes, number);
  bytes.append(4 * 3 * sizeof(float), '\0');
  CHECK_THROWS_WITH_AS(parse_hash_space(bytes),
                       "hash space: cells of the form before several tables (family 2) are not read; learn them again",
                       DataError);
}

TEST_CASE("the mean of the documents is stored with cells, and does not change their order") {
  const auto vectors = clustered(5, 500, 8);
  const auto space = learn_hash_space(vectors, 8, {});
  REQUIRE(space->centre().size() == 8);
  double sum = 0;
  for (std::size_t i = 3; i < vectors.size(); i += 8) sum += static_cast<double>(vectors[i]);
  CHECK(static_cast<double>(space->centre()[3]) == doctest::Approx(sum / 500));
}

TEST_CASE("a collection of few different texts is learned from and found again") {
  test::Random random(8);
  for (const std::size_t different : {1UL, 2UL, 50UL}) {
    const auto texts = random.units(different, 8);
    std::vector<float> vectors;
    for (std::size_t i = 0; i < 5000; ++i) {
      const auto text = std::span(texts).subspan(i % different * 8, 8);
      vectors.insert(vectors.end(), text.begin(), text.end());
    }
    HashSpaceOptions options;
    options.cells = {2000, 16};
    const auto space = learn_hash_space(vectors, 8, options);
    CHECK(space->rows() == 2016);
    for (std::size_t i = 0; i < different; ++i) {
      const auto text = std::span(texts).subspan(8 * i, 8);
      CHECK(space->hash(text).size() == 4);
      CHECK(space->probes(text, 10).size() == 10);
    }
  }
}
