// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/saturation.h"

#include <utility>

namespace vecterm {
namespace {

constexpr double kUsualK1 = 1;               // of Xapian::BM25Weight()
constexpr const char* kNoTerm = "\xFF\xFF";  // that no document has

// The most that a document could weigh; none is looked at.
double most_possible(Xapian::Enquire& enquire, const Xapian::Query& query) {
  enquire.set_query(query);
  return enquire.get_mset(0, 0).get_max_possible();
}

}  // namespace

// BM25 weighs a term t * (k1 + 1) * wdf / (k1 * length + wdf), which comes to t * (k1 + 1), and with k1 = 0 is t.
Saturation::Saturation(Xapian::Database database) : database_(std::move(database)), enquire_(database_) {
  enquire_.set_weighting_scheme(Xapian::BM25Weight(0, 0, 1, 0.5, 0.5));
}

double Saturation::of(const Xapian::Query& words) {
  if (words.empty()) return 1;
  double sum = 0;
  for (auto term = words.get_terms_begin(); term != words.get_terms_end(); ++term) sum += weight(*term);
  if (sum > 0) return sum;
  Xapian::Enquire enquire(database_);
  enquire.set_query(words);
  const double possible = enquire.get_mset(0, 1).get_max_possible();
  return possible > 0 ? possible : 1;
}

double Saturation::weight(const std::string& term) {
  const Xapian::doccount termfreq = database_.get_termfreq(term);
  if (termfreq == 0) return 0;
  if (documents_ != database_.get_doccount()) {
    documents_ = database_.get_doccount();
    weights_.clear();
  }
  if (const auto known = weights_.find(termfreq); known != weights_.end()) return known->second;
  const double asked = (kUsualK1 + 1) * ask(term);
  weights_.emplace(termfreq, asked);
  return asked;
}

// Xapian has no weight for a term whose wdf is 0 everywhere, but among synonyms it takes the documents' lengths for it.
double Saturation::ask(const std::string& term) {
  const double alone = most_possible(enquire_, Xapian::Query(term));
  if (alone > 0) return alone;
  return most_possible(enquire_, {Xapian::Query::OP_SYNONYM, Xapian::Query(term), Xapian::Query(kNoTerm)});
}

}  // namespace vecterm
