// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/kernels.h"

namespace vecterm {

/// The family of make_cells().
class Cells final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the header are not a codebook
  explicit Cells(std::string stored);

  std::string_view family() const override { return "cells"; }
  std::size_t default_probes() const override { return 32; }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, std::size_t limit) const override;

 private:
  // The best cells with their scores, best first; ties go to the lower cell.
  std::vector<std::pair<float, std::uint32_t>> nearest(std::span<const float> unit, std::size_t limit) const;

  PackedRows centroids_;
};

}  // namespace vecterm
