// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unistd.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is fed with any bytes, as a fuzzer or a folder of files has them.
namespace vecterm::fuzz {

/// A function that takes any bytes. It may refuse them by InvalidArgument or DataError; all else is a finding: another
/// exception, abort(), what a sanitizer stops, and memory or time that the input's length does not explain.
struct Target {
  std::string_view name;
  void (*feed)(std::string_view bytes);
  std::vector<std::string> (*seeds)();  ///< inputs that are taken, for fuzzers to begin with
};

/// All of them, by name. A target adds itself by a Registered beside its functions.
std::span<const Target> targets();
/// Nothing where there is none of that name.
const Target* find_target(std::string_view name);
/// Feeds it once. A refusal is no finding. @returns whether the bytes were taken
bool feed(const Target& target, std::string_view bytes);

struct Registered {
  Registered(std::string_view name, void (*feed)(std::string_view), std::vector<std::string> (*seeds)());
};

/// Aborts, which is a finding, unless it holds.
void require(bool holds);

/// Takes an input apart; at its end everything is zero or empty.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte();
  /// At most so many bytes.
  std::string_view take(std::size_t count);
  /// As part_of() wrote it.
  std::string_view part();
  /// Up to the next kBetween, which is dropped; all where there is none. For inputs of several texts.
  std::string_view text();
  std::string_view rest() { return take(bytes_.size()); }

  static constexpr char kBetween = '\x1e';  ///< ASCII's record separator

 private:
  std::string_view bytes_;
};

/// A part of an input with its length, u16, before it.
std::string part_of(std::string_view bytes);

/// Bytes as a file without a name, for what reads paths only.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content);
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace vecterm::fuzz
