// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/write_transaction.h"

#include "index/store/database_directory.h"

namespace vecterm {
void give_up(Xapian::WritableDatabase& database) noexcept {
  // Closing commits unless a transaction is under way.
  try {
    database.begin_transaction(false);
  } catch (...) {  // NOLINT(bugprone-empty-catch): it is
  }
  try {
    database.close();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the last commit stands either way
  }
}

WriteTransaction::WriteTransaction(std::string path, double lock_seconds, std::uint64_t min_free_bytes)
    : path_(std::move(path)), min_free_bytes_(min_free_bytes) {
  require_database(path_);
  check_free_space(path_, min_free_bytes_);
  database_ = open_for_writing(path_, lock_seconds);
  database_.begin_transaction();
  open_ = true;
}

WriteTransaction::~WriteTransaction() {
  if (open_) give_up(database_);
}

void WriteTransaction::commit() {
  check_free_space(path_, min_free_bytes_);
  writing_to(path_, [&] { database_.commit_transaction(); });
  open_ = false;
}

}  // namespace vecterm
