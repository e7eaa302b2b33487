// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vecterm {

/// The sections of a dictionary file (format: dictionary.h) after its structure and checksums were verified, and that
/// all other bytes are zeros: no bit of a file can change without notice.
class SectionFile {
 public:
  /// Views into `bytes`. @param name  stands for the file in messages
  /// @throws Damaged
  SectionFile(std::string_view bytes, std::string name);

  /// @throws Damaged where it is missing
  std::string_view get(std::string_view tag) const;
  /// @throws Damaged where it has another length, too
  std::string_view get(std::string_view tag, std::uint64_t expected_bytes) const;

  std::uint32_t version() const { return version_; }
  /// Of the section table, and so of every section's length and checksum.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  void read_header();
  std::size_t verify(std::string_view entry, std::size_t end) const;
  void require_zeros(std::size_t begin, std::size_t end) const;

  std::string_view bytes_;
  std::string name_;
  std::uint32_t version_ = 0;
  std::string_view table_;
  std::string fingerprint_;
};

/// Tags, four characters each, and bytes.
using NamedSections = std::vector<std::pair<std::string, std::string>>;

/// The file that has these sections.
std::string section_file(std::uint32_t version, const NamedSections& sections);

}  // namespace vecterm
