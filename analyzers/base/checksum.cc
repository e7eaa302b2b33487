// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/checksum.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>
#include <new>

namespace vecterm {

namespace {

Checksum canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Checksum result;
  static_assert(sizeof bytes.digest == sizeof(Checksum));
  std::memcpy(result.data(), bytes.digest, result.size());
  return result;
}

}  // namespace

Checksum checksum(std::string_view bytes) { return canonical(XXH3_128bits(bytes.data(), bytes.size())); }

RunningChecksum::RunningChecksum() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state_.get());
}

void RunningChecksum::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void RunningChecksum::add(std::string_view bytes) { XXH3_128bits_update(state_.get(), bytes.data(), bytes.size()); }

Checksum RunningChecksum::value() const { return canonical(XXH3_128bits_digest(state_.get())); }

std::string to_hex(const Checksum& checksum) {
  std::string text;
  for (const char byte : checksum) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace vecterm
