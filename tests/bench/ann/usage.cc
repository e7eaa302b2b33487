// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/usage.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vecterm::bench {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::uint64_t file_bytes(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
}

}  // namespace

double thread_cpu_us() { return 1e6 * seconds(CLOCK_THREAD_CPUTIME_ID); }

double clock_cost_us() {
  constexpr int kCalls = 10000;
  const double start = thread_cpu_us();
  for (int i = 0; i < kCalls; ++i) thread_cpu_us();
  return (thread_cpu_us() - start) / kCalls;
}

double process_cpu_s() { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

std::uint64_t resident_bytes() {
  std::uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t disk_bytes(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return file_bytes(path);
  std::uint64_t sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.is_regular_file()) sum += file_bytes(entry.path().string());
  return sum;
}

}  // namespace vecterm::bench
