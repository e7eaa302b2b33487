// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/metadata_update.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/store/index_files.h"
#include "index/store/vector_table.h"
#include "index/store/write_transaction.h"

namespace vecterm {

void update_metadata(const std::string& path, const std::vector<std::string>& dictionaries,
                     const std::function<void(Xapian::WritableDatabase&, const std::string&)>& change) {
  const Collection collection = open_collection(path);
  const IndexRecord record = require_record(collection.database, path);
  const DocumentEmbedder embedder(find_dictionary(collection.home, record.dictionary, dictionaries), record);
  const std::vector<std::string> directories = local_databases(path);
  for (const std::string& directory : directories) check_same_record(open_directory(directory), directory, record);
  for (const std::string& directory : directories) {
    WriteTransaction transaction(directory);
    const bool had_sidecar = VectorTable::open(directory, transaction.database(), embedder) != nullptr;
    change(transaction.database(), directory);
    transaction.commit();
    if (had_sidecar) publish_vectors(directory, embedder, 0);
  }
}

}  // namespace vecterm
