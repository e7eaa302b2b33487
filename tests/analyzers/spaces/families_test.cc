// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/families.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/spaces/probe_queue.h"
#include "analyzers/training/hash_space_learner.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDimensions = 8;
constexpr DrawOptions kDraw{.tables = 3, .bits = 5, .width = 2, .seed = 7};

/// A family as small as can be: a vector's bucket is the signs of its first numbers, in each table the same.
class Corners final : public HashSpace {
 public:
  static constexpr FamilyName kFamily{.number = 77, .name = "corners", .row_name = "corners"};

  explicit Corners(std::string stored) : HashSpace(std::move(stored)) {
    HashSpaceReader reader(bytes());
    reader.floats(dimensions());
    reader.finish();
  }
  static std::shared_ptr<const HashSpace> draw(std::span<const float> mean, const DrawOptions& options) {
    return HashSpaceWriter(kFamily, {.tables = options.tables, .bits = options.bits, .rows = options.tables}, mean)
        .read_as<Corners>();
  }

  std::string_view family() const override { return kFamily.name; }
  std::string_view row_name() const override { return kFamily.row_name; }
  ProbeLimits default_limits() const override { return std::size_t{4} * tables(); }
  std::vector<Bucket> hash(std::span<const float> unit) const override {
    std::vector<Bucket> own;
    for (std::uint32_t table = 0; table < tables(); ++table) own.push_back({table, corner(unit)});
    return own;
  }
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override {
    ProbeQueue queue(1);
    for (std::uint32_t table = 0; table < tables(); ++table) {
      queue.add_table(corner(unit));
      for (std::uint32_t bit = 0; bit < bits(); ++bit) {
        const Deviation flip{std::fabs(static_cast<double>(unit[bit])), 1U << bit};
        queue.add_choice({&flip, 1});
      }
    }
    return queue.take(limits);
  }

 private:
  std::uint32_t corner(std::span<const float> unit) const {
    std::uint32_t bucket = 0;
    for (std::uint32_t bit = 0; bit < bits(); ++bit) bucket |= unit[bit] > 0 ? 1U << bit : 0U;
    return bucket;
  }
};

std::shared_ptr<const HashSpace> made(const HashSpaceFamily& family) {
  if (family.draw != nullptr) return family.draw(std::vector<float>(kDimensions, 0.05F), kDraw);
  HashSpaceOptions options;
  options.family = family.is.name;
  return learn_hash_space(test::Random(3).units(64, kDimensions), kDimensions, options);
}

void check_probes(const HashSpace& space, std::span<const float> unit) {
  const auto probes = space.probes(unit, space.default_limits());
  const auto own = space.hash(unit);
  REQUIRE(!probes.empty());
  std::set<Bucket> distinct;
  for (const Probe& probe : probes) {
    CHECK(probe.weight > 0);
    CHECK(probe.bucket.table < space.tables());
    CHECK(probe.bucket.bucket < 1U << space.bits());
    distinct.insert(probe.bucket);
  }
  CHECK(distinct.size() == probes.size());
  CHECK(distinct.size() <= space.buckets());
  CHECK(std::find(own.begin(), own.end(), probes.front().bucket) != own.end());
}

void check_row(const HashSpaceFamily& family) {
  CAPTURE(family.is.name);
  const auto space = made(family);
  CHECK(space->family() == family.is.name);
  CHECK(space->row_name() == family.is.row_name);
  CHECK(number_at<std::uint32_t>(space->bytes(), 0) == family.is.number);
  CHECK(space->assignments() <= family.is.most_assignments);
  const auto again = family.read(space->bytes());
  CHECK(again->bytes() == space->bytes());
  CHECK(again->fingerprint() == space->fingerprint());
  test::Random random(9);
  for (int round = 0; round < 20; ++round) {
    const auto unit = random.unit(kDimensions);
    CHECK(space->hash(unit).size() == std::size_t{space->tables()} * space->assignments());
    CHECK(again->hash(unit) == space->hash(unit));
    check_probes(*again, unit);
  }
  for (std::size_t cut = 0; cut < space->bytes().size(); ++cut)
    CHECK_THROWS_AS(family.read(space->bytes().substr(0, cut)), DataError);
  CHECK_THROWS_AS(family.read(space->bytes() + "x"), DataError);
}

// With each of its numbers so large that products with them would be infinite, or no numbers at all.
void check_bounds(const HashSpaceFamily& family) {
  CAPTURE(family.is.name);
  const std::string stored = made(family)->bytes();
  for (std::size_t at = 24; at < 24 + kDimensions * sizeof(float); at += sizeof(float)) {
    for (const float number : {3e38F, -3e38F, std::numeric_limits<float>::quiet_NaN()}) {
      std::string other = stored;
      std::memcpy(other.data() + at, &number, sizeof number);
      CHECK_THROWS_AS(family.read(other), Damaged);
    }
  }
}

}  // namespace

TEST_CASE("what a family makes is stored, read again, and hashes and probes alike") {
  for (const HashSpaceFamily& family : hash_space_families()) {
    check_row(family);
    CHECK(find_hash_space_family(family.is.name) == &family);
    CHECK(parse_hash_space(made(family)->bytes())->family() == family.is.name);
  }
}

TEST_CASE("a new family is a class and a row") {
  constexpr HashSpaceFamily kRow = family_of<Corners>();
  check_row(kRow);
  CHECK(made(kRow)->buckets() == 3 * 32);
  CHECK_THROWS_WITH_AS(kRow.draw(std::vector<float>(kDimensions), {.tables = 257, .bits = 5}),
                       "hash space: tables must be in [1, 256]; was 257", InvalidArgument);
}

TEST_CASE("families have the numbers and names that they have always had") {
  std::map<std::string, std::uint32_t> numbers;
  for (const HashSpaceFamily& family : hash_space_families()) numbers.emplace(family.is.name, family.is.number);
  const std::map<std::string, std::uint32_t> before{
      {"cells", 3}, {"cross-polytope", 4}, {"hyperplane", 1}, {"p-stable", 5}};
  for (const auto& [name, number] : before) CHECK(numbers[name] == number);
  std::set<std::uint32_t> distinct{2};  // a form of cells that is refused
  for (const auto& [name, number] : numbers) distinct.insert(number);
  CHECK(distinct.size() == hash_space_families().size() + 1);
  CHECK(hash_space_family_names().size() == numbers.size());
  CHECK(find_hash_space_family("ivf") == nullptr);
}

TEST_CASE("a number that no family has is refused with the bounds and the number") {
  std::string bytes = made(hash_space_families().front())->bytes();
  for (const auto& [number, message] : std::map<std::string, std::string>{
           {std::string(4, '\0'), "hash space: family must be in [1, 5]; was 0"},
           {"\x06" + std::string(3, '\0'), "hash space: family must be in [1, 5]; was 6"},
           {"\xff\xff\xff\xff", "hash space: family must be in [1, 5]; was 4294967295"}}) {
    bytes.replace(0, 4, number);
    CHECK_THROWS_WITH_AS(parse_hash_space(bytes), message.c_str(), DataError);
  }
  CHECK_THROWS_WITH_AS(parse_hash_space("x"), "hash space: must have at least 24 bytes; had 1", DataError);
}

TEST_CASE("a space of any family whose numbers are beyond all bounds is damaged") {
  for (const HashSpaceFamily& family : hash_space_families()) check_bounds(family);
}
