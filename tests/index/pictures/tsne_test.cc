// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/tsne.h"

#include <cmath>
#include <vector>

#include "analyzers/errors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

/// `groups` bundles of unit vectors around random directions.
std::vector<float> bundles(std::size_t groups, std::size_t each, std::size_t dimensions) {
  test::Random random(5);
  std::vector<float> rows;
  for (std::size_t group = 0; group < groups; ++group) {
    const auto middle = random.unit(dimensions);
    for (std::size_t i = 0; i < each; ++i)
      for (const float value : middle) rows.push_back(value + 0.1F * random.number());
  }
  return rows;
}

double distance(PlanePoint a, PlanePoint b) { return std::hypot(a.x - b.x, a.y - b.y); }

}  // namespace

TEST_CASE("vectors of a bundle lie together in the plane") {
  const std::size_t each = 20;
  const auto points = tsne(bundles(6, each, 16), 16);
  std::size_t same = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::size_t nearest = i == 0 ? 1 : 0;
    for (std::size_t j = 0; j < points.size(); ++j)
      if (j != i && distance(points[i], points[j]) < distance(points[i], points[nearest])) nearest = j;
    same += nearest / each == i / each ? 1 : 0;
  }
  CHECK(same == points.size());
}

TEST_CASE("a layout is centred, finite and the same for every number of threads") {
  const auto rows = bundles(3, 30, 8);
  const auto one = tsne(rows, 8, {.perplexity = 10, .iterations = 300, .threads = 1});
  const auto many = tsne(rows, 8, {.perplexity = 10, .iterations = 300, .threads = 3});
  REQUIRE(one.size() == 90);
  double x = 0;
  std::size_t different = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(std::isfinite(one[i].x + one[i].y));
    different += one[i].x != many[i].x || one[i].y != many[i].y ? 1 : 0;
    x += one[i].x;
  }
  CHECK(different == 0);
  CHECK(x == doctest::Approx(0).epsilon(1e-9));
}

TEST_CASE("few vectors, equal vectors and one dimension can be laid out") {
  CHECK(tsne({}, 4).empty());
  for (const std::size_t n : {1UL, 2UL, 4UL, 5UL, 9UL}) {
    CAPTURE(n);
    const std::vector<float> equal(n * 3, 0.5F);
    for (const PlanePoint point : tsne(equal, 3)) CHECK(std::isfinite(point.x + point.y));
    std::vector<float> line;
    for (std::size_t i = 0; i < n; ++i) line.push_back(static_cast<float>(i));
    const auto points = tsne(line, 1);
    REQUIRE(points.size() == n);
    for (const PlanePoint point : points) CHECK(std::isfinite(point.x + point.y));
    if (n == 4) CHECK(points[0].x == -points[3].x);
  }
}

TEST_CASE("what cannot be laid out is refused") {
  const std::vector<float> rows(12, 1.0F);
  CHECK_THROWS_AS(tsne(rows, 0), InvalidArgument);
  CHECK_THROWS_AS(tsne(rows, 5), InvalidArgument);
  CHECK_THROWS_AS(tsne(std::vector<float>{1, NAN}, 2), InvalidArgument);
  CHECK_THROWS_AS(tsne(rows, 2, {.perplexity = 0.5}), InvalidArgument);
  CHECK_THROWS_AS(tsne(rows, 2, {.iterations = 0}), InvalidArgument);
  CHECK_THROWS_WITH_AS(tsne(std::vector<float>(2001), 1), "vectors to lay out must be at most 2000; were 2001",
                       InvalidArgument);
}
