// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/label_placement.h"

#include <algorithm>
#include <array>

#include "index/pictures/svg.h"

namespace vecterm {
namespace {

constexpr double kCapHeight = 0.75;  ///< above the baseline, in shares of the font size
constexpr double kDescent = 0.22;    ///< below it
constexpr double kGap = 3;           ///< between a dot and its text
constexpr double kBorder = 4;

struct Box {
  double left, top, right, bottom;

  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

/// Where a text lies from its dot: -1 left or above, 0 centred, 1 right or below.
struct Side {
  double x, y;
};

constexpr std::array<Side, 8> kSides{{{1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}}};
constexpr std::array<double, 2> kScales{1, 0.85};

class Placement {
 public:
  Placement(std::span<const DotLabel> labels, double width, double height, double radius)
      : width_(width), height_(height), radius_(radius) {
    for (const DotLabel& label : labels)
      taken_.push_back({label.x - radius, label.y - radius, label.x + radius, label.y + radius});
  }

  std::optional<LabelPlace> place(const DotLabel& label) {
    for (const double scale : kScales) {
      const double size = label.font_size * scale;
      const double width = svg::text_width(label.text, size);
      for (const Side side : kSides) {
        const LabelPlace place = beside(label, side, width, size);
        const Box box{place.x, place.y - kCapHeight * size, place.x + width, place.y + kDescent * size};
        if (!is_free(box)) continue;
        taken_.push_back(box);
        return place;
      }
    }
    return std::nullopt;
  }

 private:
  LabelPlace beside(const DotLabel& label, Side side, double width, double size) const {
    // Diagonal texts may come closer: their corner is near the dot, not their side.
    const double gap = side.x != 0 && side.y != 0 ? 0.7 * radius_ + 1 : radius_ + kGap;
    const double middle = size * (kCapHeight - kDescent) / 2;
    const double height = size * (kCapHeight + kDescent);
    return {label.x + side.x * gap + (side.x - 1) * width / 2, label.y + middle + side.y * (gap + height / 2), size};
  }

  bool is_free(const Box& box) const {
    if (box.left < kBorder || box.top < kBorder || box.right > width_ - kBorder || box.bottom > height_ - kBorder)
      return false;
    return std::ranges::none_of(taken_, [&](const Box& other) { return box.overlaps(other); });
  }

  double width_;
  double height_;
  double radius_;
  std::vector<Box> taken_;
};

}  // namespace

std::vector<std::optional<LabelPlace>> place_labels(std::span<const DotLabel> labels, double width, double height,
                                                    double dot_radius) {
  Placement placement(labels, width, height, dot_radius);
  std::vector<std::optional<LabelPlace>> places;
  for (const DotLabel& label : labels) places.push_back(placement.place(label));
  return places;
}

}  // namespace vecterm
