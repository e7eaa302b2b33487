// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/hash_space.h"

namespace vecterm {

/// A deviation from a query's own bucket: how unlikely it is (0 <= cost, adding up over a table's choices), and the
/// bits that it changes in the bucket's number.
struct Deviation {
  double cost = 0;
  std::uint32_t change = 0;
};

/// The one way in which all families visit buckets: best estimated probability first, over all tables together.
///
/// A table is a start (the query's own bucket) and choices that are made independently: the bits of a hyperplane
/// table, the hashes of a p-stable one, the polytopes of a cross-polytope one, the cell of a codebook. A choice is left
/// alone or takes one of its deviations; the bucket is the own one XOR their changes, its cost the start's plus theirs.
/// Buckets come by rising cost, ties by (table, bucket). Each set of deviations is made once, from one that costs no
/// more: the expand and shift steps of Lv et al., "Multi-probe LSH" (VLDB 2007), with choices of more than two ways.
class ProbeQueue {
 public:
  /// @param fall      a bucket's weight is exp(-fall * cost)
  /// @param distinct  whether different sets of deviations of a table always lead to different buckets; where not, a
  ///                  bucket that was given is passed over
  explicit ProbeQueue(double fall, bool distinct = true) : fall_(fall), distinct_(distinct) {}

  /// Begins a table; the choices added next are its own.
  void add_table(std::uint32_t own_bucket, double cost = 0);
  /// A choice that one can make in these ways. REQUIRES: at least one, by rising cost.
  void add_choice(std::span<const Deviation> deviations);

  /// The probes within the limits, the best one in any case. To be called once.
  std::vector<Probe> take(const ProbeLimits& limits);

 private:
  struct Table {
    std::uint32_t own;
    double cost;
    std::size_t first_choice;  ///< the next table's is the end
  };
  struct Choice {
    std::size_t begin, end;  ///< in deviations_
  };
  /// A set of deviations of one table; of those before the last nothing needs to be known.
  struct Set {
    double cost;
    Bucket bucket;
    std::size_t choice;     ///< the last one that deviates; kOwn = none does
    std::size_t deviation;  ///< which way

    bool operator>(const Set& other) const { return cost != other.cost ? cost > other.cost : bucket > other.bucket; }
  };

  void sort_choices();
  void push(const Set& set);
  void push_successors(const Set& set);

  static constexpr std::size_t kOwn = SIZE_MAX;

  double fall_;
  bool distinct_;
  std::vector<Table> tables_;
  std::vector<Choice> choices_;  ///< after sort_choices(), a table's by the cost of their first deviation
  std::vector<Deviation> deviations_;
  std::vector<Set> heap_;
};

}  // namespace vecterm
