// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/work_directory.h"

#include <stdlib.h>

#include <filesystem>

#include "analyzers/errors.h"

namespace vecterm::bench {

WorkDirectory::WorkDirectory(const std::string& path) : path_(path), temporary_(path.empty()) {
  if (!temporary_) return;
  path_ = (std::filesystem::temp_directory_path() / "vecterm-bench-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw DiskError(path_ + ": cannot be made");
}

WorkDirectory::~WorkDirectory() {
  std::error_code ignored;
  if (temporary_) std::filesystem::remove_all(path_, ignored);
}

std::string WorkDirectory::below(const std::string& name) const {
  const auto path = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(path);
  return path.string();
}

}  // namespace vecterm::bench
