// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/resident.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "analyzers/errors.h"
#include "index/index.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string output_of(const std::string& command) {
  const auto close = [](FILE* stream) { pclose(stream); };
  const std::unique_ptr<FILE, decltype(close)> stream(popen(command.c_str(), "r"), close);
  char line[64] = "";
  if (!stream || fgets(line, sizeof line, stream.get()) == nullptr) throw DiskError(command + ": gave nothing");
  return line;
}

}  // namespace

std::uint64_t searching_bytes(const std::string& path, bool vectors, const std::vector<Query>& queries,
                              const std::string& directory) {
  const std::string file = directory + "/queries.txt";
  std::ofstream lines(file);
  for (const Query& query : queries) lines << query.text << '\n';
  lines.close();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  return std::stoull(output_of(fmt::format("{} {} {} {} {}", quoted(self), kSearchOnly, quoted(path),
                                           vectors ? "mixed" : "words", quoted(file))));
}

int search_only(const std::string& path, const std::string& mode, const std::string& queries) {
  Index index(path);
  TextQuery query;
  std::ifstream lines(queries);
  while (std::getline(lines, query.text)) {
    query.mode = search_mode(mode);
    index.search(query);
    if (mode == "words") continue;
    query.mode = SearchMode::kVector;
    index.search(query);
  }
  fmt::print("{}\n", resident_bytes());
  return 0;
}

}  // namespace vecterm::bench
