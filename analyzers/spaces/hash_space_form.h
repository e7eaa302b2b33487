// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/hash_space.h"

/// What the token families share in reading and writing their stored forms (byte by byte in hash_space.h).
namespace vecterm {

/// Persistent numbers.
enum FamilyNumber : std::uint32_t {
  kHyperplane = 1,
  kCellsInOneTable = 2,  ///< never released; refused
  kCells = 3,
  kCrossPolytope = 4,
  kPStable = 5,
};

constexpr std::size_t kHashSpaceHeaderBytes = 24;
constexpr std::uint32_t kMaxHashBits = 24;

/// The numbers that every stored form begins with.
struct HashSpaceHeader {
  std::uint32_t family = 0;
  std::uint32_t dimensions = 0;
  std::uint32_t tables = 0;
  std::uint32_t bits = 0;
  std::uint32_t rows = 0;
  std::uint32_t assignments = 1;
};

/// @throws DataError naming `what` where `value` is not in [low, high]
void require_in_hash_space(std::string_view what, std::uint64_t value, std::uint64_t low, std::uint64_t high);

/// Reads a header. @throws DataError where it is cut short or a number is out of the bounds of all families
HashSpaceHeader read_header(std::string_view bytes);

/// Reads what follows the header, in order; nothing is allocated before it is known to be there. Each method
/// throws DataError where the bytes end too early.
class HashSpaceReader {
 public:
  explicit HashSpaceReader(std::string_view bytes) : bytes_(bytes), at_(kHashSpaceHeaderBytes) {}

  /// `what` names the number in the message.
  std::uint32_t number(std::string_view what, std::uint64_t low, std::uint64_t high);
  /// @throws DataError also for one that is not finite
  std::vector<float> floats(std::uint64_t count);
  std::string_view raw(std::uint64_t count);
  /// @throws DataError where bytes are left over
  void finish() const;

 private:
  std::string_view bytes_;
  std::size_t at_;
};

/// Composes a stored form from a caller's values.
class HashSpaceWriter {
 public:
  /// The header's dimensions are those of `mean`. @throws InvalidArgument where a number is out of its bounds
  HashSpaceWriter(HashSpaceHeader header, std::span<const float> mean);

  HashSpaceWriter& number(std::uint32_t value);
  /// @throws InvalidArgument naming `what` where `values` has another size than `count`
  HashSpaceWriter& floats(std::string_view what, std::span<const float> values, std::uint64_t count);
  HashSpaceWriter& raw(std::string_view bytes);

  /// The space of these bytes. @throws InvalidArgument with the message of the DataError that parsing them gave
  std::shared_ptr<const HashSpace> parse() const;

 private:
  std::string bytes_;
};

}  // namespace vecterm
