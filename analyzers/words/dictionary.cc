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

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/little_endian.h"
#include "analyzers/base/mapped_bytes.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/spaces/families.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/words/section_file.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxDimensions = kMostDimensions;
constexpr std::size_t kMaxWords = 1U << 30;
constexpr std::size_t kHeadFixedBytes = 24;

// What the flags of a file say. The values are persistent.
constexpr std::uint32_t kBigrams = 1;
constexpr std::uint32_t kTrigrams = 2;
constexpr std::uint32_t kHashed = 4;

std::size_t hash_slot(std::string_view word, std::size_t slots) {
  return static_cast<std::size_t>(XXH3_64bits(word.data(), word.size())) & (slots - 1);
}

std::size_t index_slots(std::size_t words) { return std::bit_ceil(std::max<std::size_t>(2 * words, 2)); }

void require(bool holds, const std::string& message) {
  if (!holds) throw InvalidArgument("dictionary: " + message);
}

bool is_hashed(const DictionaryContents& contents) { return !contents.components.empty() || !contents.mixing.empty(); }

std::string misspelled(std::string_view entry) {
  return fmt::format("word \"{}\" is no n-gram of the kinds that the dictionary has", entry);
}

void check_sizes(const DictionaryContents& contents) {
  const std::size_t n = contents.words.size();
  const std::size_t d = contents.dimensions;
  require(d >= 1 && d <= kMaxDimensions, fmt::format("dimensions must be in [1, {}]; was {}", kMaxDimensions, d));
  require(n <= kMaxWords, fmt::format("words must be at most {}; were {}", kMaxWords, n));
  require(contents.counts.size() == n, fmt::format("counts must be {}; were {}", n, contents.counts.size()));
  require(contents.weights.size() == n, fmt::format("weights must be {}; were {}", n, contents.weights.size()));
  const std::size_t vectors = is_hashed(contents) ? 0 : n * d;
  require(contents.vectors.size() == vectors,
          fmt::format("vector numbers must be {}; were {}", vectors, contents.vectors.size()));
  const std::size_t components = contents.components.size();
  if (is_hashed(contents)) {
    require(components > 0 && components % d == 0,
            fmt::format("component numbers must be a multiple of {} dimensions, at least one; were {}", d, components));
    require(components / d <= kMaxWords,
            fmt::format("components must be at most {}; were {}", kMaxWords, components / d));
    require(contents.mixing.size() == 2 * n,
            fmt::format("mixing numbers must be {}; were {}", 2 * n, contents.mixing.size()));
  }
  require(contents.hash_space != nullptr, "a hash space is missing");
  require(contents.hash_space->dimensions() == d,
          fmt::format("hash space dimensions must be {}; were {}", d, contents.hash_space->dimensions()));
}

// @param of  names the row of `dimensions` numbers that has a wrong one
template <class NameOfRow>
void check_numbers(std::span<const float> numbers, std::size_t dimensions, float largest, const NameOfRow& of) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!(std::fabs(numbers[i]) <= largest))
      throw InvalidArgument(fmt::format("dictionary: numbers of {} must be in [-{}, {}]; number {} was {}",
                                        of(i / dimensions), largest, largest, i % dimensions, numbers[i]));
}

void check_contents(const DictionaryContents& contents) {
  check_sizes(contents);
  require(is_dictionary_codec(static_cast<std::uint32_t>(contents.codec)),
          fmt::format("codec must be {}; was {}", alternatives(dictionary_codec_names()), codec_name(contents.codec)));
  for (std::size_t i = 0; i < contents.words.size(); ++i) {
    if (contents.words[i].empty()) throw InvalidArgument(fmt::format("dictionary: word {} is empty", i));
    if (!(contents.weights[i] >= 0 && contents.weights[i] <= 1))
      throw InvalidArgument(fmt::format("dictionary: weight of \"{}\" must be in [0, 1]; was {}", contents.words[i],
                                        contents.weights[i]));
    if (!is_entry(contents.words[i], contents.ngrams))
      throw InvalidArgument("dictionary: " + misspelled(contents.words[i]));
  }
  const float any = std::numeric_limits<float>::max();
  const float largest = largest_number(contents.codec);
  const auto word = [&](std::size_t i) { return fmt::format("\"{}\"", contents.words[i]); };
  check_numbers(contents.vectors, contents.dimensions, largest, word);
  check_numbers(contents.components, contents.dimensions, largest,
                [](std::size_t i) { return fmt::format("component {}", i); });
  check_numbers(contents.mixing, 2, any, [&](std::size_t i) { return "the mixing of " + word(i); });
}

std::vector<std::size_t> in_order(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::vector<std::size_t> byte_order(const std::vector<std::string>& words) {
  std::vector<std::size_t> order = in_order(words.size());
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

std::uint32_t flags_of(const DictionaryContents& contents) {
  return (contents.ngrams.bigrams ? kBigrams : 0) | (contents.ngrams.trigrams ? kTrigrams : 0) |
         (is_hashed(contents) ? kHashed : 0);
}

std::string head_section(const DictionaryContents& contents) {
  std::string head;
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(contents.dimensions));
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(contents.codec));
  append_number<std::uint64_t>(head, contents.words.size());
  append_number<std::uint32_t>(head, static_cast<std::uint32_t>(contents.tokenizer.size()));
  append_number<std::uint32_t>(head, flags_of(contents));
  return head + contents.tokenizer;
}

std::string rows_section(const DictionaryContents& contents, std::span<const float> rows,
                         const std::vector<std::size_t>& order) {
  std::string section;
  for (const std::size_t i : order)
    append_row(contents.codec, rows.subspan(i * contents.dimensions, contents.dimensions), section);
  return section;
}

NamedSections make_sections(const DictionaryContents& contents) {
  const std::vector<std::size_t> order = byte_order(contents.words);
  std::string offsets, words, counts, weights, mixing;
  for (const std::size_t i : order) {
    append_number<std::uint32_t>(offsets, static_cast<std::uint32_t>(words.size()));
    words += contents.words[i];
    if (words.size() > UINT32_MAX) throw InvalidArgument("dictionary: the words must have less than 4 GiB together");
    append_number<std::uint64_t>(counts, contents.counts[i]);
    append_number<float>(weights, contents.weights[i]);
    if (!is_hashed(contents)) continue;
    for (const std::size_t k : {0, 1}) append_number<float>(mixing, contents.mixing[2 * i + k]);
  }
  append_number<std::uint32_t>(offsets, static_cast<std::uint32_t>(words.size()));
  std::string vectors = is_hashed(contents) ? std::string() : rows_section(contents, contents.vectors, order);
  NamedSections sections{{"HEAD", head_section(contents)}, {"OFFS", std::move(offsets)},
                         {"WORD", std::move(words)},       {"INDX", index_section(contents.words, order)},
                         {"CNTS", std::move(counts)},      {"WGHT", std::move(weights)},
                         {"VECS", std::move(vectors)},     {"HASH", contents.hash_space->bytes()},
                         {"PROV", contents.provenance}};
  if (is_hashed(contents)) {
    const auto rows = in_order(contents.components.size() / contents.dimensions);
    sections.emplace_back("COMP", rows_section(contents, contents.components, rows));
    sections.emplace_back("MIXW", std::move(mixing));
  }
  return sections;
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
  const SectionFile sections(bytes_, name);
  fingerprint_ = sections.fingerprint();
  read_head(sections, name);
  offsets_ = sections.get("OFFS", 4 * (size_ + 1));
  words_ = sections.get("WORD");
  index_ = sections.get("INDX", 4 * index_slots(size_));
  counts_ = sections.get("CNTS", 8 * size_);
  weights_ = sections.get("WGHT", 4 * size_);
  vectors_ = sections.get("VECS", hashed_ ? 0 : size_ * row_bytes(codec_, dimensions_));
  if (hashed_) read_components(sections, name);
  provenance_ = sections.get("PROV");
  hash_space_ = parse_hash_space(sections.get("HASH"));
  check_words(name);
  if (hash_space_->dimensions() != dimensions_)
    throw DataError(
        fmt::format("{}: hash space dimensions must be {}; were {}", name, dimensions_, hash_space_->dimensions()));
}

void Dictionary::read_head(const SectionFile& sections, const std::string& name) {
  const std::string_view head = sections.get("HEAD");
  if (head.size() < kHeadFixedBytes || head.size() != kHeadFixedBytes + number_at<std::uint32_t>(head, 16))
    throw DataError(name + ": section HEAD has a wrong length");
  dimensions_ = number_at<std::uint32_t>(head, 0);
  const auto codec = number_at<std::uint32_t>(head, 4);
  size_ = number_at<std::uint64_t>(head, 8);
  const auto flags = number_at<std::uint32_t>(head, 20);
  tokenizer_ = head.substr(kHeadFixedBytes);
  if (dimensions_ < 1 || dimensions_ > kMaxDimensions || !is_dictionary_codec(codec) || size_ > kMaxWords)
    throw DataError(
        fmt::format("{}: dimensions {}, codec {} or words {} out of bounds", name, dimensions_, codec, size_));
  if (sections.version() != (flags == 0 ? 1 : 2) || flags > (kBigrams | kTrigrams | kHashed))
    throw DataError(fmt::format("{}: flags {} are none of version {}", name, flags, sections.version()));
  codec_ = static_cast<VectorCodec>(codec);
  ngrams_ = {.bigrams = (flags & kBigrams) != 0, .trigrams = (flags & kTrigrams) != 0};
  hashed_ = (flags & kHashed) != 0;
}

void Dictionary::read_components(const SectionFile& sections, const std::string& name) {
  components_ = sections.get("COMP");
  mixing_ = sections.get("MIXW", 8 * size_);
  const std::size_t row = row_bytes(codec_, dimensions_);
  if (components_.empty() || components_.size() % row != 0)
    throw DataError(fmt::format("{}: section COMP must have a multiple of {} bytes, at least one; has {}", name, row,
                                components_.size()));
}

void Dictionary::check_words(const std::string& name) const {
  std::uint32_t start = 0;
  for (std::size_t i = 0; i <= size_; ++i) {
    const auto end = number_at<std::uint32_t>(offsets_, 4 * i);
    if (end < start || end > words_.size())
      throw DataError(fmt::format("{}: word {} lies outside section WORD", name, i));
    if (i > 0 && !is_entry(word(i - 1), ngrams_)) throw DataError(fmt::format("{}: {}", name, misspelled(word(i - 1))));
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

std::size_t Dictionary::components() const { return hashed_ ? components_.size() / row_bytes(codec_, dimensions_) : 0; }

NGramCounts Dictionary::entries() const {
  NGramCounts counts;
  for (std::size_t i = 0; i < size_; ++i) counts.add(kind(i));
  return counts;
}

void Dictionary::copy_vector(std::size_t i, std::span<float> out) const {
  copy_own_vector(i, out);
  if (!hashed_ || !ngrams_.trigrams || weight(i) == 0 || kind(i) != NGram::kWord) return;
  std::vector<double> sum(out.begin(), out.end());
  add_trigrams(word(i), 1 / static_cast<double>(weight(i)), sum);
  std::ranges::transform(sum, out.begin(), [](double value) { return static_cast<float>(value); });
}

// Without the trigrams of a word in a hashed dictionary.
void Dictionary::copy_own_vector(std::size_t i, std::span<float> out) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  if (!hashed_) return decode_row(codec_, vectors_.substr(i * size, size), out);
  std::vector<double> sum(dimensions_, 0.0);
  const auto rows = components_of(word(i), components());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    decode_row(codec_, components_.substr(rows[k] * size, size), out);
    add_scaled(static_cast<double>(number_at<float>(mixing_, 8 * i + 4 * k)), out, sum);
  }
  std::ranges::transform(sum, out.begin(), [](double value) { return static_cast<float>(value); });
}

DictionaryContents Dictionary::contents() const {
  DictionaryContents contents;
  contents.dimensions = dimensions_;
  contents.codec = codec_;
  contents.hash_space = hash_space_;
  contents.ngrams = ngrams_;
  contents.tokenizer = tokenizer_;
  contents.provenance = provenance_;
  for (std::size_t i = 0; i < size_; ++i) {
    contents.words.emplace_back(word(i));
    contents.counts.push_back(count(i));
    contents.weights.push_back(weight(i));
  }
  contents.vectors = decoded(vectors_);
  contents.components = decoded(components_);
  contents.mixing.resize(mixing_.size() / sizeof(float));
  if (!mixing_.empty()) std::memcpy(contents.mixing.data(), mixing_.data(), mixing_.size());
  return contents;
}

// Row-major numbers of stored rows.
std::vector<float> Dictionary::decoded(std::string_view rows) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  std::vector<float> numbers(rows.size() / size * dimensions_);
  for (std::size_t i = 0; i * size < rows.size(); ++i)
    decode_row(codec_, rows.substr(i * size, size), std::span(numbers).subspan(i * dimensions_, dimensions_));
  return numbers;
}

bool Dictionary::add_trigrams(std::string_view of, double factor, std::span<double> sum) const {
  if (!ngrams_.trigrams) return false;
  bool is_any_known = false;
  std::vector<float> row(dimensions_);
  for (const std::string& trigram : trigrams_of(of)) {
    const auto i = find(trigram);
    if (!i) continue;
    is_any_known = true;
    copy_own_vector(*i, row);
    add_scaled(factor * static_cast<double>(weight(*i)), row, sum);
  }
  return is_any_known;
}

std::array<std::size_t, 2> components_of(std::string_view entry, std::size_t components) {
  return {static_cast<std::size_t>(XXH3_64bits_withSeed(entry.data(), entry.size(), 1)) % components,
          static_cast<std::size_t>(XXH3_64bits_withSeed(entry.data(), entry.size(), 2)) % components};
}

std::string serialise_dictionary(const DictionaryContents& contents) {
  check_contents(contents);
  return section_file(flags_of(contents) == 0 ? 1 : 2, make_sections(contents));
}

void write_dictionary(const std::string& path, const DictionaryContents& contents) {
  write_file_atomically(path, serialise_dictionary(contents));
}

}  // namespace vecterm
