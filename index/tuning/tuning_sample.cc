// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/tuning_sample.h"

#include <fmt/format.h>

#include <utility>

#include "analyzers/errors.h"
#include "index/store/collection.h"
#include "index/writing/corpus.h"

namespace vecterm {
namespace {

void check_range(const char* name, std::size_t value, std::size_t most) {
  if (value < 1 || value > most) throw InvalidArgument(fmt::format("{} must be in [1, {}]; was {}", name, most, value));
}

// At most `most` of the values, evenly spread.
template <class Value>
void keep_spread(std::vector<Value>& values, std::size_t most) {
  if (values.size() <= most) return;
  for (std::size_t i = 1; i < most; ++i) values[i] = std::move(values[i * values.size() / most]);
  values.resize(most);
}

std::vector<TuningQuery> vectors_of_queries(Index& index, const TuneOptions& options) {
  std::vector<TuningQuery> vectors;
  for (const CorpusQuery& query : read_queries(options.queries))
    if (auto unit = index.searcher().builder().vector(query.text)) vectors.push_back({.unit = std::move(*unit)});
  keep_spread(vectors, options.sample);
  if (vectors.empty())
    throw DataError(fmt::format("no query of {} has a word that the dictionary knows", options.queries));
  return vectors;
}

std::vector<TuningQuery> vectors_of_documents(Index& index, const TuneOptions& options) {
  const Xapian::Database& database = index.database();
  const std::string marker = index.record().marker();
  std::vector<Xapian::docid> docids(database.postlist_begin(marker), database.postlist_end(marker));
  keep_spread(docids, options.sample);
  std::vector<TuningQuery> vectors;
  for (const Xapian::docid docid : docids)
    if (auto unit = index.searcher().builder().vector(database.get_document(docid)))
      vectors.push_back({.unit = std::move(*unit), .exclude = docid});
  if (vectors.empty()) throw DataError("no document of the index has a vector");
  return vectors;
}

}  // namespace

void check_tune_options(const TuneOptions& options) {
  if (!(options.recall > 0 && options.recall <= 1))
    throw InvalidArgument(fmt::format("recall must be in (0, 1]; was {}", options.recall));
  check_range("k", options.k, 1000);
  check_range("sample", options.sample, 100000);
}

std::vector<TuningQuery> sample_queries(Index& index, const TuneOptions& options) {
  return options.queries.empty() ? vectors_of_documents(index, options) : vectors_of_queries(index, options);
}

}  // namespace vecterm
