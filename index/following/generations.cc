// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/generations.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analyzers/errors.h"
#include "index/following/reindexer.h"
#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/store/overtaken.h"

namespace vecterm {
namespace {

GenerationInfo info(const Xapian::Database& database, const EmbeddingState& state, const IndexRecord& record) {
  GenerationInfo info;
  info.number = record.generation;
  info.serving = record.generation == state.serving.generation;
  info.served = !info.serving && state.generations.other_served;
  info.dictionary = record.dictionary;
  info.hash_space = record.hash_space;
  info.documents = database.get_termfreq(record.marker());
  info.all_documents = database.get_doccount();
  info.vectors = database.get_value_freq(record.slot());
  const std::int64_t since = info.serving ? state.generations.since : state.generations.other_since;
  if (since != 0) info.since = since;
  if (const auto& update = state.update; update && update->generation == record.generation)
    info.updated = static_cast<double>(update->next - 1) / std::max(1.0, static_cast<double>(database.get_lastdocid()));
  return info;
}

std::vector<GenerationInfo> generations_of(const Xapian::Database& database, const std::string& directory) {
  const EmbeddingState state = EmbeddingState::read(database, directory);
  std::vector<GenerationInfo> infos{info(database, state, state.serving)};
  if (state.generations.other) infos.push_back(info(database, state, *state.generations.other));
  return infos;
}

std::vector<GenerationInfo> generations_of(const std::string& directory) {
  return reading_from(directory, [&](const Xapian::Database& database) { return generations_of(database, directory); });
}

void add(GenerationInfo& sum, const GenerationInfo& info) {
  sum.documents += info.documents;
  sum.all_documents += info.all_documents;
  sum.vectors += info.vectors;
  if (info.updated) sum.updated = std::min(*info.updated, sum.updated.value_or(1));
}

}  // namespace

std::vector<GenerationInfo> list_generations(const std::string& path) {
  const std::vector<std::string> directories = local_databases(path);
  std::vector<GenerationInfo> sums = generations_of(directories.front());
  for (const std::string& directory : std::span(directories).subspan(1)) {
    const std::vector<GenerationInfo> infos = generations_of(directory);
    const auto same = [](const GenerationInfo& a, const GenerationInfo& b) {
      return a.number == b.number && a.dictionary == b.dictionary;
    };
    if (!std::ranges::equal(sums, infos, same))
      throw Conflict(
          fmt::format("{} and {} have other generations; finish what was begun with vecterm reindex or "
                      "vecterm generations",
                      directories.front(), directory));
    for (std::size_t i = 0; i < sums.size(); ++i) add(sums[i], infos[i]);
  }
  return sums;
}

void activate_generation(const std::string& path, unsigned number, const ReindexOptions& options,
                         const ProgressFunction& progress) {
  std::list<Reindexer> all = reindexers(path, options, progress);
  // A run that was interrupted may have switched some of them.
  for (Reindexer& one : all)
    if (!one.serves(number)) one.prepare(number);
  for (Reindexer& one : all)
    if (!one.serves(number)) one.activate(number);
  for (Reindexer& one : all) one.finish();
}

void rollback_generation(const std::string& path, const ReindexOptions& options, const ProgressFunction& progress) {
  const std::vector<GenerationInfo> generations = list_generations(path);
  if (!generations.back().served)
    throw InvalidArgument(
        fmt::format("{}: there is no generation that served before {}", path, generations.front().number));
  activate_generation(path, generations.back().number, options, progress);
}

void retire_generation(const std::string& path, unsigned number, const ReindexOptions& options,
                       const ProgressFunction& progress) {
  std::list<Reindexer> all = reindexers(path, options, progress);
  // A run that was interrupted may have done some of them. Where it has done all, the reason is told.
  const auto has = [&](const Reindexer& one) { return one.has(number); };
  if (std::ranges::any_of(all, has)) std::erase_if(all, [&](const Reindexer& one) { return !has(one); });
  for (Reindexer& one : all) one.retire(number);
  for (Reindexer& one : all) one.finish();
}

}  // namespace vecterm
