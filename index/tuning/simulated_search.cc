// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/simulated_search.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "analyzers/base/parallel.h"
#include "analyzers/vector_codec.h"
#include "index/store/database_directory.h"
#include "index/store/vector_table.h"
#include "plugin/documents/shard_docids.h"

namespace vecterm {
namespace {

constexpr std::size_t kRowsAtATime = 1024;

std::uint64_t key(const Bucket& bucket) { return std::uint64_t{bucket.table} << 32 | bucket.bucket; }

using UnitOfRow = std::function<std::optional<UnitVector>(std::size_t row)>;

void add_rows(IndexVectors& vectors, std::span<const Xapian::docid> docids, const UnitOfRow& unit_of, std::size_t shard,
              std::size_t shards) {
  for (std::size_t i = 0; i < docids.size(); ++i) {
    const auto unit = unit_of(i);
    if (!unit) continue;
    vectors.rows.insert(vectors.rows.end(), unit->begin(), unit->end());
    vectors.docids.push_back(global_docid(docids[i], shard, shards));
  }
}

SimulatedQuery judged(const IndexVectors& vectors, TuningQuery query, std::size_t k) {
  constexpr float kExcluded = -2;  // less than any cosine
  const std::size_t n = vectors.docids.size();
  std::vector<float> cosines(n);
  std::size_t others = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool excluded = vectors.docids[i] == query.exclude;
    const auto row = std::span(vectors.rows).subspan(i * vectors.dimensions, vectors.dimensions);
    cosines[i] = excluded ? kExcluded : dot(query.unit, row);
    others += excluded ? 0 : 1;
  }
  SimulatedQuery result{std::move(query.unit), k + (query.exclude != 0 ? 1 : 0), std::min(k, others), {}};
  if (result.nearest == 0) return result;
  std::vector<float> sorted = cosines;
  const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(result.nearest - 1);
  std::ranges::nth_element(sorted, last, std::greater<>());
  for (std::size_t i = 0; i < n; ++i)
    if (cosines[i] != kExcluded && static_cast<double>(cosines[i]) >= static_cast<double>(*last) - kTuningTie)
      result.rows.push_back(static_cast<std::uint32_t>(i));
  return result;
}

std::vector<std::vector<Bucket>> hashes(const HashSpace& hash_space, const IndexVectors& vectors, unsigned threads) {
  std::vector<std::vector<Bucket>> all(vectors.docids.size());
  parallel_for(all.size(), kRowsAtATime, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      all[i] = hash_space.hash(std::span(vectors.rows).subspan(i * vectors.dimensions, vectors.dimensions));
  });
  return all;
}

}  // namespace

IndexVectors read_index_vectors(Index& index, const std::vector<std::string>& directories) {
  IndexVectors vectors{.dimensions = index.dictionary().dimensions(), .rows = {}, .docids = {}};
  const QueryBuilder& builder = index.searcher().builder();
  const DocumentEmbedder& embedder = builder.embedder();
  const bool rows_are_enough = leads_to_neighbours(embedder.record().settings.codec);
  std::vector<float> row(vectors.dimensions);
  for (std::size_t shard = 0; shard < directories.size(); ++shard) {
    const Xapian::Database database = open_directory(directories[shard]);
    auto table = VectorTable::open(directories[shard], database, embedder);
    if (!table) table = VectorTable::read(database, embedder);
    const auto unit_of = [&](std::size_t i) {
      if (!rows_are_enough) return builder.vector(database.get_document(table->docids()[i]));
      table->copy_row(i, row);
      return normalised(row);
    };
    add_rows(vectors, table->docids(), unit_of, shard, directories.size());
  }
  return vectors;
}

std::vector<SimulatedQuery> judge(const IndexVectors& vectors, std::vector<TuningQuery> queries, std::size_t k,
                                  unsigned threads) {
  std::vector<SimulatedQuery> all(queries.size());
  parallel_for(all.size(), 1, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) all[i] = judged(vectors, std::move(queries[i]), k);
  });
  std::erase_if(all, [](const SimulatedQuery& query) { return query.nearest == 0; });
  return all;
}

SimulatedSearch::SimulatedSearch(const HashSpace& hash_space, const IndexVectors& vectors,
                                 std::span<const SimulatedQuery> queries, unsigned threads)
    : hash_space_(hash_space), queries_(queries), threads_(threads), documents_(vectors.docids.size()) {
  const auto all = hashes(hash_space, vectors, threads);
  for (std::size_t row = 0; row < all.size(); ++row)
    for (const Bucket& bucket : all[row]) postings_[key(bucket)].push_back(static_cast<std::uint32_t>(row));
  for (const SimulatedQuery& query : queries)
    for (const std::uint32_t row : query.rows) buckets_of_hits_.try_emplace(row, all[row]);
}

TuningPoint SimulatedSearch::measure(const ProbeLimits& limits) const {
  std::vector<Outcome> outcomes(queries_.size());
  parallel_for(outcomes.size(), 1, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) outcomes[i] = run(queries_[i], limits);
  });
  Outcome sum;
  std::size_t nearest = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    sum.found += outcomes[i].found;
    sum.probes += outcomes[i].probes;
    sum.postings += outcomes[i].postings;
    nearest += queries_[i].nearest;
  }
  const auto n = static_cast<double>(outcomes.size());
  TuningPoint point{.limits = limits};
  point.recall = static_cast<double>(sum.found) / static_cast<double>(nearest);
  point.probes = static_cast<double>(sum.probes) / n;
  point.postings = static_cast<double>(sum.postings) / n;
  return point;
}

std::span<const std::uint32_t> SimulatedSearch::postings(const Bucket& bucket) const {
  const auto found = postings_.find(key(bucket));
  return found == postings_.end() ? std::span<const std::uint32_t>() : found->second;
}

// Only a short sum of posting lists needs a look at what stands in them.
bool SimulatedSearch::too_few(const SimulatedQuery& query, std::span<const Bucket> probed, std::size_t sum) const {
  const std::size_t buckets_of_a_row = std::size_t{hash_space_.tables()} * hash_space_.assignments();
  if (sum >= query.wanted * buckets_of_a_row) return false;
  std::vector<std::uint32_t> rows;
  for (const Bucket& bucket : probed) {
    const auto more = postings(bucket);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows.size() < std::min(query.wanted, documents_);
}

SimulatedSearch::Outcome SimulatedSearch::run(const SimulatedQuery& query, const ProbeLimits& limits) const {
  std::vector<Bucket> probed;
  Outcome outcome;
  for (const Probe& probe : hash_space_.probes(query.unit, limits)) {
    probed.push_back(probe.bucket);
    outcome.postings += postings(probe.bucket).size();
  }
  outcome.probes = probed.size();
  if (too_few(query, probed, outcome.postings)) {
    outcome.postings += documents_;
    outcome.found = query.nearest;
    return outcome;
  }
  std::ranges::sort(probed);
  const auto found = [&](std::uint32_t row) {
    return std::ranges::any_of(buckets_of_hits_.at(row),
                               [&](const Bucket& bucket) { return std::ranges::binary_search(probed, bucket); });
  };
  outcome.found = std::min(query.nearest, static_cast<std::size_t>(std::ranges::count_if(query.rows, found)));
  return outcome;
}

}  // namespace vecterm
