// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "index/generations.h"
#include "index/reindex.h"
#include "tests/index/support_corpus.h"

/// Dictionaries that follow one another.
namespace vecterm::test {

/// corpus_dictionary() with the same hash space, in which the words of these numbers have moved.
inline std::shared_ptr<const Dictionary> moved_dictionary(const Dictionary& before,
                                                          const std::vector<std::size_t>& numbers,
                                                          std::uint64_t seed = 7) {
  DictionaryContents contents;
  contents.dimensions = before.dimensions();
  std::vector<float> row(before.dimensions());
  Random random(seed);
  for (std::size_t i = 0; i < before.size(); ++i) {
    contents.words.emplace_back(before.word(i));
    contents.counts.push_back(before.count(i));
    contents.weights.push_back(before.weight(i));
    before.copy_vector(i, row);
    for (const std::size_t number : numbers)
      if (before.word(i) == "w" + std::to_string(number)) row = random.unit(before.dimensions());
    contents.vectors.insert(contents.vectors.end(), row.begin(), row.end());
  }
  contents.hash_space = before.shared_hash_space();
  contents.tokenizer = before.tokenizer();
  contents.provenance = before.provenance();
  return Dictionary::parse(serialise_dictionary(contents));
}

/// Other vectors and another hash space.
inline std::shared_ptr<const Dictionary> other_dictionary(std::uint64_t seed = 3) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kVocabulary; ++i) words.push_back("w" + std::to_string(i));
  return small_dictionary(std::move(words), small_hyperplanes(8, 4, 5, seed), seed);
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
