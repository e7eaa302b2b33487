// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

namespace vecterm::test {

/// Xapian's default BM25, which reports as the most that a term can weigh what its own weights come to as the wdf
/// grows: from one wdf to its double, 1/weight falls by half of what it is above its end.
class EndlessWdf : public Xapian::BM25Weight {
 public:
  double get_maxpart() const override {
    constexpr Xapian::termcount kLarge = 1000000;
    constexpr Xapian::termcount kLength = 10;
    return 1 / (2 / get_sumpart(2 * kLarge, kLength, 1) - 1 / get_sumpart(kLarge, kLength, 1));
  }
  EndlessWdf* clone() const override { return new EndlessWdf; }
};

/// What BM25 gives a query's words for a wdf without end, as Xapian itself reports it.
inline double saturation_by_xapian(const Xapian::Database& database, const Xapian::Query& words) {
  Xapian::Enquire enquire(database);
  enquire.set_weighting_scheme(EndlessWdf());
  double sum = 0;
  for (auto term = words.get_terms_begin(); term != words.get_terms_end(); ++term) {
    enquire.set_query(Xapian::Query(*term));
    if (database.term_exists(*term)) sum += enquire.get_mset(0, 0).get_max_possible();
  }
  return sum;
}

}  // namespace vecterm::test
