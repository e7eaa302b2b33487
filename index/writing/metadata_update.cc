// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/metadata_update.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "index/index.h"
#include "index/store/collection.h"
#include "index/store/index_files.h"
#include "index/store/vector_table.h"
#include "index/store/write_transaction.h"

namespace vecterm {

void update_metadata(const std::string& path,
                     const std::function<void(Xapian::WritableDatabase&, const std::string&)>& change) {
  Index index(path);
  const DocumentEmbedder& embedder = index.searcher().builder().embedder();
  for (const std::string& directory : local_databases(path)) {
    WriteTransaction transaction(directory);
    const bool had_sidecar = VectorTable::open(directory, transaction.database(), embedder) != nullptr;
    change(transaction.database(), directory);
    transaction.commit();
    if (had_sidecar) publish_vectors(directory, embedder, 0);
  }
}

void store_profiles(const std::string& path, const RankingProfiles& profiles, const std::vector<std::string>& removed) {
  update_metadata(path, [&](Xapian::WritableDatabase& database, const std::string& directory) {
    RankingProfiles stored = read_profiles(database);
    for (const std::string& name : removed)
      if (stored.erase(name) == 0)
        throw InvalidArgument(fmt::format("there is no profile \"{}\" in {}", name, directory));
    for (const auto& [name, profile] : profiles) stored.insert_or_assign(name, profile);
    write_profiles(database, stored);
  });
}

}  // namespace vecterm
