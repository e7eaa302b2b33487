// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <unordered_map>

namespace vecterm {

/// What the words of a query could weigh at most. Serves one thread, like the database under it.
class Saturation {
 public:
  explicit Saturation(Xapian::Database database);

  /// The sum of the weights that Xapian's BM25 gives the words of a query as their wdf grows without end, above 0. Words
  /// that no document has add nothing, a word that stands twice counts twice. Of wildcards alone it is what Xapian
  /// expects at most; 1 where nothing can match, so that it may divide.
  double of(const Xapian::Query& words);

 private:
  double weight(const std::string& term);
  double ask(const std::string& term);

  Xapian::Database database_;
  Xapian::Enquire enquire_;
  /// By termfreq, which a weight depends on alone among `documents_` documents: to look a termfreq up takes a quarter of
  /// the time of asking Xapian.
  std::unordered_map<Xapian::doccount, double> weights_;
  Xapian::doccount documents_ = 0;
};

}  // namespace vecterm
