// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/base/byte_reader.h"
#include "analyzers/numbers/little_endian.h"

namespace vecterm {

/// Takes numbers and strings from a binary file; one that ends too early is a DataError. `what` names what is read,
/// for messages: "the file ends within the dictionary". Internal.
class BinaryInput {
 public:
  explicit BinaryInput(ByteReader bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t offset() const { return bytes_.offset(); }
  std::string name() const { return bytes_.name(); }
  std::string where(std::uint64_t offset) const { return bytes_.where(offset); }
  [[noreturn]] void fail(std::uint64_t offset, const std::string& reason) const;

  /// The next `count` bytes; valid until the next call.
  std::string_view take(std::size_t count, std::string_view what);

  template <class Number>
  Number take_number(std::string_view what) {
    return number_at<Number>(take(sizeof(Number), what), 0);
  }

  /// Fills `out`.
  void take_floats(std::span<float> out, std::string_view what);

  /// The bytes before the next `end`, which is taken too; valid until the next call. At most 4096 bytes.
  std::string_view take_until(char end, std::string_view what);

  /// Takes the next byte where it is `byte`.
  void skip_if(char byte);
  void skip(std::uint64_t count, std::string_view what);

  /// Checks `count` items of at least `item_bytes` > 0 against the length of the file, so that no number of the file
  /// can make us allocate more than a file of that length has. @throws DataError at `offset` where they cannot be there
  void require(std::uint64_t count, std::uint64_t item_bytes, std::uint64_t offset, std::string_view what) const;

  /// @throws DataError where there are more bytes
  void expect_end();

 private:
  ByteReader bytes_;
};

}  // namespace vecterm
