// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

namespace vecterm {

/// The sum of the weights that Xapian's BM25 gives the words of a query as their wdf grows without end, above 0. Words
/// that no document has add nothing, a word that stands twice counts twice. Of wildcards alone it is what Xapian expects
/// at most; 1 where nothing can match, so that it may divide.
double saturation(const Xapian::Database& database, const Xapian::Query& words);

}  // namespace vecterm
