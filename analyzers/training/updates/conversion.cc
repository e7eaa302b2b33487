// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

std::string provenance(const Dictionary& dictionary, std::size_t dimensions, VectorCodec codec) {
  Json json = Json::object_of(dictionary.provenance());
  json.set("converted", {{"from", dictionary.fingerprint()}, {"dimensions", dimensions}, {"codec", codec_name(codec)}});
  return json.sorted_text();
}

/// The first `columns` columns of a row-major matrix of `width` columns.
std::vector<float> first_columns(const std::vector<float>& matrix, std::size_t width, std::size_t columns) {
  std::vector<float> result;
  result.reserve(matrix.size() / width * columns);
  for (auto row = matrix.begin(); row != matrix.end(); row += static_cast<std::ptrdiff_t>(width))
    result.insert(result.end(), row, row + static_cast<std::ptrdiff_t>(columns));
  return result;
}

/// The largest cosines of one row with all, as row numbers in no order.
std::vector<std::uint32_t> nearest_rows(const PackedRows& packed, std::span<const float> row, std::size_t count) {
  std::vector<float> cosines(packed.rows());
  packed.products(row, cosines);
  std::vector<std::uint32_t> order(cosines.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::nth_element(
      order, order.begin() + static_cast<std::ptrdiff_t>(count),
      [&](std::uint32_t a, std::uint32_t b) { return cosines[a] != cosines[b] ? cosines[a] > cosines[b] : a < b; });
  order.resize(count);
  std::ranges::sort(order);
  return order;
}

}  // namespace

DictionaryContents converted(const Dictionary& dictionary, std::size_t dimensions, VectorCodec codec) {
  if (dimensions < 1 || dimensions > dictionary.dimensions())
    throw InvalidArgument(fmt::format("dimensions must be in [1, {}], as the dictionary has; was {}",
                                      dictionary.dimensions(), dimensions));
  DictionaryContents contents = dictionary.contents();
  contents.vectors = first_columns(contents.vectors, contents.dimensions, dimensions);
  contents.components = first_columns(contents.components, contents.dimensions, dimensions);
  if (dimensions < contents.dimensions) contents.hash_space = nullptr;
  contents.dimensions = dimensions;
  contents.codec = codec;
  contents.provenance = provenance(dictionary, dimensions, codec);
  return contents;
}

double kept_neighbors(const UnitRows& before, const UnitRows& after, std::size_t nearest, std::size_t sample,
                      unsigned threads) {
  const std::size_t rows = before.size();
  const std::size_t asked = std::min(sample, rows);
  const PackedRows packed_before(before.rows, before.dimensions);
  const PackedRows packed_after(after.rows, after.dimensions);
  std::vector<std::size_t> kept(asked);
  parallel_for(asked, 1, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t row = i * rows / asked;
      const auto row_of = [row](const UnitRows& units) {
        return units.rows.subspan(row * units.dimensions, units.dimensions);
      };
      std::vector<std::uint32_t> both;
      std::ranges::set_intersection(nearest_rows(packed_before, row_of(before), nearest),
                                    nearest_rows(packed_after, row_of(after), nearest), std::back_inserter(both));
      kept[i] = both.size();
    }
  });
  return static_cast<double>(std::accumulate(kept.begin(), kept.end(), std::size_t{0})) /
         static_cast<double>(asked * nearest);
}

}  // namespace vecterm
