// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "errors.h"
#include "version.h"

namespace vecterm {

/// One cell of one hash table; an LSH token is its spelling.
struct Bucket {
  std::uint32_t table = 0;
  std::uint32_t bucket = 0;

  auto operator<=>(const Bucket&) const = default;
};

/// A bucket that a query should look into. `weight` is in (0, 1], larger for buckets that are likelier to hold
/// near neighbours.
struct Probe {
  Bucket bucket;
  float weight = 0;
  float distance = 0;  ///< of the query from the bucket's centre, on the unit sphere; 0 where buckets have no centre
};

/// How far a query looks: at most so many buckets, and none whose cost is beyond `reach`. A near query needs few
/// buckets where a far one needs many, so a reach finds the same share of the neighbours with fewer of them in most
/// queries. Costs are the family's own: 0 is the query's own bucket. Of cells, the cost is how much farther the cell is
/// than the nearest one, in units of that one's distance plus 1/2; a search that knows which documents it has found
/// counts from those instead (NearestSearch).
struct VECTERM_API ProbeLimits {
  std::size_t most = 0;
  double reach = std::numeric_limits<double>::infinity();

  ProbeLimits(std::size_t most_buckets) : most(most_buckets) {}  // NOLINT(google-explicit-constructor)
  ProbeLimits(std::size_t most_buckets, double farthest) : most(most_buckets), reach(farthest) {}
};

/// A family of locality-sensitive hash functions with fixed parameters: turns a unit vector into the buckets
/// that a document is filed under, and into the sequence of buckets that a query looks into (multi-probe, best
/// first). Everything that the buckets depend on is stored in it, nothing is derived from a seed.
///
/// Immutable; all methods are thread-safe and give the same bits on every processor.
///
/// Stored form (the dictionary's section 'HASH'; little-endian, no padding). The family's header in analyzers/spaces/ has
/// its number, and what follows:
///
///     u32  family       persistent number
///     u32  dimensions   d, in [1, 4096]
///     u32  tables       in [1, 256]
///     u32  bits         of a bucket number, in [1, 24]
///     u32  rows         of all tables together
///     u32  assignments  buckets of a document in each table; 1, or what the family says
///     f32  mean[d]      of the document vectors
class VECTERM_API HashSpace {
 public:
  virtual ~HashSpace();

  /// The buckets of a document, ascending. `unit` has dimensions() values and norm 1.
  virtual std::vector<Bucket> hash(std::span<const float> unit) const = 0;

  /// Distinct buckets for a query, best first, weights not increasing; the best one at least, unless limits.most is 0.
  virtual std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const = 0;

  /// The family's name as users spell it, such as "cells".
  virtual std::string_view family() const = 0;

  /// What rows() counts, in the plural, such as "cells" or "planes".
  virtual std::string_view row_name() const = 0;

  /// Whether probes have a distance: each of the rows is the centre of a bucket.
  virtual bool has_centres() const { return false; }

  /// How many buckets there are in all tables together.
  virtual std::uint64_t buckets() const { return std::uint64_t{tables_} << bits_; }

  /// What reaches at least .95 recall@10 without tuning, on 64 thousand documents (tests/bench/recall).
  virtual ProbeLimits default_limits() const = 0;

  std::size_t dimensions() const { return dimensions_; }
  std::uint32_t tables() const { return tables_; }
  std::uint32_t bits() const { return bits_; }
  /// Buckets that a document gets in each table.
  std::uint32_t assignments() const { return assignments_; }
  /// What the family has of row_name() in all tables together.
  std::uint32_t rows() const { return rows_; }

  /// The mean of the document vectors, d values, as long-lived as the space.
  std::span<const float> centre() const { return centre_; }

  /// The stored form, as documented above.
  const std::string& bytes() const { return bytes_; }
  /// XXH3-128 of bytes(), 32 lower-case hex digits.
  const std::string& fingerprint() const { return fingerprint_; }
  /// Four base-36 characters of the fingerprint, the first a digit: what tells this space's tokens from others'.
  const std::string& id() const { return id_; }

  /// A token without its term prefix: id, '_', two hex digits of the table, '_', ceil(bits/4) hex digits of the
  /// bucket; for example "7k3f_0a_3f2c".
  std::string spell(const Bucket& bucket) const;

 protected:
  /// Takes a stored form and reads its header and mean. @throws Damaged where these are out of their bounds
  explicit HashSpace(std::string bytes, std::uint32_t most_assignments = 1);
  HashSpace(const HashSpace&) = delete;
  HashSpace& operator=(const HashSpace&) = delete;

  /// (unit - centre()), scaled to norm 1 unless it is zero.
  std::vector<float> centred(std::span<const float> unit) const;

 private:
  std::string bytes_;
  std::string fingerprint_;
  std::string id_;
  std::size_t dimensions_;
  std::uint32_t tables_;
  std::uint32_t bits_;
  std::uint32_t rows_;
  std::uint32_t assignments_;
  std::vector<float> centre_;
};

}  // namespace vecterm
