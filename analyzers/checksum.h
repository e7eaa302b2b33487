// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace vecterm {

/// XXH3-128 in canonical (big-endian) form.
using Checksum = std::array<char, 16>;

Checksum checksum(std::string_view bytes);

/// 32 lower-case hex digits.
std::string to_hex(const Checksum& checksum);

}  // namespace vecterm
