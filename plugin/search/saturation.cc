// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/saturation.h"

#include <string>

namespace vecterm {
namespace {

constexpr double kUsualK1 = 1;               // of Xapian::BM25Weight()
constexpr const char* kNoTerm = "\xFF\xFF";  // that no document has

// Knows what a document could weigh at most, and looks at none.
Xapian::MSet bounds(Xapian::Enquire& enquire, const Xapian::Query& query) {
  enquire.set_query(query);
  return enquire.get_mset(0, 0);
}

// The weight of a term without regard to its wdf. Xapian has none for a term whose wdf is 0 everywhere, but among
// synonyms it takes the documents' lengths for the wdf.
double weight_of(Xapian::Enquire& enquire, const std::string& term) {
  const Xapian::MSet alone = bounds(enquire, Xapian::Query(term));
  if (alone.get_termfreq(term) == 0) return 0;
  if (alone.get_max_possible() > 0) return alone.get_max_possible();
  const Xapian::Query synonyms(Xapian::Query::OP_SYNONYM, Xapian::Query(term), Xapian::Query(kNoTerm));
  return bounds(enquire, synonyms).get_max_possible();
}

}  // namespace

// BM25 weighs a term t * (k1 + 1) * wdf / (k1 * length + wdf), which comes to t * (k1 + 1), and with k1 = 0 is t.
double saturation(const Xapian::Database& database, const Xapian::Query& words) {
  if (words.empty()) return 1;
  Xapian::Enquire enquire(database);
  enquire.set_weighting_scheme(Xapian::BM25Weight(0, 0, 1, 0.5, 0.5));
  double sum = 0;
  for (auto term = words.get_terms_begin(); term != words.get_terms_end(); ++term)
    sum += (kUsualK1 + 1) * weight_of(enquire, *term);
  if (sum > 0) return sum;
  enquire.set_weighting_scheme(Xapian::BM25Weight());
  enquire.set_query(words);
  const double possible = enquire.get_mset(0, 1).get_max_possible();
  return possible > 0 ? possible : 1;
}

}  // namespace vecterm
