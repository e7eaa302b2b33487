// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/codebook.h"
#include "analyzers/hash_space.h"

namespace vecterm {

/// The family of make_cells().
class Cells final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the mean are not tables of cells
  explicit Cells(std::string stored);

  std::string_view family() const override { return "cells"; }
  std::string_view row_name() const override { return "cells"; }
  std::size_t default_probes() const override { return 32; }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, std::size_t limit) const override;

 private:
  std::vector<Codebook> codebooks_;
};

}  // namespace vecterm
