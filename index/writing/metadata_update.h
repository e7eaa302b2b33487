// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <string>
#include <vector>

#include "plugin/ranking_profile.h"

namespace vecterm {

/// Changes metadata of an index, in one transaction of each of its databases, and publishes their sidecars again for
/// the new revision. `change` gets each database and its directory.
/// @param dictionaries  where the index's dictionary is looked for beside the database's directory
/// @throws NotFound where there is no index or its dictionary is missing; Conflict or WrongDictionary where its
///         databases differ; InvalidArgument for remote databases; DiskError; Xapian::DatabaseLockError
VECTERM_INTERNAL_API void update_metadata(
    const std::string& path, const std::vector<std::string>& dictionaries,
    const std::function<void(Xapian::WritableDatabase&, const std::string&)>& change);

}  // namespace vecterm
