// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/errors.h"

namespace vecterm {

// Out of line, so that each type's identity (vtable and type information) lives in the library alone.
Error::~Error() = default;
InvalidArgument::~InvalidArgument() = default;
DataError::~DataError() = default;
NotFound::~NotFound() = default;
WrongDictionary::~WrongDictionary() = default;
Damaged::~Damaged() = default;
Conflict::~Conflict() = default;
DiskError::~DiskError() = default;

}  // namespace vecterm
