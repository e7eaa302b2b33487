// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// All differences between Xapian 1.4 and 2.x that vecterm meets. Debian 12 has 1.4.22; the other branch is written
// from Xapian's documentation and is not compiled there.

#include <xapian.h>

#define VECTERM_XAPIAN_2 (XAPIAN_MAJOR_VERSION >= 2 || (XAPIAN_MAJOR_VERSION == 1 && XAPIAN_MINOR_VERSION >= 5))

namespace vecterm::xapian {

/// A query that matches every document, without weight.
inline Xapian::Query match_all() { return Xapian::Query(std::string()); }

}  // namespace vecterm::xapian
