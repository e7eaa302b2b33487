// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vecterm {

/// A dot of a picture and the text that belongs beside it. Lengths in pixels, y grows downwards.
struct DotLabel {
  double x = 0;
  double y = 0;
  std::string text;
  double font_size = 12;
};

/// Where a text goes: its left end and its baseline.
struct LabelPlace {
  double x = 0;
  double y = 0;
  double font_size = 12;
};

/// Places texts beside their dots so that none covers another text or a dot, all within the picture: each in turn takes
/// the first free of the places around its dot, then with a smaller font (greedy point-feature labelling; Christensen,
/// Marks and Shieber, "An empirical study of algorithms for point-feature label placement", ACM Transactions on
/// Graphics 1995). Those that find no place get none. Internal.
/// @param labels  the most important first
std::vector<std::optional<LabelPlace>> place_labels(std::span<const DotLabel> labels, double width, double height,
                                                    double dot_radius);

}  // namespace vecterm
