// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/spaces/codebook.h"

namespace vecterm {

/// The family of make_cells().
class Cells final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the mean are not tables of cells
  explicit Cells(std::string stored);

  std::string_view family() const override { return "cells"; }
  std::string_view row_name() const override { return "cells"; }
  bool has_centres() const override { return true; }
  ProbeLimits default_limits() const override { return {1024, 0.2}; }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  std::vector<Probe> probes_of_ranked(std::span<const float> unit, const ProbeLimits& limits) const;

  std::vector<Codebook> codebooks_;
};

}  // namespace vecterm
