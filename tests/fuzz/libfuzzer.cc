// SPDX-License-Identifier: GPL-2.0-or-later
// The door through which libFuzzer feeds the target that VECTERM_FUZZ names.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"

namespace {

const vecterm::fuzz::Target& chosen() {
  const char* const name = std::getenv("VECTERM_FUZZ");
  const auto* const target = vecterm::fuzz::find_target(name != nullptr ? name : "");
  if (target != nullptr) return *target;
  std::fputs("VECTERM_FUZZ must name a target:", stderr);
  for (const auto& each : vecterm::fuzz::targets())
    std::fprintf(stderr, " %.*s", static_cast<int>(each.name.size()), each.name.data());
  std::fputs("\n", stderr);
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const vecterm::fuzz::Target& target = chosen();
  vecterm::fuzz::feed(target, {reinterpret_cast<const char*>(data), size});
  return 0;
}
