// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "reindex.h"

namespace vecterm {

/// The embeddings of one hash space in an index: tokens, markers and vectors. An index has one or two generations, of
/// which one serves.
struct VECTERM_API GenerationInfo {
  unsigned number = 0;  ///< counts the hash spaces of the index, from 0
  bool serving = false;
  bool served = false;              ///< it served before: rollback goes back to it
  std::string dictionary;           ///< fingerprint
  std::string hash_space;           ///< id
  std::uint64_t documents = 0;      ///< that have it, of
  std::uint64_t all_documents = 0;  ///< in the index
  std::uint64_t vectors = 0;
  std::optional<std::int64_t> since;  ///< when it got its dictionary, seconds since 1970, where that is known
  std::optional<double> updated;      ///< share of docids that an update under way has gone through, in [0, 1]
};

/// The serving generation, then the other one, if there is one. Sums over the databases of a collection.
/// @throws NotFound where there is no index; Conflict where its databases differ
VECTERM_API std::vector<GenerationInfo> list_generations(const std::string& path);

/// Makes a generation the serving one; nothing is done where it is. What it lacks is embedded first, the last of it
/// under the write lock and in the commit that switches.
/// @throws InvalidArgument where there is no such generation; else as reindex()
VECTERM_API void activate_generation(const std::string& path, unsigned number, const ReindexOptions& options = {},
                                     const ProgressFunction& progress = {});

/// Activates the generation that served before. @throws InvalidArgument where there is none; else as above
VECTERM_API void rollback_generation(const std::string& path, const ReindexOptions& options = {},
                                     const ProgressFunction& progress = {});

/// Takes a generation's tokens, markers and vectors out of all documents, in batches, and removes its dictionary.
/// @throws InvalidArgument where there is no such generation, or it serves; else as reindex()
VECTERM_API void retire_generation(const std::string& path, unsigned number, const ReindexOptions& options = {},
                                   const ProgressFunction& progress = {});

}  // namespace vecterm
