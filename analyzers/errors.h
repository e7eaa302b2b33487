// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>

#include "version.h"

namespace vecterm {

/// Base of everything that vecterm throws by itself. Messages name the parameter or file, the bound, and the
/// value met: "bits must be in [1, 32]; was 80". Xapian's own errors pass through unchanged (and are not
/// std::exceptions).
class VECTERM_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Error() override;
};

/// A parameter, a configuration or a query that cannot be used; nothing was changed.
class VECTERM_API InvalidArgument : public Error {
 public:
  using Error::Error;
  ~InvalidArgument() override;
};

/// Input data that is missing, damaged, or does not belong together.
class VECTERM_API DataError : public Error {
 public:
  using Error::Error;
  ~DataError() override;
};

/// The disk is full, nearly full, or refused to write.
class VECTERM_API DiskError : public Error {
 public:
  using Error::Error;
  ~DiskError() override;
};

}  // namespace vecterm
