// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

/// Internal: what Xapian's errors say of the disk and of the system.
namespace vecterm {

/// The errno with which Xapian failed, as it keeps the text only; 0 where it is another one than those of a full disk, a
/// read-only one, and of a system that refuses.
int cause_of(const Xapian::Error& error);

/// Whether Xapian failed because the disk takes no more.
bool is_disk_full(const Xapian::Error& error);

/// Whether it failed for a reason that says nothing of the database: no descriptor, no permission, no memory, a device.
bool is_refusal(const Xapian::Error& error);

/// Whether somebody else has the lock. Xapian throws this error also where the lock's file cannot be opened.
bool is_locked(const Xapian::DatabaseLockError& error);

}  // namespace vecterm
