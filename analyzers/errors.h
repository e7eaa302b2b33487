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

/// Input that cannot be used: a line of a user's file, say, or a database of another program. It stays so until
/// somebody changes the input. The kinds below say what a program can do; what has none is for its user to mend.
class VECTERM_API DataError : public Error {
 public:
  using Error::Error;
  ~DataError() override;
};

/// Something that was named is not there: a file, a database or its embeddings, a dictionary, a document, a tuning.
/// Trying again does not help: name another one, or make it first, as the message says.
class VECTERM_API NotFound : public DataError {
 public:
  using DataError::DataError;
  ~NotFound() override;
};

/// Things that are sound by themselves do not belong together: an index, a dictionary, a hash space, a tokenizer.
/// Trying again does not help: use the one that the message names, or have the index follow (reindex()).
class VECTERM_API WrongDictionary : public DataError {
 public:
  using DataError::DataError;
  ~WrongDictionary() override;
};

/// A file, an entry of the metadata or a stored vector is not what vecterm writes: damaged, cut off, or of a later
/// version. Trying again does not help: take a copy, have repair_index() mend it, or make it anew.
class VECTERM_API Damaged : public DataError {
 public:
  using DataError::DataError;
  ~Damaged() override;
};

/// Another program has changed, or is changing, what this one goes by. Begin again from what is there now; what was
/// committed before stays. Where that does not help, the other program was interrupted: finish what it began, as the
/// message says.
class VECTERM_API Conflict : public DataError {
 public:
  using DataError::DataError;
  ~Conflict() override;
};

/// The disk is full, nearly full, or refused to write.
class VECTERM_API DiskError : public Error {
 public:
  using Error::Error;
  ~DiskError() override;
};

/// The system refused what does not depend on the data: too many files are open, a permission is missing, memory cannot
/// be had, a device fails. The data may be sound: mend what the message says, and try again.
class VECTERM_API SystemError : public Error {
 public:
  using Error::Error;
  ~SystemError() override;
};

}  // namespace vecterm
