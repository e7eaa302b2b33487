// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/tuning_sample.h"

#include <fmt/format.h>

#include <utility>

#include "analyzers/errors.h"
#include "index/store/collection.h"
#include "index/writing/corpus.h"

namespace vecterm {
namespace {

// At most `most` of the values, evenly spread.
template <class Value>
void keep_spread(std::vector<Value>& values, std::size_t most) {
  if (values.size() <= most) return;
  for (std::size_t i = 1; i < most; ++i) values[i] = std::move(values[i * values.size() / most]);
  values.resize(most);
}

std::vector<TuningQuery> vectors_of_queries(Index& index, const std::string& file, std::size_t most) {
  std::vector<TuningQuery> vectors;
  for (const CorpusQuery& query : read_queries(file))
    if (auto unit = index.searcher().builder().vector(query.text)) vectors.push_back({.unit = std::move(*unit)});
  keep_spread(vectors, most);
  if (vectors.empty()) throw DataError(fmt::format("no query of {} has a word that the dictionary knows", file));
  return vectors;
}

std::vector<TuningQuery> vectors_of_documents(Index& index, std::size_t most) {
  const Xapian::Database& database = index.database();
  const std::string marker = index.record().marker();
  std::vector<Xapian::docid> docids(database.postlist_begin(marker), database.postlist_end(marker));
  keep_spread(docids, most);
  std::vector<TuningQuery> vectors;
  for (const Xapian::docid docid : docids)
    if (auto unit = index.searcher().builder().vector(database.get_document(docid)))
      vectors.push_back({.unit = std::move(*unit), .exclude = docid});
  if (vectors.empty()) throw DataError("no document of the index has a vector");
  return vectors;
}

}  // namespace

std::vector<TuningQuery> sample_queries(Index& index, const std::string& file, std::size_t most) {
  if (!file.empty()) return vectors_of_queries(index, file, most);
  std::vector<TuningQuery> sample;
  index.read([&] { sample = vectors_of_documents(index, most); });
  return sample;
}

}  // namespace vecterm
