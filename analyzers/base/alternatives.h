// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>

namespace vecterm {

/// For messages: "a, b or c". REQUIRES: at least one name.
inline std::string alternatives(std::span<const std::string> names) {
  const auto others = names.first(names.size() - 1);
  return others.empty() ? names.back() : fmt::format("{} or {}", fmt::join(others, ", "), names.back());
}

}  // namespace vecterm
