// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/generation_record.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/base/little_endian.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

/// Reads an entry, or does nothing where there is none.
template <class Read>
void read_entry(const Xapian::Database& database, std::string_view key, const Read& read) {
  const std::string text = database.get_metadata(std::string(key));
  if (text.empty()) return;
  try {
    const json object = json::parse(text);
    if (const int version = object.at("version").get<int>(); version != kVersion)
      throw Damaged(fmt::format("metadata {}: version must be {}; was {}", key, kVersion, version));
    read(object);
  } catch (const json::exception& error) {
    throw Damaged(fmt::format("metadata {}: damaged: {}", key, error.what()));
  }
}

std::uint64_t number_in(const json& object, const char* name, std::uint64_t least, std::uint64_t most) {
  const auto& value = object.at(name);
  const std::uint64_t number = value.is_number_unsigned() ? value.get<std::uint64_t>() : most + 1;
  if (number < least || number > most)
    throw Damaged(fmt::format("metadata: {} must be in [{}, {}]; was {}", name, least, most, value.dump()));
  return number;
}

std::string encode_words(const std::vector<std::string>& words) {
  std::string bytes;
  for (const std::string& word : words) {
    append_number<std::uint32_t>(bytes, static_cast<std::uint32_t>(word.size()));
    bytes += word;
  }
  return bytes;
}

std::vector<std::string> decode_words(std::string_view bytes) {
  std::vector<std::string> words;
  while (!bytes.empty()) {
    const std::size_t size = bytes.size() < 4 ? bytes.size() : number_at<std::uint32_t>(bytes, 0);
    if (bytes.size() < 4 || size > bytes.size() - 4)
      throw Damaged(fmt::format("metadata {}: damaged: a word of {} bytes, and {} are left", schema::kChangedKey, size,
                                bytes.size()));
    words.emplace_back(bytes.substr(4, size));
    bytes.remove_prefix(4 + size);
  }
  return words;
}

}  // namespace

Generations Generations::read(const Xapian::Database& database) {
  Generations result;
  read_entry(database, schema::kGenerationsKey, [&](const json& object) {
    result.since = object.at("since").get<std::int64_t>();
    const json& other = object.at("other");
    if (other.is_null()) return;
    result.other = IndexRecord::from_json(other.at("record").dump());
    result.other_since = other.at("since").get<std::int64_t>();
    result.other_served = other.at("served").get<bool>();
  });
  return result;
}

void Generations::write(Xapian::WritableDatabase& database) const {
  json object{{"version", kVersion}, {"since", since}, {"other", nullptr}};
  if (other)
    object["other"] = {{"record", json::parse(other->to_json())}, {"since", other_since}, {"served", other_served}};
  database.set_metadata(std::string(schema::kGenerationsKey), object.dump());
}

std::optional<UpdateRecord> UpdateRecord::read(const Xapian::Database& database) {
  std::optional<UpdateRecord> result;
  read_entry(database, schema::kUpdateKey, [&](const json& object) {
    UpdateRecord update;
    update.generation = static_cast<unsigned>(number_in(object, "generation", 0, std::numeric_limits<unsigned>::max()));
    update.next = static_cast<Xapian::docid>(number_in(object, "next", 1, std::numeric_limits<Xapian::docid>::max()));
    update.everywhere = object.at("everywhere").get<bool>();
    update.words = decode_words(database.get_metadata(std::string(schema::kChangedKey)));
    result = std::move(update);
  });
  return result;
}

void UpdateRecord::write(Xapian::WritableDatabase& database) const {
  write_progress(database);
  database.set_metadata(std::string(schema::kChangedKey), encode_words(words));
}

void UpdateRecord::write_progress(Xapian::WritableDatabase& database) const {
  const json object{{"version", kVersion}, {"generation", generation}, {"next", next}, {"everywhere", everywhere}};
  database.set_metadata(std::string(schema::kUpdateKey), object.dump());
}

void UpdateRecord::remove(Xapian::WritableDatabase& database) {
  database.set_metadata(std::string(schema::kUpdateKey), {});
  database.set_metadata(std::string(schema::kChangedKey), {});
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace vecterm
