// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/dictionary.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "analyzers/base/mapped_bytes.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/spaces/families.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/words/dictionary_format.h"
#include "analyzers/words/section_file.h"

namespace vecterm {

using namespace dictionary_format;

namespace {

// The bytes of a file or of a string.
class FileBytes {
 public:
  explicit FileBytes(std::string owned) : owned_(std::move(owned)) {}
  explicit FileBytes(MappedBytes file) : file_(std::move(file)) {}

  std::string_view view() const { return file_.view().empty() ? std::string_view(owned_) : file_.view(); }

 private:
  std::string owned_;
  MappedBytes file_;
};

}  // namespace

// A file that was verified, and its sections.
struct Dictionary::Internal {
  Internal(FileBytes content, const std::string& name);

  FileBytes file;
  std::size_t size = 0;
  std::size_t dimensions = 0;
  VectorCodec codec = VectorCodec::kFloat32;
  NGramKinds ngrams;
  bool hashed = false;
  bool sketched = false;
  std::string_view tokenizer;
  std::string_view provenance;
  std::string_view offsets;
  std::string_view words;
  std::string_view index;
  std::string_view counts;
  std::string_view weights;
  std::string_view vectors;
  std::string_view components;
  std::string_view mixing;
  TextSketch queries;
  TextSketch items;
  std::string_view pieces;
  std::shared_ptr<const SubwordTokenizer> subwords;
  std::shared_ptr<const HashSpace> hash_space;
  std::string fingerprint;

  std::size_t row_size() const { return row_bytes(codec, dimensions); }
  std::string_view word(std::size_t i) const;
  std::size_t component_count() const { return hashed ? components.size() / row_size() : 0; }
  void copy_own_vector(std::size_t i, std::span<float> out) const;
  std::vector<float> decoded(std::string_view rows) const;

 private:
  void read_head(const SectionFile& sections, const std::string& name);
  void read_components(const SectionFile& sections, const std::string& name);
  void read_sketch(const SectionFile& sections, const std::string& name);
  void read_pieces(const SectionFile& sections, const std::string& name);
  void check_words(const std::string& name) const;
  void check_index(const std::string& name) const;
};

Dictionary::Internal::Internal(FileBytes content, const std::string& name) : file(std::move(content)) {
  const SectionFile sections(file.view(), name);
  fingerprint = sections.fingerprint();
  read_head(sections, name);
  offsets = sections.get("OFFS", 4 * (size + 1));
  words = sections.get("WORD");
  index = sections.get("INDX", 4 * index_slots(size));
  counts = sections.get("CNTS", 8 * size);
  weights = sections.get("WGHT", 4 * size);
  vectors = sections.get("VECS", hashed ? 0 : size * row_size());
  if (hashed) read_components(sections, name);
  if (sketched) read_sketch(sections, name);
  if (ngrams.pieces) read_pieces(sections, name);
  provenance = sections.get("PROV");
  hash_space = parse_hash_space(sections.get("HASH"));
  check_words(name);
  check_index(name);
  if (hash_space->dimensions() != dimensions)
    throw Damaged(
        fmt::format("{}: hash space dimensions must be {}; were {}", name, dimensions, hash_space->dimensions()));
}

void Dictionary::Internal::read_head(const SectionFile& sections, const std::string& name) {
  const std::string_view head = sections.get("HEAD");
  if (head.size() < kHeadFixedBytes || head.size() != kHeadFixedBytes + number_at<std::uint32_t>(head, 16))
    throw Damaged(name + ": section HEAD has a wrong length");
  dimensions = number_at<std::uint32_t>(head, 0);
  const auto stored_codec = number_at<std::uint32_t>(head, 4);
  size = number_at<std::uint64_t>(head, 8);
  const auto flags = number_at<std::uint32_t>(head, 20);
  tokenizer = head.substr(kHeadFixedBytes);
  if (dimensions < 1 || dimensions > kMaxDimensions || !is_dictionary_codec(stored_codec) || size > kMaxWords)
    throw Damaged(
        fmt::format("{}: dimensions {}, codec {} or words {} out of bounds", name, dimensions, stored_codec, size));
  if (sections.version() != (flags == 0 ? 1 : 2) || !is_valid(flags))
    throw Damaged(fmt::format("{}: flags {} are none of version {}", name, flags, sections.version()));
  codec = static_cast<VectorCodec>(stored_codec);
  ngrams = {.bigrams = (flags & kBigrams) != 0, .trigrams = (flags & kTrigrams) != 0, .pieces = (flags & kPieces) != 0};
  hashed = (flags & kHashed) != 0;
  sketched = (flags & kSketch) != 0;
}

void Dictionary::Internal::read_components(const SectionFile& sections, const std::string& name) {
  components = sections.get("COMP");
  mixing = sections.get("MIXW", 8 * size);
  if (components.empty() || components.size() % row_size() != 0)
    throw Damaged(fmt::format("{}: section COMP must have a multiple of {} bytes, at least one; has {}", name,
                              row_size(), components.size()));
}

void Dictionary::Internal::read_sketch(const SectionFile& sections, const std::string& name) {
  constexpr std::size_t kFixed = 24;
  const std::string_view section = sections.get("SEEN");
  const auto require = [&](bool holds) {
    if (!holds) throw Damaged(fmt::format("{}: section SEEN is no sketch of texts", name));
  };
  require(section.size() >= kFixed);
  std::size_t at = kFixed;
  for (std::size_t i = 0; i < 2; ++i) {
    TextSketch& sketch = i == 0 ? queries : items;
    sketch.size = number_at<std::uint64_t>(section, 8 * i);
    const std::size_t count = number_at<std::uint32_t>(section, 16 + 4 * i);
    require(count <= (section.size() - at) / 8);
    for (const std::size_t end = at + 8 * count; at < end; at += 8)
      sketch.hashes.push_back(number_at<std::uint64_t>(section, at));
    require(sketch.is_sound());
  }
  require(at == section.size() && (queries.size > 0 || items.size > 0));
}

void Dictionary::Internal::read_pieces(const SectionFile& sections, const std::string& name) try {
  pieces = sections.get("PIEC");
  subwords = SubwordTokenizer::parse(pieces, "section PIEC");
} catch (const Damaged&) {
  throw;
} catch (const DataError& error) {
  throw Damaged(fmt::format("{}: {}", name, error.what()));
}

void Dictionary::Internal::check_words(const std::string& name) const {
  std::uint32_t start = 0;
  for (std::size_t i = 0; i <= size; ++i) {
    const auto end = number_at<std::uint32_t>(offsets, 4 * i);
    if (end < start || end > words.size()) throw Damaged(fmt::format("{}: word {} lies outside section WORD", name, i));
    if (i > 0 && !is_entry(word(i - 1), ngrams)) throw Damaged(fmt::format("{}: {}", name, misspelled(word(i - 1))));
    start = end;
  }
}

void Dictionary::Internal::check_index(const std::string& name) const {
  bool has_free_slot = false;
  for (std::size_t offset = 0; offset < index.size(); offset += 4) {
    const auto entry = number_at<std::uint32_t>(index, offset);
    if (entry > size) throw Damaged(fmt::format("{}: section INDX names word {} of {}", name, entry, size));
    has_free_slot = has_free_slot || entry == 0;
  }
  if (!has_free_slot) throw Damaged(name + ": section INDX is full");
}

std::string_view Dictionary::Internal::word(std::size_t i) const {
  const auto start = number_at<std::uint32_t>(offsets, 4 * i);
  return words.substr(start, number_at<std::uint32_t>(offsets, 4 * (i + 1)) - start);
}

// Without the trigrams of a word in a hashed dictionary.
void Dictionary::Internal::copy_own_vector(std::size_t i, std::span<float> out) const {
  const std::size_t bytes = row_size();
  if (!hashed) return decode_row(codec, vectors.substr(i * bytes, bytes), out);
  std::vector<double> sum(dimensions, 0.0);
  const auto rows = components_of(word(i), component_count());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    decode_row(codec, components.substr(rows[k] * bytes, bytes), out);
    add_scaled(static_cast<double>(number_at<float>(mixing, 8 * i + 4 * k)), out, sum);
  }
  std::ranges::transform(sum, out.begin(), [](double value) { return static_cast<float>(value); });
}

// Row-major numbers of stored rows.
std::vector<float> Dictionary::Internal::decoded(std::string_view rows) const {
  const std::size_t bytes = row_size();
  std::vector<float> numbers(rows.size() / bytes * dimensions);
  for (std::size_t i = 0; i * bytes < rows.size(); ++i)
    decode_row(codec, rows.substr(i * bytes, bytes), std::span(numbers).subspan(i * dimensions, dimensions));
  return numbers;
}

Dictionary::Dictionary(std::unique_ptr<const Internal> internal) : internal_(std::move(internal)) {}

Dictionary::~Dictionary() = default;

std::shared_ptr<const Dictionary> Dictionary::open(const std::string& path) {
  return std::shared_ptr<const Dictionary>(
      new Dictionary(std::make_unique<const Internal>(FileBytes(MappedBytes::of_file(path)), path)));
}

std::shared_ptr<const Dictionary> Dictionary::parse(std::string bytes, const std::string& name) {
  return std::shared_ptr<const Dictionary>(
      new Dictionary(std::make_unique<const Internal>(FileBytes(std::move(bytes)), name)));
}

std::size_t Dictionary::size() const { return internal_->size; }
NGramKinds Dictionary::ngrams() const { return internal_->ngrams; }
std::size_t Dictionary::dimensions() const { return internal_->dimensions; }
VectorCodec Dictionary::codec() const { return internal_->codec; }
const HashSpace& Dictionary::hash_space() const { return *internal_->hash_space; }
std::shared_ptr<const HashSpace> Dictionary::shared_hash_space() const { return internal_->hash_space; }
std::string_view Dictionary::tokenizer() const { return internal_->tokenizer; }
std::string_view Dictionary::provenance() const { return internal_->provenance; }
const std::string& Dictionary::fingerprint() const { return internal_->fingerprint; }
std::string_view Dictionary::word(std::size_t i) const { return internal_->word(i); }
NGram Dictionary::kind(std::size_t i) const { return ngrams().any() ? ngram_of(word(i)) : NGram::kWord; }
std::uint64_t Dictionary::count(std::size_t i) const { return number_at<std::uint64_t>(internal_->counts, 8 * i); }
float Dictionary::weight(std::size_t i) const { return number_at<float>(internal_->weights, 4 * i); }
std::size_t Dictionary::components() const { return internal_->component_count(); }
std::string_view Dictionary::bytes() const { return internal_->file.view(); }

NGramCounts Dictionary::entries() const {
  NGramCounts counts;
  for (std::size_t i = 0; i < size(); ++i) counts.add(kind(i));
  return counts;
}

std::optional<std::uint32_t> Dictionary::find(std::string_view wanted) const {
  const std::string_view index = internal_->index;
  const std::size_t slots = index.size() / 4;
  for (std::size_t slot = hash_slot(wanted, slots);; slot = (slot + 1) & (slots - 1)) {
    const auto entry = number_at<std::uint32_t>(index, 4 * slot);
    if (entry == 0) return std::nullopt;
    if (word(entry - 1) == wanted) return entry - 1;
  }
}

void Dictionary::copy_vector(std::size_t i, std::span<float> out) const {
  internal_->copy_own_vector(i, out);
  if (!internal_->hashed || !ngrams().trigrams || weight(i) == 0 || kind(i) != NGram::kWord) return;
  std::vector<double> sum(out.begin(), out.end());
  add_subwords(word(i), 1 / static_cast<double>(weight(i)), sum);
  std::ranges::transform(sum, out.begin(), [](double value) { return static_cast<float>(value); });
}

const TextSketch& Dictionary::learned_queries() const { return internal_->queries; }
const TextSketch& Dictionary::learned_items() const { return internal_->items; }
std::string_view Dictionary::pieces() const { return internal_->pieces; }

std::vector<std::string> Dictionary::subwords_of(std::string_view word) const {
  return vecterm::subwords_of(word, ngrams(), internal_->subwords.get());
}

bool Dictionary::add_subwords(std::string_view of, double factor, std::span<double> sum) const {
  bool is_any_known = false;
  std::vector<float> row(dimensions());
  for (const std::string& subword : subwords_of(of)) {
    const auto i = find(subword);
    if (!i) continue;
    is_any_known = true;
    internal_->copy_own_vector(*i, row);
    add_scaled(factor * static_cast<double>(weight(*i)), row, sum);
  }
  return is_any_known;
}

DictionaryContents Dictionary::contents() const {
  DictionaryContents contents;
  contents.dimensions = dimensions();
  contents.codec = codec();
  contents.hash_space = shared_hash_space();
  contents.ngrams = ngrams();
  contents.pieces = pieces();
  contents.learned_queries = learned_queries();
  contents.learned_items = learned_items();
  contents.tokenizer = tokenizer();
  contents.provenance = provenance();
  for (std::size_t i = 0; i < size(); ++i) {
    contents.words.emplace_back(word(i));
    contents.counts.push_back(count(i));
    contents.weights.push_back(weight(i));
  }
  contents.vectors = internal_->decoded(internal_->vectors);
  contents.components = internal_->decoded(internal_->components);
  const std::string_view mixing = internal_->mixing;
  contents.mixing.resize(mixing.size() / sizeof(float));
  if (!mixing.empty()) std::memcpy(contents.mixing.data(), mixing.data(), mixing.size());
  return contents;
}

std::array<std::size_t, 2> components_of(std::string_view entry, std::size_t components) {
  return {static_cast<std::size_t>(XXH3_64bits_withSeed(entry.data(), entry.size(), 1)) % components,
          static_cast<std::size_t>(XXH3_64bits_withSeed(entry.data(), entry.size(), 2)) % components};
}

}  // namespace vecterm
