// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "tests/support/shared_data.h"

/// What tests of several layers share.
namespace vecterm::test {

/// A directory that is removed with its contents when it goes out of scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "vecterm-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline std::string write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file of the shared data sets. Nothing where it is absent, after
/// a message that says so; a test that needs it then returns.
inline std::optional<std::string> shared_data(const std::string& name) {
  const auto path = shared_data_root() / name;
  if (std::filesystem::exists(path)) return path.lexically_normal().string();
  MESSAGE("skipped: no shared data at " << path.string() << "; set VECTERM_DATA");
  return std::nullopt;
}

}  // namespace vecterm::test
