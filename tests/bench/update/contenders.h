// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "tests/bench/update/update_data.h"

namespace vecterm::bench {

inline constexpr const char* kOld = "old";
inline constexpr const char* kWarmStart = "warm start";
inline constexpr const char* kDefault = "default";

/// A dictionary that could follow the old one.
struct Contender {
  std::string name;
  DictionaryContents contents;  ///< in the old hash space
  double seconds = 0;           ///< of its training
};

struct Contenders {
  std::shared_ptr<const Dictionary> old;  ///< with cells
  std::shared_ptr<const HashSpace> hyperplanes;
  std::vector<Contender> followers;  ///< the old one first
};

/// `contents` as a dictionary with that hash space.
std::shared_ptr<const Dictionary> with_hash_space(DictionaryContents contents, std::shared_ptr<const HashSpace> space);

/// Learns the old dictionary from the pairs of before, and all others from those of after: anew, anew and turned to the
/// old one by Procrustes, and as updates with several anchors.
/// @param lambdas   anchors besides the default, with epsilon 0
Contenders train_all(const UpdateData& data, const std::vector<double>& lambdas, std::uint32_t epochs,
                     unsigned threads);

}  // namespace vecterm::bench
