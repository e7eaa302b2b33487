// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/hash_space.h"
#include "../analyzers/version.h"

namespace vecterm {

/// What searching with some limits was seen to find and to cost, as means over a sample of queries.
struct VECTERM_API TuningPoint {
  ProbeLimits limits{0};
  double recall = 0;        ///< share of the k nearest documents that were found
  double probes = 0;        ///< buckets a query
  double postings = 0;      ///< documents read a query: of the buckets, and all where these had too few
  double candidates = 0;    ///< distinct documents a query
  double microseconds = 0;  ///< median CPU time of a query, which depends on the machine

  /// About how long such a query takes: 1.8 us a bucket and 15 ns a posting, measured on 64 thousand documents
  /// (tests/bench/ann). The same on every machine, unlike the time that was measured.
  double cost() const { return 1.8 * probes + 0.015 * postings; }
};

/// Which recall needs which limits, as measured on an index (vecterm tune): the metadata entry vecterm.tuning.
struct VECTERM_API Tuning {
  std::string hash_space;   ///< id; it says nothing about another hash space
  double target = 0;        ///< recall that searches aim at unless they say otherwise, (0, 1]
  std::size_t k = 10;       ///< recall is that of the k nearest
  std::size_t queries = 0;  ///< in the sample
  /// By rising cost(). Of two kinds: with the same `most` and a rising reach, and without a reach and a rising `most`.
  std::vector<TuningPoint> curve;

  /// The cheapest point with at least this recall. @throws InvalidArgument for a recall outside of (0, 1] or beyond
  /// every point
  const TuningPoint& at(double recall) const;

  /// The recall to expect of limits that lie between two points of one kind, by interpolation; else nothing.
  std::optional<double> estimate(const ProbeLimits& limits) const;

  /// As JSON, and back. @throws Damaged where the text is no tuning
  std::string to_json() const;
  static Tuning from_json(std::string_view json);

  /// The tuning of a database (of several, the first one's), or nothing where there is none for this hash space.
  static std::optional<Tuning> read(const Xapian::Database& database, std::string_view hash_space);
  void write(Xapian::WritableDatabase& database) const;
};

}  // namespace vecterm
