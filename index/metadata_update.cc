// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/metadata_update.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "index/collection.h"
#include "index/database_directory.h"
#include "index/index.h"
#include "index/vector_table.h"

namespace vecterm {

void update_metadata(const std::string& path,
                     const std::function<void(Xapian::WritableDatabase&, const std::string&)>& change) {
  Index index(path);
  const DocumentEmbedder& embedder = index.searcher().builder().embedder();
  for (const std::string& directory : local_databases(path)) {
    Xapian::WritableDatabase database = open_for_writing(directory);
    const bool had_sidecar = VectorTable::open(directory, database, embedder) != nullptr;
    writing_to(directory, [&] {
      database.begin_transaction();
      change(database, directory);
      database.commit_transaction();
    });
    if (had_sidecar) VectorTable::read(database, embedder)->publish(directory, embedder.record().hash_space);
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
