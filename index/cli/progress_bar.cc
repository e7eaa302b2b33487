// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/progress_bar.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "analyzers/base/wording.h"
#include "index/cli/output.h"

namespace vecterm::cli {

namespace {

constexpr std::size_t kBarColumns = 24;

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string bar(const Progress& progress) {
  const double done = std::isfinite(progress.done) ? std::clamp(progress.done, 0.0, 1.0) : 0;
  const auto filled = static_cast<std::size_t>(done * static_cast<double>(kBarColumns));
  return printable(fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f}%  {}", progress.step, "", filled, "", kBarColumns - filled,
                               std::floor(done * 100), progress.details));
}

}  // namespace

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::clear() {
  if (drawn_ > 0) put('\r' + std::string(drawn_, ' ') + '\r');
  drawn_ = 0;
}

ProgressFunction ProgressBar::function() {
  if (!terminal_) return {};
  return [this](const Progress& progress) { draw(progress); };
}

void ProgressBar::draw(const Progress& progress) {
  std::string line = bar(progress);
  // The last column stays empty: many terminals wrap after it.
  const std::size_t columns = std::max<std::size_t>(terminal_columns(), 2) - 1;
  if (line.size() > columns) line.resize(columns);
  const std::size_t padding = drawn_ > line.size() ? drawn_ - line.size() : 0;
  put('\r' + line + std::string(std::min(padding, columns - line.size()), ' '));
  drawn_ = line.size();
}

}  // namespace vecterm::cli
