// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/disk_errors.h"

#include <doctest/doctest.h>

#include <cerrno>

using namespace vecterm;

TEST_CASE("errors of Xapian that the system caused are known by their number, and some by their message alone") {
  CHECK(cause_of(Xapian::DatabaseError("write", ENOSPC)) == ENOSPC);
  CHECK(cause_of(Xapian::DatabaseLockError("x: too many open files")) == EMFILE);
  CHECK(is_refusal(Xapian::DatabaseCreateError("Failed to create iamglass file")));
  CHECK(cause_of(Xapian::DatabaseCorruptError("Data is corrupt")) == 0);
}
