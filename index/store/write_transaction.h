// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <string>

namespace vecterm {

/// Internal: drops what was not committed, and gives the lock up. Not by cancelling: where that or a commit fails, for
/// want of memory or of disk, the destructor of Xapian 1.4 commits what the failure has left, or ends the process.
void give_up(Xapian::WritableDatabase& database) noexcept;

/// Internal: the write lock of a database that is there, and one transaction in it. What was not committed is dropped
/// by the destructor, which gives the lock up.
class WriteTransaction {
 public:
  /// @param lock_seconds    how long to wait while somebody else has the lock
  /// @param min_free_bytes  disk space without which it is neither begun nor committed
  /// @throws NotFound where there is no database; DiskError; Xapian::DatabaseLockError
  explicit WriteTransaction(std::string path, double lock_seconds, std::uint64_t min_free_bytes = 0);
  ~WriteTransaction();
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  Xapian::WritableDatabase& database() { return database_; }

  /// Ends it. Once only. @throws DiskError where the disk is full; the last commit before is intact
  void commit();

 private:
  std::string path_;
  std::uint64_t min_free_bytes_;
  Xapian::WritableDatabase database_;
  bool open_ = false;
};

}  // namespace vecterm
