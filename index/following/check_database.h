// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/following/reindexer.h"
#include "index/write_options.h"

namespace vecterm {

/// Internal: what was found in one local database, and what it takes to repair it.
struct DatabaseCheck {
  std::string path;
  std::uint64_t documents = 0;  ///< computed again
  std::vector<Finding> findings;
  std::vector<std::string_view> damaged_entries;  ///< keys of metadata without which the index can live
  std::optional<IndexRecord> corrected;           ///< where the record is what is wrong
  std::optional<EmbeddingState> state;            ///< nothing where it cannot be read, or the record is wrong
  std::map<unsigned, std::shared_ptr<const Dictionary>> dictionaries;  ///< by generation, those that are there
  std::map<unsigned, std::vector<Xapian::docid>> faulty;  ///< documents to be embedded again, by generation
  std::vector<Xapian::docid> orphans;                     ///< documents with something of no generation
};

/// Internal: checks one local database. @throws as check_index()
DatabaseCheck check_database(const std::string& path, const CheckOptions& options, const ProgressFunction& progress);

}  // namespace vecterm
