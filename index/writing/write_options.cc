// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/write_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::uint32_t kMaxBatch = 10000000;

void check_range(const char* name, double value, double most) {
  if (!(value >= 0 && value <= most))
    throw InvalidArgument(fmt::format("{} must be in [0, {}]; was {}", name, most, value));
}

}  // namespace

void WriteOptions::check() const {
  resolve_threads(threads);
  if (batch < 1 || batch > kMaxBatch)
    throw InvalidArgument(fmt::format("batch must be in [1, {}]; was {}", kMaxBatch, batch));
  check_range("lock_seconds", lock_seconds, 1e6);
}

std::string UpdateForecast::text() const {
  if (!hashed) return {};
  return fmt::format(
      "words of a hashed dictionary share their components, so nearly every document changes: {:.1f} % of running "
      "words do",
      100 * changed_share);
}

void ReindexOptions::check() const {
  check_range("rate", rate, 1e9);
  write.check();
}

bool CheckReport::has_damage() const { return std::ranges::any_of(findings, &Finding::damage); }

}  // namespace vecterm
