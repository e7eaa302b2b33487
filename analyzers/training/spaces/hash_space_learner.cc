// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/hash_space_learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/spaces/cells.h"
#include "analyzers/spaces/families.h"
#include "analyzers/spaces/p_stable.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/spaces/codebook_learner.h"
#include "analyzers/vector_codec.h"

namespace vecterm {
namespace {

constexpr std::uint32_t kMaxIterations = 1000;
constexpr std::uint32_t kDefaultTables = 32;
constexpr std::uint32_t kBitsWithoutCorpus = 12;

void check_range(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

std::uint32_t default_cells(std::size_t n) {
  const double wanted = 8 * std::sqrt(static_cast<double>(n));
  const auto nearest = static_cast<std::uint32_t>(std::exp2(std::round(std::log2(wanted))));
  const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(kMaxLearnedCells, n / 4));
  return std::max(2U, std::min(nearest, most));
}

std::uint32_t default_bits(std::size_t n) {
  const auto log2 = static_cast<std::uint32_t>(std::bit_width(n)) - 1;
  return std::clamp(log2, 8U, 24U) - 4;
}

std::vector<float> mean_of(std::span<const float> vectors, std::size_t dimensions) {
  std::vector<double> sums(dimensions);
  for (std::size_t i = 0; i < vectors.size(); ++i) sums[i % dimensions] += static_cast<double>(vectors[i]);
  const auto n = static_cast<double>(vectors.size() / dimensions);
  std::vector<float> mean(dimensions);
  for (std::size_t i = 0; i < dimensions; ++i) mean[i] = static_cast<float>(sums[i] / n);
  return mean;
}

std::shared_ptr<const HashSpace> learn_cells(std::span<const float> vectors, std::span<const float> mean,
                                             const HashSpaceOptions& options, const ProgressFunction& progress) {
  const std::size_t n = vectors.size() / mean.size();
  std::vector<std::uint32_t> resolutions = options.cells;
  if (resolutions.empty()) resolutions = {default_cells(n)};
  for (const std::uint32_t cells : resolutions)
    if (cells > n)
      throw InvalidArgument(
          fmt::format("cells must be at most the number of documents with a vector, {}; was {}", n, cells));
  std::vector<CellTable> tables;
  for (const std::uint32_t cells : resolutions) {
    const auto report = [&](double share) {
      const auto done = static_cast<double>(tables.size()) + share;
      if (progress)
        progress({"hash space", done / static_cast<double>(resolutions.size()), fmt::format("{} cells", cells)});
    };
    tables.push_back(learn_codebook(vectors, mean, {cells, options.iterations, options.threads, options.seed}, report));
  }
  return make_cells(mean, tables, options.assignments);
}

using Learn = std::shared_ptr<const HashSpace> (*)(std::span<const float> vectors, std::span<const float> mean,
                                                   const HashSpaceOptions& options, const ProgressFunction& progress);

// Of the families that cannot be drawn at random.
Learn learner_of(const HashSpaceFamily& family) {
  static constexpr std::pair<std::uint32_t, Learn> kLearners[] = {{Cells::kFamily.number, learn_cells}};
  return std::ranges::find(kLearners, family.is.number, &std::pair<std::uint32_t, Learn>::first)->second;
}

std::shared_ptr<const HashSpace> draw(const HashSpaceFamily& family, std::span<const float> mean,
                                      std::uint32_t default_bits, const HashSpaceOptions& options) {
  return family.draw(mean, {.tables = options.tables != 0 ? options.tables : kDefaultTables,
                            .bits = options.bits != 0 ? options.bits : default_bits,
                            .width = options.width,
                            .seed = options.seed});
}

void check_finite(const char* name, std::span<const float> numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!std::isfinite(numbers[i]))
      throw InvalidArgument(fmt::format("{} must have finite numbers; number {} was {}", name, i + 1, numbers[i]));
}

// The families that need no documents, for a message.
std::string drawn_families() {
  std::vector<std::string> names;
  for (const HashSpaceFamily& family : hash_space_families())
    if (family.draw != nullptr) names.push_back(fmt::format("\"{}\"", family.is.name));
  return alternatives(names);
}

constexpr std::size_t kDocumentGrain = 64;
constexpr std::size_t kMostDocuments = std::size_t{1} << 18;

}  // namespace

void check_hash_space_options(const HashSpaceOptions& options) {
  if (find_hash_space_family(options.family) == nullptr)
    throw InvalidArgument(fmt::format("family must be one of {}; was \"{}\"",
                                      fmt::join(hash_space_family_names(), ", "), options.family));
  check_range("number of resolutions", options.cells.size(), 0, kMaxHashTables);
  for (const std::uint32_t cells : options.cells) check_range("cells", cells, 2, kMaxLearnedCells);
  check_range("assignments", options.assignments, 1, Cells::kFamily.most_assignments);
  if (options.tables != 0) check_range("tables", options.tables, 1, kMaxHashTables);
  if (options.bits != 0) check_range("bits", options.bits, 1, kMaxHashBits);
  if (!(options.width >= PStable::kLeastWidth && options.width <= PStable::kMostWidth))
    throw InvalidArgument(
        fmt::format("width must be in [{}, {}]; was {}", PStable::kLeastWidth, PStable::kMostWidth, options.width));
  check_range("iterations", options.iterations, 1, kMaxIterations);
}

bool is_learned_family(std::string_view family) {
  const HashSpaceFamily* const found = find_hash_space_family(family);
  return found != nullptr && found->draw == nullptr;
}

std::shared_ptr<const HashSpace> learn_hash_space(std::span<const float> vectors, std::size_t dimensions,
                                                  const HashSpaceOptions& options, const ProgressFunction& progress) {
  check_hash_space_options(options);
  check_range("dimensions", dimensions, 1, kMostDimensions);
  if (vectors.size() % dimensions != 0)
    throw InvalidArgument(
        fmt::format("vectors must be rows of {} numbers; were {} numbers", dimensions, vectors.size()));
  check_finite("vectors", vectors);
  const std::size_t n = vectors.size() / dimensions;
  if (n < 2)
    throw DataError(fmt::format("a hash space is learned from at least 2 documents with a vector; there were {}", n));
  const std::vector<float> mean = mean_of(vectors, dimensions);
  const HashSpaceFamily& family = *find_hash_space_family(options.family);
  if (family.draw != nullptr) return draw(family, mean, default_bits(n), options);
  return learner_of(family)(vectors, mean, options, progress);
}

std::shared_ptr<const HashSpace> random_hash_space(std::span<const float> mean, const HashSpaceOptions& options) {
  check_hash_space_options(options);
  check_range("dimensions", mean.size(), 1, kMostDimensions);
  check_finite("mean", mean);
  const HashSpaceFamily& family = *find_hash_space_family(options.family);
  if (family.draw == nullptr)
    throw InvalidArgument(
        fmt::format("family must be {} without documents to learn from; was \"{}\"", drawn_families(), options.family));
  return draw(family, mean, kBitsWithoutCorpus, options);
}

std::vector<float> document_vectors(const DictionaryContents& dictionary, const TrainingData& data,
                                    std::size_t documents, unsigned threads) {
  const EntityVectors vectors = entity_vectors(dictionary, data);
  const std::size_t n = std::min(documents, kMostDocuments);
  const std::size_t d = dictionary.dimensions;
  std::vector<float> rows(n * d);
  parallel_for(n, kDocumentGrain, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      vectors.embed(static_cast<std::uint32_t>(i * documents / n), std::span(rows).subspan(i * d, d));
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = std::span(rows).subspan(i * d, d);
    if (std::ranges::all_of(row, [](float value) { return value == 0; })) continue;
    std::ranges::copy(row, rows.begin() + static_cast<std::ptrdiff_t>(kept++ * d));
  }
  rows.resize(kept * d);
  return rows;
}

}  // namespace vecterm
