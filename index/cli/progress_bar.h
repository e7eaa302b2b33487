// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

#include "analyzers/progress.h"

namespace vecterm::cli {

/// A progress bar on one line of standard error, as wide as the terminal; nothing where that is not a terminal. The
/// line is cleared at destruction, so whatever is printed next starts at its beginning.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// What the library calls; empty where there is no terminal. The bar must outlive it.
  ProgressFunction function();
  /// Clears the line; the next progress draws it again.
  void clear();

 private:
  void draw(const Progress& progress);

  bool terminal_;
  std::size_t drawn_ = 0;  ///< columns that the last line took
};

}  // namespace vecterm::cli
