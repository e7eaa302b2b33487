// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
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
/// Stored form (the dictionary's section 'HASH'; little-endian, no padding):
///
///     u32  family       persistent numbers: 1 hyperplane, 3 cells, 4 cross-polytope, 5 p-stable (2, an older form of
///                       cells, is refused)
///     u32  dimensions   d, in [1, 4096]
///     u32  tables       in [1, 256]
///     u32  bits         of a bucket number, in [1, 24]; of cells the least that number the largest table's cells
///     u32  rows         planes or projections, tables * bits; cells or rotations of all tables together
///     u32  assignments  buckets of a document in each table: cells [1, 4], others 1
///     f32  mean[d]      of the document vectors; all families but cells take it off before hashing
///
/// hyperplane:
///     f32  planes[rows * d]       row-major normals, table by table
///
/// cross-polytope, for each rotation (one a polytope, table by table), with p the power of two from d on:
///     u8   signs[ceil(3 * p / 8)]  lowest bit first, 1 = minus: p for each of three rounds
///
/// p-stable:
///     f32  width                  w, in [0.01, 100]
///     f32  offsets[rows]          b, in [0, w)
///     f32  projections[rows * d]  row-major, a
///
/// cells, for each table:
///     u32  cells                  in [2, 2^24]
///     u32  groups                 G, in [0, cells]; 0 and 1: no groups to choose from
///     u32  searched               groups that a document's cells are looked for in: [1, G], 0 where G is
///     u32  first[G]               each group's first cell: 0, then strictly ascending
///     f32  group_centroids[G * d] row-major
///     f32  centroids[cells * d]   row-major
class VECTERM_API HashSpace {
 public:
  virtual ~HashSpace();

  /// Reads a stored form. @throws Damaged where `bytes` is not one, saying which field is out of its bounds.
  static std::shared_ptr<const HashSpace> parse(std::string_view bytes);

  /// The buckets of a document, ascending. `unit` has dimensions() values and norm 1.
  virtual std::vector<Bucket> hash(std::span<const float> unit) const = 0;

  /// Distinct buckets for a query, best first, weights not increasing; the best one at least, unless limits.most is 0.
  virtual std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const = 0;

  /// The family's name as users spell it: "cells", "cross-polytope", "hyperplane" or "p-stable".
  virtual std::string_view family() const = 0;

  /// What rows() counts, in the plural: "cells", "planes", "projections" or "rotations".
  virtual std::string_view row_name() const = 0;

  /// Whether probes have a distance.
  virtual bool has_centres() const { return false; }

  /// What reaches at least .95 recall@10 without tuning, on 64 thousand documents (tests/bench/recall).
  virtual ProbeLimits default_limits() const = 0;

  std::size_t dimensions() const { return dimensions_; }
  std::uint32_t tables() const { return tables_; }
  std::uint32_t bits() const { return bits_; }
  /// Buckets that a document gets in each table.
  std::uint32_t assignments() const { return assignments_; }
  /// Planes, cells of all tables, rotations or projections.
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
  explicit HashSpace(std::string bytes);
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

/// Random hyperplanes (Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002), made
/// orthogonal in groups (super-bit LSH, Ji et al., NIPS 2012), on vectors centred by `mean` and renormalised.
/// Multi-probe by sums of squared margins (Lv et al., VLDB 2007).
///
/// @param mean    d values, taken off before hashing
/// @param planes  row-major (tables * bits) x d, rows of norm 1
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
VECTERM_API std::shared_ptr<const HashSpace> make_hyperplanes(std::span<const float> mean,
                                                              std::span<const float> planes, std::uint32_t tables,
                                                              std::uint32_t bits);

/// Cross-polytope LSH (Andoni, Indyk, Laarhoven, Razenshteyn and Schmidt, "Practical and optimal LSH for angular
/// distance", NIPS 2015; Terasawa and Tanaka, WADS 2007): a vector's hash is the nearest of the 2p vertices +-e_i after
/// a pseudo-random rotation, three rounds of signs and a Hadamard transform in p dimensions, p the next power of two,
/// on vectors centred by `mean` and renormalised. A bucket of `bits` bits is made of as many polytopes as have all
/// their log2(2p) bits, the first in the lowest bits, and a last one for the bits that are left, over its rotation's
/// first coordinates only (FALCONN's scheme). A polytope's number is 2i for +e_i, 2i + 1 for -e_i, ties to the lower
/// one. Multi-probe by sums of (max|x| -+ x_i)^2.
///
/// @param mean   d values, taken off before hashing
/// @param signs  cross_polytope_sign_bytes() bytes, as stored
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
VECTERM_API std::shared_ptr<const HashSpace> make_cross_polytopes(std::span<const float> mean, std::string_view signs,
                                                                  std::uint32_t tables, std::uint32_t bits);

/// How many bytes of signs so many tables take. REQUIRES: values that make_cross_polytopes() accepts.
VECTERM_API std::size_t cross_polytope_sign_bytes(std::size_t dimensions, std::uint32_t tables, std::uint32_t bits);

/// p-stable LSH for Euclidean distance (Datar, Immorlica, Indyk and Mirrokni, SoCG 2004), on vectors centred by `mean`
/// and renormalised: h(v) = floor((a . v + b) / w) with Gaussian a. A table has as many hashes as bits (a hash of
/// the default width has a little more than one bit of entropy). Hash number i (from 0) of a table with value h adds
/// m((i + 1) * 0x9e3779b97f4a7c15 + h) to the bucket by XOR, of which the highest `bits` bits count; m is the finaliser
/// of splitmix64. Multi-probe by sums of squared distances to the neighbouring intervals (Lv et al., VLDB 2007).
///
/// @param mean         d values, taken off before hashing
/// @param projections  row-major (tables * bits) x d
/// @param offsets      tables * bits numbers in [0, width)
/// @param width        w, in [0.01, 100]; called r in the paper, the bucket width
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
VECTERM_API std::shared_ptr<const HashSpace> make_p_stable(std::span<const float> mean,
                                                           std::span<const float> projections,
                                                           std::span<const float> offsets, float width,
                                                           std::uint32_t tables, std::uint32_t bits);

/// One codebook of learned cells. Cells of one group are similar and have adjacent numbers.
struct CellTable {
  std::vector<float> centroids;      ///< row-major cells x d, rows of norm 1, 2 <= cells <= 2^24, by group
  std::vector<float> groups;         ///< row-major G x d, rows of norm 1: what the groups' cells lie around; or empty
  std::vector<std::uint32_t> first;  ///< G numbers, each group's first cell: 0, then strictly ascending
  std::uint32_t searched = 0;        ///< in how many groups a document's cells are looked for: [1, G]; 0 without groups
};

/// Learned cells: each vector is filed under its nearest centroids of one or more spherical k-means codebooks (an
/// inverted file as in Jégou et al., "Product quantization for nearest neighbor search", TPAMI 2011; Faiss calls
/// it IVF, its number of cells nlist and the number of probes nprobe). Each codebook is a table; several of different
/// sizes are resolutions. A document's cells are looked for in its nearest groups only, in the way of the inverted
/// multi-index's coarse step (Babenko and Lempitsky, CVPR 2012), a query's among all cells; the first pass is in int8,
/// and its best are compared exactly.
///
/// @param mean         d values, the mean of the document vectors; cells do not subtract it
/// @param tables       1 to 256 codebooks
/// @param assignments  nearest cells of each table that a document is filed under, in [1, 4]
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
VECTERM_API std::shared_ptr<const HashSpace> make_cells(std::span<const float> mean, std::span<const CellTable> tables,
                                                        std::uint32_t assignments = 2);

/// The same with one table without groups, row-major cells x d, and a mean of zero.
VECTERM_API std::shared_ptr<const HashSpace> make_cells(std::span<const float> centroids, std::size_t dimensions,
                                                        std::uint32_t assignments = 2);

}  // namespace vecterm
