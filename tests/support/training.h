// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include "analyzers/training/trainer.h"

namespace vecterm::test {

/// Items of eight topics with words of their own; each topic is asked for by two names that occur nowhere together.
inline TrainingData topics() {
  TrainingData data;
  for (std::uint32_t topic = 0; topic < 8; ++topic) {
    const std::uint32_t a = data.add(TermList{{fmt::format("a{}", topic), 1}});
    const std::uint32_t b = data.add(TermList{{fmt::format("b{}", topic), 1}});
    for (std::uint32_t i = 0; i < 6; ++i) {
      const std::uint32_t item =
          data.add(TermList{{fmt::format("common{}", i), 2}, {fmt::format("word{}x{}", topic, i / 2), 1}});
      data.add_pair("first", {a, item});
      data.add_pair("second", {b, item});
    }
  }
  return data;
}

/// Options for data of that size.
inline TrainingOptions small() {
  TrainingOptions options;
  options.dimensions = 16;
  options.batch = 16;
  options.negatives = 20;
  options.epochs = 30;
  options.min_count = 1;
  return options;
}

}  // namespace vecterm::test
