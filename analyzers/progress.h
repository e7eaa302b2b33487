// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

namespace vecterm {

/// Told how far a long operation is. The library never prints; a program that wants a progress bar draws it here.
struct Progress {
  std::string step;     ///< what is going on, for example "training"
  double done = 0;      ///< in [0, 1]
  std::string details;  ///< figures for people, for example "loss 0.123, 1.2M words/s"
};

/// Called from the thread that started the operation, at most a few times a second; may throw to cancel. Empty
/// functions are not called.
using ProgressFunction = std::function<void(const Progress&)>;

}  // namespace vecterm
