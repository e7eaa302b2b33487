// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/errors.h"

/// What the token families share in reading and writing their stored forms (hash_space.h has their common head).
namespace vecterm {

constexpr std::size_t kHashSpaceHeaderBytes = 24;
constexpr std::uint32_t kMaxHashTables = 256;
constexpr std::uint32_t kMaxHashBits = 24;

/// What names a family.
struct FamilyName {
  std::uint32_t number = 0;            ///< persistent; one that was ever used stands for no other family
  std::string_view name;               ///< HashSpace::family()
  std::string_view row_name;           ///< HashSpace::row_name()
  std::uint32_t most_assignments = 1;  ///< buckets of a document in each table
};

/// What a family that is drawn at random is made with; each takes what it has a use for.
struct DrawOptions {
  std::uint32_t tables = 0;  ///< [1, kMaxHashTables]
  std::uint32_t bits = 0;    ///< [1, kMaxHashBits]
  float width = 0;           ///< p-stable: [PStable::kLeastWidth, kMostWidth]
  std::uint64_t seed = 1;
};

/// The numbers that every stored form begins with.
struct HashSpaceHeader {
  std::uint32_t family = 0;
  std::uint32_t dimensions = 0;
  std::uint32_t tables = 0;
  std::uint32_t bits = 0;
  std::uint32_t rows = 0;
  std::uint32_t assignments = 1;
};

/// @throws Damaged naming `what` where `value` is not in [low, high]
void require_in_hash_space(std::string_view what, std::uint64_t value, std::uint64_t low, std::uint64_t high);

/// Runs something that reads bytes made of a caller's values: what is wrong with them is the caller's mistake.
/// @throws InvalidArgument with the message of the Damaged that `read` threw
template <class Read>
auto as_argument(const Read& read) {
  try {
    return read();
  } catch (const Damaged& error) {
    throw InvalidArgument(error.what());
  }
}

/// Reads a header, whatever the family. @throws Damaged where it is cut short
HashSpaceHeader read_header(std::string_view bytes);
/// @throws Damaged also where a number is out of its bounds
HashSpaceHeader read_header(std::string_view bytes, std::uint32_t most_assignments);

/// Reads what follows the header, in order; nothing is allocated before it is known to be there. Each method
/// throws Damaged where the bytes end too early.
class HashSpaceReader {
 public:
  explicit HashSpaceReader(std::string_view bytes) : bytes_(bytes), at_(kHashSpaceHeaderBytes) {}

  /// `what` names the number in the message.
  std::uint32_t number(std::string_view what, std::uint64_t low, std::uint64_t high);
  /// @throws Damaged also for one that is not in [-1e15, 1e15]
  std::vector<float> floats(std::uint64_t count);
  std::string_view raw(std::uint64_t count);
  /// @throws Damaged where bytes are left over
  void finish() const;

 private:
  std::string_view bytes_;
  std::size_t at_;
};

/// Composes a stored form from a caller's values.
class HashSpaceWriter {
 public:
  /// The header's dimensions are those of `mean`, its family's number that of `family`.
  /// @throws InvalidArgument where a number is out of its bounds
  HashSpaceWriter(const FamilyName& family, HashSpaceHeader header, std::span<const float> mean);

  HashSpaceWriter& number(std::uint32_t value);
  /// @throws InvalidArgument naming `what` where `values` has another size than `count`
  HashSpaceWriter& floats(std::string_view what, std::span<const float> values, std::uint64_t count);
  HashSpaceWriter& raw(std::string_view bytes);

  /// The space of these bytes, of class `Space`. @throws InvalidArgument where they are none
  template <class Space>
  std::shared_ptr<const Space> read_as() const {
    return as_argument([this] { return std::make_shared<const Space>(bytes_); });
  }

 private:
  std::string bytes_;
};

}  // namespace vecterm
