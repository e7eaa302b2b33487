// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/words/section_file.h"

#include <fmt/format.h>

#include "analyzers/base/checksum.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"

namespace vecterm {
namespace {

constexpr std::string_view kMagic("vecterm\x1a", 8);
constexpr std::uint32_t kLatestVersion = 2;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kEntryBytes = 48;
constexpr std::size_t kAlignment = 64;
constexpr std::uint32_t kMaxSections = 64;

std::size_t aligned(std::size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

void append_checksum(std::string& out, std::string_view of) {
  const Checksum sum = checksum(of);
  out.append(sum.data(), sum.size());
}

}  // namespace

SectionFile::SectionFile(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  read_header();
  std::size_t end = kHeaderBytes + table_.size();
  for (std::size_t at = 0; at < table_.size(); at += kEntryBytes) end = verify(table_.substr(at, kEntryBytes), end);
  if (end != bytes.size())
    throw Damaged(
        fmt::format("{}: must end with its last section, at byte {}; has {} bytes", name_, end, bytes.size()));
}

std::string_view SectionFile::get(std::string_view tag) const {
  for (std::size_t at = 0; at < table_.size(); at += kEntryBytes) {
    const std::string_view entry = table_.substr(at, kEntryBytes);
    if (entry.substr(0, 4) == tag)
      return bytes_.substr(number_at<std::uint64_t>(entry, 8), number_at<std::uint64_t>(entry, 16));
  }
  throw Damaged(fmt::format("{}: section {} is missing", name_, tag));
}

std::string_view SectionFile::get(std::string_view tag, std::uint64_t expected_bytes) const {
  const std::string_view section = get(tag);
  if (section.size() != expected_bytes)
    throw Damaged(fmt::format("{}: section {} must have {} bytes; has {}", name_, tag, expected_bytes, section.size()));
  return section;
}

void SectionFile::read_header() {
  if (bytes_.size() < kHeaderBytes || bytes_.substr(0, kMagic.size()) != kMagic)
    throw Damaged(
        fmt::format("{}: is not a vecterm dictionary, or is cut off within its first {} bytes", name_, kHeaderBytes));
  version_ = number_at<std::uint32_t>(bytes_, 8);
  if (version_ < 1 || version_ > kLatestVersion)
    throw Damaged(fmt::format("{}: dictionary version must be in [1, {}]; was {}", name_, kLatestVersion, version_));
  const auto count = number_at<std::uint32_t>(bytes_, 12);
  if (count < 1 || count > kMaxSections)
    throw Damaged(fmt::format("{}: number of sections must be in [1, {}]; was {}", name_, kMaxSections, count));
  if (const auto size = number_at<std::uint64_t>(bytes_, 16); size != bytes_.size())
    throw Damaged(
        fmt::format("{}: must have {} bytes; has {}: the file is truncated or damaged", name_, size, bytes_.size()));
  if (kHeaderBytes + count * kEntryBytes > bytes_.size()) throw Damaged(name_ + ": the section table is cut off");
  table_ = bytes_.substr(kHeaderBytes, count * kEntryBytes);
  const Checksum sum = checksum(table_);
  if (bytes_.substr(24, sum.size()) != std::string_view(sum.data(), sum.size()))
    throw Damaged(name_ + ": the section table is damaged (checksum)");
  require_zeros(24 + sum.size(), kHeaderBytes);
  fingerprint_ = to_hex(sum);
}

// The section of an entry must follow on what ends at byte `end`. Returns where it ends.
std::size_t SectionFile::verify(std::string_view entry, std::size_t end) const {
  const std::string_view tag = entry.substr(0, 4);
  const auto offset = number_at<std::uint64_t>(entry, 8);
  const auto size = number_at<std::uint64_t>(entry, 16);
  if (offset != aligned(end) || offset > bytes_.size() || size > bytes_.size() - offset)
    throw Damaged(fmt::format("{}: section {} lies outside the file or not where it must", name_, tag));
  require_zeros(end, offset);
  const std::string_view section = bytes_.substr(offset, size);
  const Checksum sum = checksum(section);
  if (entry.substr(24, sum.size()) != std::string_view(sum.data(), sum.size()))
    throw Damaged(fmt::format("{}: section {} is damaged (checksum)", name_, tag));
  return offset + size;
}

void SectionFile::require_zeros(std::size_t begin, std::size_t end) const {
  if (const std::size_t found = bytes_.find_first_not_of('\0', begin); found < end)
    throw Damaged(fmt::format("{}: byte {} must be 0: the file is damaged", name_, found));
}

std::string section_file(std::uint32_t version, const NamedSections& sections) {
  std::string table;
  std::size_t end = kHeaderBytes + kEntryBytes * sections.size();
  for (const auto& [tag, section] : sections) {
    const std::size_t offset = aligned(end);
    table += tag;
    append_number<std::uint32_t>(table, 0);
    append_number<std::uint64_t>(table, offset);
    append_number<std::uint64_t>(table, section.size());
    append_checksum(table, section);
    append_number<std::uint64_t>(table, 0);
    end = offset + section.size();
  }
  std::string bytes(kMagic);
  bytes.reserve(end);
  append_number<std::uint32_t>(bytes, version);
  append_number<std::uint32_t>(bytes, static_cast<std::uint32_t>(sections.size()));
  append_number<std::uint64_t>(bytes, end);
  append_checksum(bytes, table);
  bytes.resize(kHeaderBytes, '\0');
  bytes += table;
  for (const auto& [tag, section] : sections) {
    bytes.resize(aligned(bytes.size()), '\0');
    bytes += section;
  }
  return bytes;
}

}  // namespace vecterm
