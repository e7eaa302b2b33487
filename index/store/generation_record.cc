// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/generation_record.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

constexpr int kVersion = 1;

/// Reads an entry, or does nothing where there is none.
template <class Read>
void read_entry(const Xapian::Database& database, std::string_view key, const Read& read) {
  const std::string text = database.get_metadata(std::string(key));
  if (text.empty()) return;
  try {
    const JsonDocument document(text);
    const JsonValue object = document.root();
    if (const auto version = object.at("version").integer(); version != kVersion)
      throw Damaged(fmt::format("metadata {}: version must be {}; was {}", key, kVersion, version));
    read(object);
  } catch (const JsonError& error) {
    throw Damaged(fmt::format("metadata {}: damaged: {}", key, error.what()));
  }
}

std::uint64_t number_in(JsonValue object, const char* name, std::uint64_t least, std::uint64_t most) {
  const JsonValue value = object.at(name);
  const std::uint64_t number = value.is_whole_number() ? value.whole_number() : most + 1;
  if (number < least || number > most)
    throw Damaged(fmt::format("metadata: {} must be in [{}, {}]; was {}", name, least, most, value.excerpt()));
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
  read_entry(database, schema::kGenerationsKey, [&](JsonValue object) {
    result.since = object.at("since").integer();
    const JsonValue other = object.at("other");
    if (other.is_null()) return;
    result.other = IndexRecord::from_json(other.at("record").text());
    result.other_since = other.at("since").integer();
    result.other_served = other.at("served").boolean();
  });
  return result;
}

void Generations::write(Xapian::WritableDatabase& database) const {
  Json object{{"version", kVersion}, {"since", since}, {"other", nullptr}};
  if (other)
    object.set("other", {{"record", Json::parsed(other->to_json())}, {"since", other_since}, {"served", other_served}});
  database.set_metadata(std::string(schema::kGenerationsKey), object.exact_text());
}

std::optional<UpdateRecord> UpdateRecord::read(const Xapian::Database& database) {
  std::optional<UpdateRecord> result;
  read_entry(database, schema::kUpdateKey, [&](JsonValue object) {
    UpdateRecord update;
    update.generation = static_cast<unsigned>(number_in(object, "generation", 0, std::numeric_limits<unsigned>::max()));
    update.next = static_cast<Xapian::docid>(number_in(object, "next", 1, std::numeric_limits<Xapian::docid>::max()));
    update.everywhere = object.at("everywhere").boolean();
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
  const Json object{{"version", kVersion}, {"generation", generation}, {"next", next}, {"everywhere", everywhere}};
  database.set_metadata(std::string(schema::kUpdateKey), object.exact_text());
}

void UpdateRecord::remove(Xapian::WritableDatabase& database) {
  database.set_metadata(std::string(schema::kUpdateKey), {});
  database.set_metadata(std::string(schema::kChangedKey), {});
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace vecterm
