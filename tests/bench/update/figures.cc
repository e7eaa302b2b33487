// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/update/figures.h"

#include <algorithm>
#include <numeric>

#include "analyzers/base/parallel.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "index/feeding/training_input.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kGrain = 256;

/// Row-major, zeros for a document without a vector.
std::vector<float> document_rows(const std::shared_ptr<const Dictionary>& dictionary, const UpdateData& data,
                                 unsigned threads) {
  const Embedder embedder(dictionary);
  const EntityVectors vectors = entity_vectors(embedder, data.after);
  std::vector<float> rows(data.documents * vectors.dimensions);
  parallel_for(data.documents, kGrain, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      vectors.embed(static_cast<std::uint32_t>(i), std::span(rows).subspan(i * vectors.dimensions, vectors.dimensions));
  });
  return rows;
}

std::vector<float> query_rows(const std::shared_ptr<const Dictionary>& dictionary, const Questions& questions) {
  const Embedder embedder(dictionary);
  const std::size_t d = dictionary->dimensions();
  std::vector<float> rows(questions.queries.size() * d);
  for (std::size_t i = 0; i < questions.queries.size(); ++i)
    if (const auto unit = embedder.embed(questions.queries[i]))
      std::ranges::copy(*unit, rows.begin() + static_cast<std::ptrdiff_t>(i * d));
  return rows;
}

/// The documents in the order in which they follow.
std::vector<std::uint32_t> order_of(std::size_t documents) {
  std::vector<std::uint32_t> order(documents);
  std::iota(order.begin(), order.end(), 0U);
  Random(11).shuffle(order);
  return order;
}

}  // namespace

double Figures::least_related() const { return *std::ranges::min_element(related); }

Figures measure(const Contender& follower, const Contenders& contenders, const UpdateData& data, unsigned threads) {
  const auto recent = with_hash_space(follower.contents, contenders.old->shared_hash_space());
  const std::size_t d = recent->dimensions();
  const auto evaluate = [&](const std::vector<float>& documents, const Questions& questions) {
    return evaluate_retrieval(query_rows(recent, questions), documents, questions.relevant, d, threads);
  };
  Figures figures;
  std::vector<float> documents = document_rows(contenders.old, data, threads);
  const std::vector<float> followed = document_rows(recent, data, threads);
  figures.new_for_old = evaluate(documents, data.known).recall_10;
  figures.new_for_new = evaluate(followed, data.known).recall_10;
  const std::vector<std::uint32_t> order = order_of(data.documents);
  std::size_t done = 0;
  for (std::size_t moment = 0; moment < kMoments; ++moment) {
    for (; done < moment * order.size() / (kMoments - 1); ++done)
      std::copy_n(followed.begin() + static_cast<std::ptrdiff_t>(order[done] * d), d,
                  documents.begin() + static_cast<std::ptrdiff_t>(order[done] * d));
    figures.related[moment] = evaluate(documents, data.related).recall_100;
  }
  figures.cells = update_cost(contenders.old, recent, data.after, data.documents, threads);
  const auto& old = contenders.followers.front().contents;
  figures.hyperplanes =
      update_cost(with_hash_space(old, contenders.hyperplanes),
                  with_hash_space(follower.contents, contenders.hyperplanes), data.after, data.documents, threads);
  return figures;
}

}  // namespace vecterm::bench
