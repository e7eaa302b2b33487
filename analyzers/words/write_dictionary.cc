// SPDX-License-Identifier: GPL-2.0-or-later
// serialise_dictionary() and write_dictionary() of dictionary.h: what the reader does not need.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/wording.h"
#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/words/dictionary_format.h"
#include "analyzers/words/section_file.h"

namespace vecterm {
namespace {

using namespace dictionary_format;

void require(bool holds, const std::string& message) {
  if (!holds) throw InvalidArgument("dictionary: " + message);
}

bool is_hashed(const DictionaryContents& contents) { return !contents.components.empty() || !contents.mixing.empty(); }

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

void check_pieces(const DictionaryContents& contents) {
  require(contents.ngrams.pieces == !contents.pieces.empty(),
          "how words are split into pieces must be there with them");
  if (!contents.ngrams.pieces) return;
  require(!contents.ngrams.trigrams && !is_hashed(contents), "with pieces it must not have trigrams or components");
  SubwordTokenizer::parse(contents.pieces, "dictionary");
}

void check_sketch(const TextSketch& sketch) {
  require(sketch.is_sound(),
          fmt::format("a sketch of {} texts must have {} hashes, ascending; had {}", sketch.size,
                      std::min<std::uint64_t>(sketch.size, TextSketch::kMost), sketch.hashes.size()));
}

void check_contents(const DictionaryContents& contents) {
  check_sizes(contents);
  check_sketch(contents.learned_queries);
  check_sketch(contents.learned_items);
  check_pieces(contents);
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
  const auto word = [&](std::size_t i) { return in_quotes(contents.words[i]); };
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

bool has_sketch(const DictionaryContents& contents) {
  return contents.learned_queries.size > 0 || contents.learned_items.size > 0;
}

std::string sketch_section(const DictionaryContents& contents) {
  std::string section;
  const auto sketches = {&contents.learned_queries, &contents.learned_items};
  for (const TextSketch* sketch : sketches) append_number<std::uint64_t>(section, sketch->size);
  for (const TextSketch* sketch : sketches)
    append_number<std::uint32_t>(section, static_cast<std::uint32_t>(sketch->hashes.size()));
  for (const TextSketch* sketch : sketches)
    for (const std::uint64_t hash : sketch->hashes) append_number<std::uint64_t>(section, hash);
  return section;
}

std::uint32_t flags_of(const DictionaryContents& contents) {
  return (contents.ngrams.bigrams ? kBigrams : 0) | (contents.ngrams.trigrams ? kTrigrams : 0) |
         (is_hashed(contents) ? kHashed : 0) | (contents.ngrams.pieces ? kPieces : 0) |
         (has_sketch(contents) ? kSketch : 0);
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
  if (has_sketch(contents)) sections.emplace_back("SEEN", sketch_section(contents));
  if (contents.ngrams.pieces) sections.emplace_back("PIEC", contents.pieces);
  return sections;
}

}  // namespace

std::string serialise_dictionary(const DictionaryContents& contents) {
  check_contents(contents);
  return section_file(flags_of(contents) == 0 ? 1 : 2, make_sections(contents));
}

void write_dictionary(const std::string& path, const DictionaryContents& contents) {
  write_file_atomically(path, serialise_dictionary(contents));
}

}  // namespace vecterm
