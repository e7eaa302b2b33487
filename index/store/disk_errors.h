// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

/// Internal: what errors of the system, and Xapian's, say of the disk.
namespace vecterm {

/// Whether errno says that the disk takes no more: it is full, a quota is used up, or a file is too large.
bool is_disk_full(int error);

/// Whether that is why Xapian failed.
bool is_disk_full(const Xapian::Error& error);

/// Whether Xapian failed with this errno; it keeps the text only.
bool has_cause(const Xapian::Error& error, int number);

}  // namespace vecterm
