// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/record_check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "analyzers/errors.h"
#include "analyzers/vector_codec.h"
#include "index/store/index_files.h"
#include "plugin/document_embedder.h"

namespace vecterm {
namespace {

using Documents = std::vector<Xapian::Document>;

constexpr std::size_t kSample = 64;
constexpr unsigned kGenerations = 16;  // that values tell apart
constexpr std::size_t kMostPlaces = 8;

Documents sample_of(const Xapian::Database& database) {
  std::vector<Xapian::docid> docids(database.postlist_begin({}), database.postlist_end({}));
  const std::size_t count = std::min(kSample, docids.size());
  Documents documents;
  for (std::size_t i = 0; i < count; ++i) documents.push_back(database.get_document(docids[i * docids.size() / count]));
  return documents;
}

/// The key that was counted most often, or nothing where there is none.
template <class Key>
std::optional<Key> most_frequent(const std::map<Key, std::size_t>& counts) {
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  if (most == counts.end()) return std::nullopt;
  return most->first;
}

/// What stands before the marker of a hash space in most documents.
std::optional<std::string> prefix_of(const Documents& documents, const std::string& hash_space) {
  std::map<std::string, std::size_t> counts;
  const std::string marker = schema::kMarker + hash_space;
  for (const Xapian::Document& document : documents)
    for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term)
      if (const std::string text = *term; text.starts_with('X') && text.ends_with(marker))
        ++counts[text.substr(0, text.size() - marker.size())];
  return most_frequent(counts);
}

/// Slot, generation modulo 16, and codec of a vector.
using VectorPlace = std::tuple<Xapian::valueno, unsigned, VectorCodec>;

/// Those of what many documents have that may be a vector of `dimensions`, at most kMostPlaces.
std::vector<VectorPlace> vectors_of(const Documents& documents, std::size_t dimensions) {
  std::map<VectorPlace, std::size_t> counts;
  for (const Xapian::Document& document : documents)
    for (auto value = document.values_begin(); value != document.values_end(); ++value) {
      const std::string text = *value;
      const unsigned head = text.empty() ? 0 : static_cast<unsigned char>(text[0]);
      if (head % 16 >= codec_names().size()) continue;
      const auto codec = static_cast<VectorCodec>(head % 16);
      if (text.size() == 1 + row_bytes(codec, dimensions)) ++counts[{value.get_valueno(), head / 16, codec}];
    }
  std::vector<VectorPlace> places;
  for (const auto& [place, count] : counts)
    if (2 * count > documents.size() && places.size() < kMostPlaces) places.push_back(place);
  return places;
}

/// The records that the documents may show to one who knows their dictionary.
std::vector<IndexRecord> records_with(const Dictionary& dictionary, const Documents& documents, IndexRecord record) {
  record.dictionary = dictionary.fingerprint();
  record.hash_space = dictionary.hash_space().id();
  record.dimensions = dictionary.dimensions();
  if (auto prefix = prefix_of(documents, record.hash_space)) record.settings.token_prefix = std::move(*prefix);
  std::vector<IndexRecord> records{record};
  for (const auto& [slot, generation, codec] : vectors_of(documents, record.dimensions)) {
    IndexRecord& other = records.emplace_back(record);
    if (other.generation % kGenerations != generation) other.generation = generation;
    other.settings.slot = slot - other.generation % 2;
    other.settings.codec = codec;
  }
  return records;
}

std::vector<std::shared_ptr<const Dictionary>> dictionaries_in_question(const std::string& path,
                                                                        const IndexRecord& record,
                                                                        const std::optional<IndexRecord>& other) {
  auto dictionaries = dictionaries_beside(path);
  for (const auto& dictionary : dictionaries)
    if (dictionary->fingerprint() == record.dictionary && dictionary->hash_space().id() == record.hash_space &&
        dictionary->dimensions() == record.dimensions)
      return {dictionary};
  std::erase_if(dictionaries,
                [&](const auto& dictionary) { return other && dictionary->fingerprint() == other->dictionary; });
  return dictionaries;
}

/// How many of the documents have the embedding that the record says.
std::size_t fitting(const std::shared_ptr<const Dictionary>& dictionary, const IndexRecord& record,
                    const Documents& documents) try {
  record.settings.check();
  const DocumentEmbedder embedder(dictionary, record);
  return static_cast<std::size_t>(std::ranges::count_if(
      documents, [&](const Xapian::Document& document) { return embedder.change(document).empty(); }));
} catch (const Error&) {
  return 0;
}

}  // namespace

std::optional<IndexRecord> record_of_documents(const Xapian::Database& database, const std::string& path,
                                               const IndexRecord& record, const std::optional<IndexRecord>& other) {
  const Documents documents = sample_of(database);
  std::size_t fits = 0;
  std::size_t best_fits = documents.size() / 2;
  std::optional<IndexRecord> best;
  for (const auto& dictionary : dictionaries_in_question(path, record, other)) {
    if (dictionary->fingerprint() == record.dictionary) fits = fitting(dictionary, record, documents);
    for (IndexRecord& shown : records_with(*dictionary, documents, record)) {
      const std::size_t shown_fits = shown == record ? 0 : fitting(dictionary, shown, documents);
      if (shown_fits <= best_fits) continue;
      best_fits = shown_fits;
      best = std::move(shown);
    }
  }
  return 2 * fits < best_fits ? best : std::nullopt;
}

}  // namespace vecterm
