// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/label_placement.h"

#include "index/pictures/svg.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr double kWidth = 400;
constexpr double kHeight = 300;
constexpr double kRadius = 3;

struct Box {
  double left, top, right, bottom;
};

/// The letters themselves, without descenders.
Box box_of(const DotLabel& label, const LabelPlace& place) {
  return {place.x, place.y - 0.7 * place.font_size, place.x + svg::text_width(label.text, place.font_size), place.y};
}

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

std::vector<DotLabel> crowd(std::size_t n) {
  test::Random random(3);
  std::vector<DotLabel> labels;
  for (std::size_t i = 0; i < n; ++i)
    labels.push_back({static_cast<double>(random.below(400)), static_cast<double>(random.below(300)),
                      std::string(1 + random.below(10), 'n'), 12});
  return labels;
}

}  // namespace

TEST_CASE("placed names cover neither each other nor a dot, and stay within the picture") {
  const std::vector<DotLabel> labels = crowd(120);
  const auto places = place_labels(labels, kWidth, kHeight, kRadius);
  REQUIRE(places.size() == labels.size());
  std::size_t placed = 0;
  std::size_t faults = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!places[i]) continue;
    ++placed;
    const Box box = box_of(labels[i], *places[i]);
    faults += box.left < 0 || box.top < 0 || box.right > kWidth || box.bottom > kHeight ? 1 : 0;
    for (std::size_t j = 0; j < labels.size(); ++j) {
      const DotLabel& dot = labels[j];
      faults += overlap(box, {dot.x - kRadius, dot.y - kRadius, dot.x + kRadius, dot.y + kRadius}) ? 1 : 0;
      faults += j < i && places[j] && overlap(box, box_of(dot, *places[j])) ? 1 : 0;
    }
  }
  CHECK(faults == 0);
  CHECK(placed > 30);
  CHECK(placed < labels.size());
}

TEST_CASE("a lone name stands right of its dot, or left where there is no room") {
  const auto right = place_labels(std::vector<DotLabel>{{200, 150, "name", 12}}, kWidth, kHeight, kRadius);
  REQUIRE(right[0]);
  CHECK(right[0]->x > 203);
  CHECK(right[0]->font_size == 12);
  const auto left = place_labels(std::vector<DotLabel>{{395, 150, "name", 12}}, kWidth, kHeight, kRadius);
  REQUIRE(left[0]);
  CHECK(left[0]->x + svg::text_width("name", 12) < 392.1);
}

TEST_CASE("the first of several names at one dot is placed, and what is too long is not") {
  const std::vector<DotLabel> labels(20, {200, 150, "name", 12});
  const auto places = place_labels(labels, kWidth, kHeight, kRadius);
  CHECK(places.front());
  CHECK(!places.back());
  CHECK(!place_labels(std::vector<DotLabel>{{200, 150, std::string(200, 'n'), 12}}, kWidth, kHeight, kRadius)[0]);
  CHECK(place_labels({}, kWidth, kHeight, kRadius).empty());
}
