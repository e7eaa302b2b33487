// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>

/// Pieces of SVG pictures. Internal. Lengths are in pixels, y grows downwards.
namespace vecterm::svg {

/// A colour for lines and dots, and a darker one of the same hue for text on white.
struct Colour {
  const char* fill;
  const char* text;
};

/// Colours that people with any of the common colour vision deficiencies tell apart (Paul Tol, "Colour schemes",
/// SRON/EPS/TN/09-002, 2021: "bright" and two of "muted"), the most distinct first.
inline constexpr std::array<Colour, 9> kPalette{{{"#4477aa", "#335c86"},
                                                 {"#ee6677", "#b8303f"},
                                                 {"#228833", "#1a6a28"},
                                                 {"#ccbb44", "#7d7119"},
                                                 {"#66ccee", "#1e7d9c"},
                                                 {"#aa3377", "#8a2960"},
                                                 {"#888888", "#555555"},
                                                 {"#332288", "#332288"},
                                                 {"#999933", "#66661f"}}};

inline constexpr const char* kInk = "#222222";       ///< titles
inline constexpr const char* kFaintInk = "#555555";  ///< numbers and labels of axes
inline constexpr const char* kGrid = "#e3e3e3";

/// `text` for SVG: & < > " escaped, what XML forbids replaced: control characters by spaces, bytes that are no UTF-8
/// and noncharacters by U+FFFD.
std::string escaped(std::string_view text);

/// About how wide `text` is drawn in a sans-serif font of `font_size`; a little too wide rather than too narrow.
double text_width(std::string_view text, double font_size);

/// A number with at most two decimals.
std::string number(double value);

/// A picture: white ground, a title for screen readers, then `body`.
std::string picture(double width, double height, std::string_view title, std::string_view body);

/// <text>. `anchor` is start, middle or end; `more` holds further attributes, for example R"(font-weight="600")".
std::string text(double x, double y, std::string_view content, double font_size, const char* colour,
                 const char* anchor = "start", std::string_view more = "");

std::string line(double x1, double y1, double x2, double y2, const char* colour, double width);

}  // namespace vecterm::svg
