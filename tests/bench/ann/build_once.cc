// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/build_once.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vecterm::bench {

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
