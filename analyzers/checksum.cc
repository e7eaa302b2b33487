// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/checksum.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>

namespace vecterm {

Checksum checksum(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Checksum result;
  static_assert(sizeof canonical.digest == sizeof(Checksum));
  std::memcpy(result.data(), canonical.digest, result.size());
  return result;
}

std::string to_hex(const Checksum& checksum) {
  std::string text;
  for (const char byte : checksum) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace vecterm
