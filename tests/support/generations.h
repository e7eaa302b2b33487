// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/generations.h"
#include "index/reindex.h"
#include "tests/support/corpus.h"

/// Dictionaries that follow one another.
namespace vecterm::test {

/// Whether moved_dictionary() moves an entry by this number: the word, bigrams that it begins, a trigram of an unknown
/// word.
inline bool is_moved(std::string_view entry, std::size_t number) {
  const std::string word = "w" + std::to_string(number);
  return entry == word || entry.starts_with(word + " ") || entry == " w6" + std::to_string(number % 10);
}

/// The dictionary with the same hash space, in which the entries of these numbers have moved.
inline std::shared_ptr<const Dictionary> moved_dictionary(const Dictionary& before,
                                                          const std::vector<std::size_t>& numbers,
                                                          std::uint64_t seed = 7) {
  DictionaryContents contents = before.contents();
  Random random(seed);
  for (std::size_t i = 0; i < before.size(); ++i)
    for (const std::size_t number : numbers) {
      if (!is_moved(before.word(i), number)) continue;
      if (before.components() > 0)
        contents.mixing[2 * i] = random.number();
      else
        std::ranges::copy(random.unit(before.dimensions()),
                          contents.vectors.begin() + static_cast<std::ptrdiff_t>(i * before.dimensions()));
    }
  return Dictionary::parse(serialise_dictionary(contents));
}

/// Other vectors and another hash space.
inline std::shared_ptr<const Dictionary> other_dictionary(std::uint64_t seed = 3, Entries entries = Entries::kWords) {
  return dictionary_with(corpus_words(), small_hyperplanes(8, 4, 5, seed), seed, entries);
}

inline ReindexOptions small_reindex_batches(std::uint32_t batch, unsigned threads = 2) {
  return {.write = small_batches(batch, threads)};
}

/// Takes from documents what belongs to a hash space, and the value slot, so that indexes of other generations can be
/// compared.
inline void forget(std::map<Xapian::docid, StoredDocument>& documents, const std::string& hash_space,
                   Xapian::valueno slot) {
  for (auto& [docid, document] : documents) {
    std::erase_if(document.terms, [&](const auto& term) { return hash_space_of(term.term, "XLSH") == hash_space; });
    document.values.erase(slot);
  }
}

}  // namespace vecterm::test
