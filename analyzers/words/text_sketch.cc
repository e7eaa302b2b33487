// SPDX-License-Identifier: GPL-2.0-or-later
// TextSketch of dictionary.h.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "analyzers/dictionary.h"

namespace vecterm {

std::uint64_t TextSketch::hash_of(const TermList& terms) {
  std::string bag;
  for (const auto& [term, wdf] : terms)
    if (ngram_of(term) == NGram::kWord) fmt::format_to(std::back_inserter(bag), "{}\n{}\n", term, wdf);
  return XXH3_64bits(bag.data(), bag.size());
}

bool TextSketch::is_sound() const {
  return hashes.size() == std::min<std::uint64_t>(size, kMost) &&
         std::ranges::adjacent_find(hashes, std::ranges::greater_equal()) == hashes.end();
}

TextSketch TextSketch::of(std::vector<std::uint64_t> hashes) {
  std::ranges::sort(hashes);
  const auto repeated = std::ranges::unique(hashes);
  hashes.erase(repeated.begin(), repeated.end());
  TextSketch sketch;
  sketch.size = hashes.size();
  hashes.resize(std::min(hashes.size(), kMost));
  sketch.hashes = std::move(hashes);
  return sketch;
}

TextSketch TextSketch::with(const TextSketch& other) const {
  std::vector<std::uint64_t> both;
  std::ranges::set_union(hashes, other.hashes, std::back_inserter(both));
  TextSketch sketch;
  sketch.size = both.size();
  // Beyond what either knows wholly, the hashes tell how many there are by how near they lie.
  if (is_part() || other.is_part() || both.size() > kMost) {
    both.resize(std::min(both.size(), kMost));
    const double share =
        static_cast<double>(both.back()) / static_cast<double>(std::numeric_limits<std::uint64_t>::max());
    sketch.size =
        std::max({size, other.size, static_cast<std::uint64_t>(static_cast<double>(both.size() - 1) / share)});
  }
  sketch.hashes = std::move(both);
  return sketch;
}

std::optional<double> TextSketch::share(std::span<const std::uint64_t> texts) const {
  std::size_t looked = 0, found = 0;
  for (const std::uint64_t text : texts) {
    if (is_part() && text > hashes.back()) continue;
    ++looked;
    found += std::ranges::binary_search(hashes, text) ? 1 : 0;
  }
  if (looked == 0 || size == 0) return std::nullopt;
  return static_cast<double>(found) / static_cast<double>(looked);
}

}  // namespace vecterm
