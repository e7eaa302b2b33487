// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/metadata_update.h"

#include <utility>

#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/store/index_files.h"
#include "index/store/overtaken.h"
#include "index/store/vector_table.h"
#include "index/store/write_transaction.h"
#include "index/write_options.h"

namespace vecterm {

void update_metadata(const std::string& path, const std::vector<std::string>& dictionaries,
                     const std::function<void(Xapian::WritableDatabase&, const std::string&)>& change) {
  const std::vector<std::string> directories = local_databases(path);
  const DocumentEmbedder embedder = following_writers(path, [&] {
    const Collection collection = open_collection(path);
    IndexRecord record = require_record(collection.database, path);
    for (const std::string& directory : directories) check_same_record(open_directory(directory), directory, record);
    auto dictionary = find_dictionary(collection.home, record.dictionary, dictionaries);
    return DocumentEmbedder(std::move(dictionary), std::move(record));
  });
  for (const std::string& directory : directories) {
    WriteTransaction transaction(directory, WriteOptions().lock_seconds);
    const bool had_sidecar = VectorTable::open(directory, transaction.database(), embedder) != nullptr;
    change(transaction.database(), directory);
    transaction.commit();
    if (had_sidecar) publish_vectors(directory, embedder, 0);
  }
}

}  // namespace vecterm
