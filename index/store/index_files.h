// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plugin/document_embedder.h"

/// Internal: vecterm's own files beside a database.
namespace vecterm {

/// Whether a dictionary lies in the database's directory under its fingerprint, with the same bytes.
bool is_installed(const std::string& path, const Dictionary& dictionary);

/// Copies a dictionary into the database's directory under its fingerprint, unless the same bytes are there already. To
/// be called under the write lock, or another writer may take the file for unused.
/// @throws DiskError where writing fails
void install_dictionary(const std::string& path, const Dictionary& dictionary);

/// Opens the dictionary with this fingerprint: vecterm-<fingerprint>.dict in the database's directory, in one of
/// `directories`, or in a directory beside the database's, where it may have been compacted from. One that is damaged is passed over where another place has it, too.
/// @throws NotFound where it is in none of them; Damaged or WrongDictionary where its file has other contents
std::shared_ptr<const Dictionary> find_dictionary(const std::string& path, const std::string& fingerprint,
                                                  const std::vector<std::string>& directories);

/// The dictionaries in the database's directory that can be read, at most 16 of them, by their names.
std::vector<std::shared_ptr<const Dictionary>> dictionaries_beside(const std::string& path);

/// Writes the sidecar of the last commit. @returns whether there was room, and the system let it; without it readers read
/// the slot, and all that was committed stands
bool publish_vectors(const std::string& path, const DocumentEmbedder& embedder, std::uint64_t min_free_bytes);

/// The names of dictionaries and sidecars of other generations than the database has, ascending, and of temporary files
/// that writers which were killed have left.
std::vector<std::string> unused_files(const std::string& path, const Xapian::Database& database);

/// Removes these, and the sidecars of a generation that does not serve, which nobody reads. To be called under the write
/// lock.
void remove_unused_files(const std::string& path, const Xapian::Database& database);

}  // namespace vecterm
