// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/dictionary.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "analyzers/atomic_file.h"
#include "analyzers/checksum.h"
#include "analyzers/errors.h"
#include "analyzers/little_endian.h"
#include "analyzers/mapped_bytes.h"

namespace vecterm {
namespace {

constexpr std::string_view kMagic("vecterm\x1a", 8);
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kEntryBytes = 48;
constexpr std::size_t kAlignment = 64;
constexpr std::uint32_t kMaxSections = 64;
constexpr std::size_t kMaxDimensions = 4096;
constexpr std::size_t kMaxWords = 1U << 30;
constexpr std::size_t kHeadFixedBytes = 24;

std::size_t hash_slot(std::string_view word, std::size_t slots) {
  return static_cast<std::size_t>(XXH3_64bits(word.data(), word.size())) & (slots - 1);
}

std::size_t index_slots(std::size_t words) { return std::bit_ceil(std::max<std::size_t>(2 * words, 2)); }

std::size_t aligned(std::size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

/// The sections of a file after its structure and checksums were verified, and that all other bytes are zeros: no bit
/// of a file can change without notice.
class Sections {
 public:
  Sections(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {
    read_header();
    std::size_t end = kHeaderBytes + table_.size();
    for (std::size_t at = 0; at < table_.size(); at += kEntryBytes) end = verify(table_.substr(at, kEntryBytes), end);
    if (end != bytes.size())
      throw DataError(
          fmt::format("{}: must end with its last section, at byte {}; has {} bytes", name, end, bytes.size()));
  }

  std::string_view get(std::string_view tag) const {
    for (std::size_t at = 0; at < table_.size(); at += kEntryBytes) {
      const std::string_view entry = table_.substr(at, kEntryBytes);
      if (entry.substr(0, 4) == tag)
        return bytes_.substr(number_at<std::uint64_t>(entry, 8), number_at<std::uint64_t>(entry, 16));
    }
    throw DataError(fmt::format("{}: section {} is missing", name_, tag));
  }

  std::string_view get(std::string_view tag, std::uint64_t expected_bytes) const {
    const std::string_view section = get(tag);
    if (section.size() != expected_bytes)
      throw DataError(
          fmt::format("{}: section {} must have {} bytes; has {}", name_, tag, expected_bytes, section.size()));
    return section;
  }

  /// Of the section table, and so of every section's length and checksum.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  void read_header() {
    if (bytes_.size() < kHeaderBytes || bytes_.substr(0, kMagic.size()) != kMagic)
      throw DataError(
          fmt::format("{}: is not a vecterm dictionary, or is cut off within its first {} bytes", name_, kHeaderBytes));
    if (const auto version = number_at<std::uint32_t>(bytes_, 8); version != kVersion)
      throw DataError(fmt::format("{}: dictionary version must be {}; was {}", name_, kVersion, version));
    const auto count = number_at<std::uint32_t>(bytes_, 12);
    if (count < 1 || count > kMaxSections)
      throw DataError(fmt::format("{}: number of sections must be in [1, {}]; was {}", name_, kMaxSections, count));
    if (const auto size = number_at<std::uint64_t>(bytes_, 16); size != bytes_.size())
      throw DataError(
          fmt::format("{}: must have {} bytes; has {}: the file is truncated or damaged", name_, size, bytes_.size()));
    if (kHeaderBytes + count * kEntryBytes > bytes_.size()) throw DataError(name_ + ": the section table is cut off");
    table_ = bytes_.substr(kHeaderBytes, count * kEntryBytes);
    const Checksum sum = checksum(table_);
    if (bytes_.substr(24, sum.size()) != std::string_view(sum.data(), sum.size()))
      throw DataError(name_ + ": the section table is damaged (checksum)");
    require_zeros(24 + sum.size(), kHeaderBytes);
    fingerprint_ = to_hex(sum);
  }

  // The section of an entry must follow on what ends at byte `end`. Returns where it ends.
  std::size_t verify(std::string_view entry, std::size_t end) const {
    const std::string_view tag = entry.substr(0, 4);
    const auto offset = number_at<std::uint64_t>(entry, 8);
    const auto size = number_at<std::uint64_t>(entry, 16);
    if (offset != aligned(end) || offset > bytes_.size() || size > bytes_.size() - offset)
      throw DataError(fmt::format("{}: section {} lies outside the file or not where it must", name_, tag));
    require_zeros(end, offset);
    const std::string_view section = bytes_.substr(offset, size);
    const Checksum sum = checksum(section);
    if (entry.substr(24, sum.size()) != std::string_view(sum.data(), sum.size()))
      throw DataError(fmt::format("{}: section {} is damaged (checksum)", name_, tag));
    return offset + size;
  }

  void require_zeros(std::size_t begin, std::size_t end) const {
    if (const std::size_t found = bytes_.find_first_not_of('\0', begin); found < end)
      throw DataError(fmt::format("{}: byte {} must be 0: the file is damaged", name_, found));
  }

  std::string_view bytes_;
  const std::string& name_;
  std::string_view table_;
  std::string fingerprint_;
};

void require(bool holds, const std::string& message) {
  if (!holds) throw InvalidArgument("dictionary: " + message);
}

void check_contents(const DictionaryContents& contents) {
  const std::size_t n = contents.words.size();
  const std::size_t d = contents.dimensions;
  require(d >= 1 && d <= kMaxDimensions, fmt::format("dimensions must be in [1, {}]; was {}", kMaxDimensions, d));
  require(n <= kMaxWords, fmt::format("words must be at most {}; were {}", kMaxWords, n));
  require(contents.counts.size() == n, fmt::format("counts must be {}; were {}", n, contents.counts.size()));
  require(contents.weights.size() == n, fmt::format("weights must be {}; were {}", n, contents.weights.size()));
  require(contents.vectors.size() == n * d,
          fmt::format("vector numbers must be {}; were {}", n * d, contents.vectors.size()));
  require(contents.hash_space != nullptr, "a hash space is missing");
  require(contents.hash_space->dimensions() == d,
          fmt::format("hash space dimensions must be {}; were {}", d, contents.hash_space->dimensions()));
  require(contents.codec != VectorCodec::kSignBits, "codec must be float32, float16 or int8; was sign");
  for (std::size_t i = 0; i < n; ++i) {
    if (contents.words[i].empty()) throw InvalidArgument(fmt::format("dictionary: word {} is empty", i));
    if (!(contents.weights[i] >= 0 && contents.weights[i] <= 1))
      throw InvalidArgument(fmt::format("dictionary: weight of \"{}\" must be in [0, 1]; was {}", contents.words[i],
                                        contents.weights[i]));
  }
  const float largest = contents.codec == VectorCodec::kFloat16 ? 65504.0F : std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < n * d; ++i)
    if (!(std::fabs(contents.vectors[i]) <= largest))
      throw InvalidArgument(fmt::format("dictionary: numbers of \"{}\" must be in [-{}, {}]; number {} was {}",
                                        contents.words[i / d], largest, largest, i % d, contents.vectors[i]));
}

std::vector<std::size_t> byte_order(const std::vector<std::string>& words) {
  std::vector<std::size_t> order(words.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return words[a] < words[b]; });
  for (std::size_t i = 1; i < order.size(); ++i)
    if (words[order[i - 1]] == words[order[i]])
      throw InvalidArgument(fmt::format("dictionary: word \"{}\" is there twice", words[order[i]]));
  return order;
}

std::string index_section(const std::vector<std::string>& words, const std::vector<std::size_t>& order) {
  std::vector<std::uint32_t> slots(index_slots(words.size()), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::size_t slot = hash_slot(words[order[i]], slots.size());
    while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
    slots[slot] = static_cast<std::uint32_t>(i + 1);
  }
  return {reinterpret_cast<const char*>(slots.data()), slots.size() * sizeof(std::uint32_t)};
}

using NamedSections = std::vector<std::pair<std::string, std::string>>;

NamedSections make_sections(const DictionaryContents& contents) {
  const std::vector<std::size_t> order = byte_order(contents.words);
  const std::size_t d = contents.dimensions;
  std::string head, offsets, words, counts, weights, vectors;
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(d));
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(contents.codec));
  append_number<std::uint64_t>(head, order.size());
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(contents.tokenizer.size()));
  append_number<std::uint32_t>(head, 0);
  head += contents.tokenizer;
  for (const std::size_t i : order) {
    append_number<std::uint32_t>(offsets, static_cast<std::uint32_t>(words.size()));
    words += contents.words[i];
    if (words.size() > UINT32_MAX) throw InvalidArgument("dictionary: the words must have less than 4 GiB together");
    append_number<std::uint64_t>(counts, contents.counts[i]);
    append_number<float>(weights, contents.weights[i]);
    append_row(contents.codec, std::span(contents.vectors).subspan(i * d, d), vectors);
  }
  append_number<std::uint32_t>(offsets, static_cast<std::uint32_t>(words.size()));
  return {{"HEAD", std::move(head)},    {"OFFS", std::move(offsets)},
          {"WORD", std::move(words)},   {"INDX", index_section(contents.words, order)},
          {"CNTS", std::move(counts)},  {"WGHT", std::move(weights)},
          {"VECS", std::move(vectors)}, {"HASH", contents.hash_space->bytes()},
          {"PROV", contents.provenance}};
}

void append_checksum(std::string& out, std::string_view of) {
  const Checksum sum = checksum(of);
  out.append(sum.data(), sum.size());
}

}  // namespace

// The bytes of a file or of a string.
class Dictionary::Mapping {
 public:
  explicit Mapping(std::string owned) : owned_(std::move(owned)) {}
  explicit Mapping(MappedBytes file) : file_(std::move(file)) {}

  std::string_view bytes() const { return file_.view().empty() ? std::string_view(owned_) : file_.view(); }

 private:
  std::string owned_;
  MappedBytes file_;
};

Dictionary::~Dictionary() = default;

Dictionary::Dictionary(std::unique_ptr<Mapping> mapping, const std::string& name)
    : mapping_(std::move(mapping)), bytes_(mapping_->bytes()) {
  const Sections sections(bytes_, name);
  fingerprint_ = sections.fingerprint();
  const std::string_view head = sections.get("HEAD");
  if (head.size() < kHeadFixedBytes || head.size() != kHeadFixedBytes + number_at<std::uint32_t>(head, 16))
    throw DataError(name + ": section HEAD has a wrong length");
  dimensions_ = number_at<std::uint32_t>(head, 0);
  const auto codec = number_at<std::uint32_t>(head, 4);
  size_ = number_at<std::uint64_t>(head, 8);
  tokenizer_ = head.substr(kHeadFixedBytes);
  if (dimensions_ < 1 || dimensions_ > kMaxDimensions || codec > 2 || size_ > kMaxWords)
    throw DataError(
        fmt::format("{}: dimensions {}, codec {} or words {} out of bounds", name, dimensions_, codec, size_));
  codec_ = static_cast<VectorCodec>(codec);
  offsets_ = sections.get("OFFS", 4 * (size_ + 1));
  words_ = sections.get("WORD");
  index_ = sections.get("INDX", 4 * index_slots(size_));
  counts_ = sections.get("CNTS", 8 * size_);
  weights_ = sections.get("WGHT", 4 * size_);
  vectors_ = sections.get("VECS", size_ * row_bytes(codec_, dimensions_));
  provenance_ = sections.get("PROV");
  hash_space_ = HashSpace::parse(sections.get("HASH"));
  check_words(name);
  if (hash_space_->dimensions() != dimensions_)
    throw DataError(
        fmt::format("{}: hash space dimensions must be {}; were {}", name, dimensions_, hash_space_->dimensions()));
}

void Dictionary::check_words(const std::string& name) const {
  std::uint32_t start = 0;
  for (std::size_t i = 0; i <= size_; ++i) {
    const auto end = number_at<std::uint32_t>(offsets_, 4 * i);
    if (end < start || end > words_.size())
      throw DataError(fmt::format("{}: word {} lies outside section WORD", name, i));
    start = end;
  }
  bool has_free_slot = false;
  for (std::size_t offset = 0; offset < index_.size(); offset += 4) {
    const auto entry = number_at<std::uint32_t>(index_, offset);
    if (entry > size_) throw DataError(fmt::format("{}: section INDX names word {} of {}", name, entry, size_));
    has_free_slot = has_free_slot || entry == 0;
  }
  if (!has_free_slot) throw DataError(name + ": section INDX is full");
}

std::shared_ptr<const Dictionary> Dictionary::open(const std::string& path) {
  return std::shared_ptr<const Dictionary>(new Dictionary(std::make_unique<Mapping>(MappedBytes::of_file(path)), path));
}

std::shared_ptr<const Dictionary> Dictionary::parse(std::string bytes, const std::string& name) {
  return std::shared_ptr<const Dictionary>(new Dictionary(std::make_unique<Mapping>(std::move(bytes)), name));
}

std::optional<std::uint32_t> Dictionary::find(std::string_view wanted) const {
  const std::size_t slots = index_.size() / 4;
  for (std::size_t slot = hash_slot(wanted, slots);; slot = (slot + 1) & (slots - 1)) {
    const auto entry = number_at<std::uint32_t>(index_, 4 * slot);
    if (entry == 0) return std::nullopt;
    if (word(entry - 1) == wanted) return entry - 1;
  }
}

std::string_view Dictionary::word(std::size_t i) const {
  const auto start = number_at<std::uint32_t>(offsets_, 4 * i);
  return words_.substr(start, number_at<std::uint32_t>(offsets_, 4 * (i + 1)) - start);
}

std::uint64_t Dictionary::count(std::size_t i) const { return number_at<std::uint64_t>(counts_, 8 * i); }

float Dictionary::weight(std::size_t i) const { return number_at<float>(weights_, 4 * i); }

void Dictionary::copy_vector(std::size_t i, std::span<float> out) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  decode_row(codec_, vectors_.substr(i * size, size), out);
}

DictionaryContents Dictionary::contents() const {
  DictionaryContents contents;
  contents.dimensions = dimensions_;
  contents.codec = codec_;
  contents.hash_space = hash_space_;
  contents.tokenizer = tokenizer_;
  contents.provenance = provenance_;
  contents.vectors.resize(size_ * dimensions_);
  for (std::size_t i = 0; i < size_; ++i) {
    contents.words.emplace_back(word(i));
    contents.counts.push_back(count(i));
    contents.weights.push_back(weight(i));
    copy_vector(i, std::span(contents.vectors).subspan(i * dimensions_, dimensions_));
  }
  return contents;
}

std::string serialise_dictionary(const DictionaryContents& contents) {
  check_contents(contents);
  const NamedSections sections = make_sections(contents);
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
  append_number<std::uint32_t>(bytes, kVersion);
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

void write_dictionary(const std::string& path, const DictionaryContents& contents) {
  write_file_atomically(path, serialise_dictionary(contents));
}

}  // namespace vecterm
