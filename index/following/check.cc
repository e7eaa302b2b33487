// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "index/following/check_database.h"
#include "index/store/collection.h"
#include "index/store/index_files.h"
#include "index/store/write_transaction.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

std::vector<DatabaseCheck> check_all(const std::string& path, const CheckOptions& options,
                                     const ProgressFunction& progress) {
  options.edit.check();
  std::vector<DatabaseCheck> all;
  for (const std::string& directory : local_databases(path))
    all.push_back(check_database(directory, options, progress));
  return all;
}

bool agree(const EmbeddingState& a, const EmbeddingState& b) {
  return a.serving == b.serving && a.generations.other == b.generations.other;
}

CheckReport report_of(const std::vector<DatabaseCheck>& all) {
  CheckReport report;
  for (const DatabaseCheck& one : all) {
    report.documents += one.documents;
    report.findings.insert(report.findings.end(), one.findings.begin(), one.findings.end());
    const auto& first = all.front().state;
    if (first && one.state && !agree(*first, *one.state))
      report.findings.push_back(
          {.kind = "differing-databases",
           .database = one.path,
           .text = fmt::format("its generations are others than those of {}; finish what was begun with vecterm "
                               "reindex or vecterm generations",
                               all.front().path),
           .damage = true});
  }
  return report;
}

/// Dictionaries and entries of the metadata. @returns whether the database has to be checked again
bool repair_metadata(const DatabaseCheck& found, const ReindexOptions& options) {
  WriteTransaction transaction(found.path, options.write.lock_seconds, options.write.min_free_bytes);
  for (const auto& [generation, dictionary] : found.dictionaries) install_dictionary(found.path, *dictionary);
  if (found.damaged_entries.empty() && !found.corrected) return false;
  if (found.corrected) found.corrected->write(transaction.database());
  for (const std::string_view key : found.damaged_entries) {
    if (key == schema::kUpdateKey)
      UpdateRecord::remove(transaction.database());
    else
      transaction.database().set_metadata(std::string(key), {});
  }
  transaction.commit();
  return true;
}

void repair_documents(const DatabaseCheck& found, const ReindexOptions& options, const ProgressFunction& progress) {
  const EmbeddingState& state = *found.state;
  Reindexer reindexer(found.path, options, progress);
  for (const auto& [generation, docids] : found.faulty) reindexer.embed_again(*state.find(generation), docids);
  reindexer.remove_orphans(state, found.orphans);
  if (found.dictionaries.size() == state.records().size()) reindexer.work();
  if (found.dictionaries.contains(state.serving.generation)) reindexer.tidy();
}

void repair_database(DatabaseCheck found, const CheckOptions& options, const ProgressFunction& progress) {
  if (std::ranges::none_of(found.findings, &Finding::repairable)) return;
  // What a damaged entry said of documents is not known, so all of them are looked at.
  while (repair_metadata(found, options.edit))
    found = check_database(found.path, {.force = options.force, .edit = options.edit}, progress);
  if (found.state) repair_documents(found, options.edit, progress);
}

}  // namespace

CheckReport check_index(const std::string& path, const CheckOptions& options, const ProgressFunction& progress) {
  return report_of(check_all(path, options, progress));
}

RepairReport repair_index(const std::string& path, const CheckOptions& options, const ProgressFunction& progress) {
  const std::vector<DatabaseCheck> all = check_all(path, options, progress);
  RepairReport report;
  report.found = report_of(all);
  for (const DatabaseCheck& one : all) repair_database(one, options, progress);
  report.left = check_index(path, options, progress);
  return report;
}

}  // namespace vecterm
