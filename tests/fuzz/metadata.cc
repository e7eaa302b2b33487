// SPDX-License-Identifier: GPL-2.0-or-later
// The entries that vecterm keeps in a database's metadata.
#include "index/store/generation_record.h"
#include "index/writing/corpus_stream.h"
#include "plugin/ranking_profile.h"
#include "plugin/schema.h"
#include "plugin/search_request.h"
#include "tests/fuzz/fuzz.h"

using namespace vecterm;
using fuzz::require;

namespace {

using Read = void (*)(std::string_view entry);

Xapian::WritableDatabase database_with(std::string_view key, std::string_view entry) {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  database.set_metadata(std::string(key), std::string(entry));
  return database;
}

// What is read is written as it is read.
void read_record(std::string_view entry) {
  const IndexRecord record = IndexRecord::from_json(entry);
  require(IndexRecord::from_json(record.to_json()) == record);
  record.marker();
}

void read_tuning(std::string_view entry) {
  const Tuning tuning = Tuning::from_json(entry);
  require(Tuning::from_json(tuning.to_json()).to_json() == tuning.to_json());
  tuning.at(tuning.target);
  tuning.estimate({10, 0.5});
}

void read_stored_profiles(std::string_view entry) {
  const RankingProfiles profiles = profiles_from_json(entry);
  require(profiles_from_json(to_json(profiles)) == profiles);
  for (const auto& [name, profile] : profiles) Ranking{profile};
}

void read_generations(std::string_view entry) {
  Xapian::WritableDatabase database = database_with(schema::kGenerationsKey, entry);
  Generations::read(database).write(database);
  const std::string written = database.get_metadata(std::string(schema::kGenerationsKey));
  Generations::read(database).write(database);
  require(database.get_metadata(std::string(schema::kGenerationsKey)) == written);
}

// Two entries: the update, and the words that it is about.
void read_update(std::string_view entries) {
  fuzz::Input input(entries);
  Xapian::WritableDatabase database = database_with(schema::kUpdateKey, input.text());
  database.set_metadata(std::string(schema::kChangedKey), std::string(input.rest()));
  if (const auto update = UpdateRecord::read(database)) update->write(database);
}

void read_cursor(std::string_view entry) {
  const fuzz::MemoryFile corpus("a line\nand another\n");
  CorpusStream stream({corpus.path()});
  skip_to(stream, std::string(entry));
}

constexpr Read kReads[] = {read_record, read_tuning, read_stored_profiles, read_generations, read_update, read_cursor};

// A byte says which entry follows.
void feed_metadata(std::string_view bytes) {
  fuzz::Input input(bytes);
  const Read read = kReads[input.byte() % std::size(kReads)];
  read(input.rest());
}

std::vector<std::string> metadata_seeds() {
  const auto seed = [](int kind, const std::string& entry) { return std::string(1, static_cast<char>(kind)) + entry; };
  IndexRecord record{std::string(32, 'a'), "7k3f", 8, 1, {}};
  record.settings.stop_words = {"the"};
  record.settings.metadata = {{"section", "XSECTION", 1U, false}};
  Tuning tuning{"7k3f", 0.9, 10, 100, {}};
  for (int i = 1; i <= 3; ++i)
    tuning.curve.push_back({{static_cast<std::size_t>(10 * i)}, 0.85 + 0.03 * i, 1, 2, 3, 4});
  Generations generations{.since = 17, .other = record, .other_since = 5, .other_served = true};
  Xapian::WritableDatabase database = database_with(schema::kGenerationsKey, {});
  generations.write(database);
  UpdateRecord{.generation = 1, .next = 5, .everywhere = false, .words = {"apple", "pear"}}.write(database);
  const auto entry = [&](std::string_view key) { return database.get_metadata(std::string(key)); };
  return {seed(0, record.to_json()),
          seed(1, tuning.to_json()),
          seed(2, to_json({{"default", default_profile()}})),
          seed(3, entry(schema::kGenerationsKey)),
          seed(4, entry(schema::kUpdateKey) + fuzz::Input::kBetween + entry(schema::kChangedKey)),
          seed(5, Cursor{1, {}}.to_json())};
}

const fuzz::Registered kMetadata("metadata", feed_metadata, metadata_seeds);

}  // namespace
