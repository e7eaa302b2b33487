// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analyzers/embedding.h"

namespace vecterm::bench {

inline constexpr std::size_t kHits = 10;

/// A share of the documents, picked by a fixed hash of the document's number, and the boolean term that they carry.
struct Filter {
  double share;
  const char* term;

  bool passes(std::size_t document) const;
};
inline constexpr std::array<Filter, 4> kFilters{{{1, ""}, {0.1, "XFA"}, {0.01, "XFB"}, {0.001, "XFC"}}};

/// The vectors of a set's documents as they stand in the index: unit vectors rounded to float16. A document without a
/// vector has a row of zeros.
struct Collection {
  std::string set;               ///< "64k" or "1M"
  std::size_t dimensions = 0;    ///< d
  std::vector<float> rows = {};  ///< row-major n x d

  std::size_t size() const { return rows.size() / dimensions; }
  std::span<const float> row(std::size_t i) const { return std::span(rows).subspan(i * dimensions, dimensions); }
};

/// `unit` as a float16 slot gives it back.
std::vector<float> stored(std::span<const float> unit);

struct Query {
  std::string text;
  UnitVector unit;
};

/// A document that a system returned.
struct Found {
  std::uint32_t document = 0;
  double score = 0;
};
using Hits = std::vector<Found>;

/// The exact answers to queries under each of kFilters, by which hits are judged: one counts where its exact cosine
/// is at least that of the tenth best document but for 1e-6. (Many descriptions are the same, so there are ties.)
class Truth {
 public:
  /// Both must outlive it.
  Truth(const Collection& collection, const std::vector<Query>& queries);

  /// The share of the best ten that is among the hits, in [0, 1].
  double recall(std::size_t query, const Filter& filter, const Hits& hits) const;

 private:
  struct Answer {
    std::size_t wanted = 0;  ///< ten, or all there are
    float least = 0;         ///< the last one's cosine
  };

  const Collection& collection_;
  const std::vector<Query>& queries_;
  std::vector<std::array<Answer, kFilters.size()>> answers_;
};

}  // namespace vecterm::bench
