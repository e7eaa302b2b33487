// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "analyzers/version.h"

struct XXH3_state_s;

namespace vecterm {

/// XXH3-128 in canonical (big-endian) form.
using Checksum = std::array<char, 16>;

VECTERM_INTERNAL_API Checksum checksum(std::string_view bytes);

/// The checksum of bytes that come piece by piece.
class VECTERM_INTERNAL_API RunningChecksum {
 public:
  RunningChecksum();

  void add(std::string_view bytes);
  /// Of everything so far, as checksum() gives it.
  Checksum value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// 32 lower-case hex digits.
VECTERM_INTERNAL_API std::string to_hex(const Checksum& checksum);

}  // namespace vecterm
