// SPDX-License-Identifier: GPL-2.0-or-later
// Feeds a fuzz target once with each of its seeds, which it must take, and each file of the folders given, without
// libFuzzer:
//     fuzz_replay                          names the targets
//     fuzz_replay TARGET [FOLDER...]       feeds one; folders that are not there are passed over
//     fuzz_replay --seeds TARGET FOLDER    writes its seeds as files
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "tests/fuzz/fuzz.h"

namespace fs = std::filesystem;
using vecterm::fuzz::Target;

namespace {

int list() {
  for (const Target& target : vecterm::fuzz::targets())
    std::printf("%.*s\n", static_cast<int>(target.name.size()), target.name.data());
  return 0;
}

const Target* find(const char* name) {
  const Target* const target = vecterm::fuzz::find_target(name);
  if (target == nullptr) std::fprintf(stderr, "there is no target %s\n", name);
  return target;
}

int write_seeds(const Target& target, const fs::path& folder) {
  std::size_t number = 0;
  for (const std::string& seed : target.seeds())
    std::ofstream(folder / ("seed" + std::to_string(number++)), std::ios::binary) << seed;
  return 0;
}

// Feeds each file of the folder. @returns how many there were
std::size_t feed_files(const Target& target, const fs::path& folder) {
  std::size_t files = 0;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    feed(target, std::string{std::istreambuf_iterator<char>(in), {}});
    ++files;
  }
  return files;
}

int replay(const Target& target, std::span<char*> folders) {
  std::size_t inputs = 0;
  for (const std::string& seed : target.seeds()) {
    if (!feed(target, seed)) {
      std::fprintf(stderr, "seed %zu is refused\n", inputs);
      return 1;
    }
    ++inputs;
  }
  for (const char* const folder : folders) inputs += feed_files(target, folder);
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
  if (arguments.empty()) return list();
  const bool seeds = std::string_view(arguments[0]) == "--seeds" && arguments.size() == 3;
  const Target* const target = find(arguments[seeds ? 1 : 0]);
  if (target == nullptr) return 2;
  return seeds ? write_seeds(*target, arguments[2]) : replay(*target, arguments.subspan(1));
}
