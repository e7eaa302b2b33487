// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/work_directory.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"

namespace vecterm::bench {

WorkDirectory::WorkDirectory(const std::string& path) : path_(path), temporary_(path.empty()) {
  if (!temporary_) return;
  path_ = (std::filesystem::temp_directory_path() / "vecterm-ann-XXXXXX").string();
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

Costs build_once(const std::string& path, const std::function<Costs()>& build) {
  const std::string note = path + ".costs.json";
  if (std::ifstream kept(note); kept) {
    const auto json = nlohmann::json::parse(kept);
    return {json.at("build_s"), json.at("disk_bytes"), json.at("resident_bytes")};
  }
  fmt::print(stderr, "ann: building {}\n", path);
  std::filesystem::remove_all(path);
  const Costs costs = build();
  std::ofstream(note) << nlohmann::json{
      {"build_s", costs.build_s}, {"disk_bytes", costs.disk_bytes}, {"resident_bytes", costs.resident_bytes}};
  return costs;
}

}  // namespace vecterm::bench
