// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <malloc.h>

#include <cstdint>
#include <string>

/// What the process has used so far, and what a directory takes.
namespace vecterm::bench {

/// CPU time of the calling thread, in microseconds. Reading it costs clock_cost_us(), which every latency includes.
double thread_cpu_us();
double clock_cost_us();

/// CPU time of all threads, in seconds.
double process_cpu_s();

/// Resident memory, mapped files included (VmRSS).
std::uint64_t resident_bytes();

/// By how much resident memory grows while `work()` runs. What earlier work freed is given back before it, so that it
/// cannot be used unseen.
template <class Work>
std::uint64_t resident_growth(const Work& work) {
  malloc_trim(0);
  const std::uint64_t before = resident_bytes();
  work();
  malloc_trim(0);
  const std::uint64_t after = resident_bytes();
  return after > before ? after - before : 0;
}

/// Allocated blocks of a file, or of the files below a directory.
std::uint64_t disk_bytes(const std::string& path);

/// CPU time that `work()` takes, in seconds.
template <class Work>
double cpu_seconds(const Work& work) {
  const double start = process_cpu_s();
  work();
  return process_cpu_s() - start;
}

}  // namespace vecterm::bench
