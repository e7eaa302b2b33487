// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/svg.h"

#include <fmt/format.h>

#include <cmath>

#include "analyzers/base/wording.h"

namespace vecterm::svg {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool is_nonlatin_wide(std::int32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) || c >= 0x1f000;
}

/// In shares of the font size.
double advance(std::int32_t c) {
  if (c < 0) return 1;
  if (is_nonlatin_wide(c)) return 1.05;
  if (c > 0x7f) return 0.68;
  if (std::string_view("iljtfrI.,:;'|!()[] ").find(static_cast<char>(c)) != std::string_view::npos) return 0.38;
  if (std::string_view("mwMW@%").find(static_cast<char>(c)) != std::string_view::npos) return 0.95;
  return c >= 'A' && c <= 'Z' ? 0.7 : 0.6;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::int32_t c = next_code_point(text, at);
    if (c < 0 || c == 0xfffe || c == 0xffff) {
      result += kReplacement;
    } else if (c < 0x20 || c == 0x7f) {
      result += ' ';
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += text.substr(begin, at - begin);
    }
  }
  return result;
}

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (std::size_t at = 0; at < text.size();) width += advance(next_code_point(text, at));
  return width * font_size;
}

std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string picture(double width, double height, std::string_view title, std::string_view body) {
  const std::string w = number(width);
  const std::string h = number(height);
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" )"
      R"(font-family="'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">)"
      "\n<title>{2}</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{3}</svg>\n",
      w, h, escaped(title), body);
}

std::string text(double x, double y, std::string_view content, double font_size, const char* colour, const char* anchor,
                 std::string_view more) {
  const std::string anchored = std::string_view(anchor) == "start" ? "" : fmt::format(R"( text-anchor="{}")", anchor);
  return fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{}{}{}>{}</text>\n", number(x), number(y),
                     number(font_size), colour, anchored, more.empty() ? "" : " ", more, escaped(content));
}

std::string line(double x1, double y1, double x2, double y2, const char* colour, double width) {
  return fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", number(x1),
                     number(y1), number(x2), number(y2), colour, number(width));
}

}  // namespace vecterm::svg
