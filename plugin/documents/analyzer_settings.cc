// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/analyzer_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <set>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr int kRecordVersion = 1;
constexpr std::size_t kMaxPrefixBytes = 32;
constexpr std::size_t kMaxIdBytes = 64;

void check_prefix(const std::string& setting, const std::string& prefix) {
  const bool capitals = std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (prefix.size() < 2 || prefix.size() > kMaxPrefixBytes || prefix[0] != 'X' || !capitals)
    throw InvalidArgument(fmt::format("{} must be X and 1 to {} more capital ASCII letters; was {}", setting,
                                      kMaxPrefixBytes - 1, in_quotes(prefix)));
}

void use_slot(const std::string& setting, Xapian::valueno slot, std::set<Xapian::valueno>& used) {
  if (slot >= Xapian::BAD_VALUENO - 1)
    throw InvalidArgument(fmt::format("{} must be below {}; was {}", setting, Xapian::BAD_VALUENO - 1, slot));
  if (!used.insert(slot).second) throw InvalidArgument(fmt::format("{}: slot {} is used twice", setting, slot));
}

void check_field(const MetadataField& field, const AnalyzerSettings& settings, std::set<Xapian::valueno>& used) {
  const std::string setting = "metadata." + field.name;
  if (field.name.empty()) throw InvalidArgument("metadata: a field has no name");
  if (field.prefix.empty() && !field.slot) throw InvalidArgument(setting + " needs a prefix, a slot, or both");
  if (field.slot) use_slot(setting + ".slot", *field.slot, used);
  if (field.prefix.empty()) return;
  check_prefix(setting + ".prefix", field.prefix);
  if (field.prefix.starts_with(settings.token_prefix) || settings.token_prefix.starts_with(field.prefix))
    throw InvalidArgument(fmt::format("{}.prefix must not overlap the tokens' prefix {}; was {}", setting,
                                      settings.token_prefix, field.prefix));
}

Json to_json_value(const AnalyzerSettings& settings) {
  std::vector<Json> metadata;
  for (const MetadataField& field : settings.metadata) {
    Json entry{{"name", field.name}, {"prefix", field.prefix}, {"number", field.number}};
    if (field.slot) entry.set("slot", *field.slot);
    metadata.push_back(std::move(entry));
  }
  Json value{{"stemmer", settings.stemmer}, {"stop_words", settings.stop_words},   {"prefix", settings.token_prefix},
             {"slot", settings.slot},       {"codec", codec_name(settings.codec)}, {"metadata", metadata}};
  if (settings.fields == default_fields()) return value;
  std::vector<std::string> fields;
  for (const DocumentField& field : settings.fields) fields.push_back(field.text());
  if (!fields.empty()) value.set("fields", fields);
  return value;
}

// A conversion by the library would make a number of anything.
template <class Number>
Number whole_number(JsonValue object, const char* name, Number least, Number most) {
  const JsonValue value = object.at(name);
  if (!value.is_whole_number() || value.whole_number() < least || value.whole_number() > most)
    throw Damaged(
        fmt::format("index record: {} must be a whole number in [{}, {}]; was {}", name, least, most, value.excerpt()));
  return static_cast<Number>(value.whole_number());
}

// It becomes part of file names and of messages.
std::string id_from(JsonValue object, const char* name) {
  const auto id = object.at(name).string();
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (id.empty() || id.size() > kMaxIdBytes || !std::ranges::all_of(id, allowed))
    throw Damaged(
        fmt::format("index record: {} must be 1 to {} letters and digits; was {}", name, kMaxIdBytes, in_quotes(id)));
  return id;
}

Xapian::valueno slot_from(JsonValue object) {
  return whole_number<Xapian::valueno>(object, "slot", 0, Xapian::BAD_VALUENO);
}

AnalyzerSettings settings_from(JsonValue object) {
  AnalyzerSettings settings;
  settings.stemmer = object.at("stemmer").string();
  settings.stop_words = object.at("stop_words").strings();
  settings.token_prefix = object.at("prefix").string();
  settings.slot = slot_from(object);
  settings.codec = codec_from_name(object.at("codec").string());
  for (const JsonValue entry : object.at("metadata").elements()) {
    MetadataField field{entry.at("name").string(), entry.at("prefix").string(), std::nullopt,
                        entry.at("number").boolean()};
    if (entry.has("slot")) field.slot = slot_from(entry);
    settings.metadata.push_back(std::move(field));
  }
  if (object.has("fields")) {
    settings.fields.clear();
    for (const JsonValue entry : object.at("fields").elements())
      settings.fields.push_back(DocumentField::parse(entry.string()));
  }
  settings.check();
  return settings;
}

}  // namespace

std::string MetadataField::term(std::string_view value) const {
  const bool ambiguous = !value.empty() && (value[0] == ':' || (value[0] >= 'A' && value[0] <= 'Z'));
  return (prefix + (ambiguous ? ":" : "")).append(value);
}

void AnalyzerSettings::check() const {
  stem();
  check_fields(fields);
  check_prefix("prefix", token_prefix);
  std::set<Xapian::valueno> used;
  use_slot("slot", slot, used);
  use_slot("slot + 1", slot + 1, used);
  std::set<std::string_view> names;
  for (const MetadataField& field : metadata) {
    check_field(field, *this, used);
    if (!names.insert(field.name).second) throw InvalidArgument("metadata." + field.name + " is there twice");
  }
}

Xapian::Stem AnalyzerSettings::stem() const {
  try {
    return Xapian::Stem(stemmer);
  } catch (const Xapian::InvalidArgumentError&) {
    throw InvalidArgument(fmt::format("stemmer must be \"none\" or one of Xapian's languages ({}); was {}",
                                      Xapian::Stem::get_available_languages(), in_quotes(stemmer)));
  }
}

std::unique_ptr<Xapian::SimpleStopper> AnalyzerSettings::stopper() const {
  if (stop_words.empty()) return nullptr;
  return std::make_unique<Xapian::SimpleStopper>(stop_words.begin(), stop_words.end());
}

std::string IndexRecord::to_json() const {
  return Json{{"version", kRecordVersion}, {"dictionary", dictionary}, {"hash_space", hash_space},
              {"dimensions", dimensions},  {"generation", generation}, {"settings", to_json_value(settings)}}
      .exact_text();
}

IndexRecord IndexRecord::from_json(std::string_view text) {
  try {
    const JsonDocument document(text);
    const JsonValue object = document.root();
    if (const auto version = object.at("version").integer(); version != kRecordVersion)
      throw Damaged(fmt::format("index record: version must be {}; was {}", kRecordVersion, version));
    IndexRecord record;
    record.dictionary = id_from(object, "dictionary");
    record.hash_space = id_from(object, "hash_space");
    record.dimensions = whole_number<std::size_t>(object, "dimensions", 1, kMostDimensions);
    record.generation = whole_number<unsigned>(object, "generation", 0, UINT_MAX);
    record.settings = settings_from(object.at("settings"));
    return record;
  } catch (const JsonError& error) {
    throw Damaged(fmt::format("index record: damaged: {}", error.what()));
  } catch (const InvalidArgument& error) {
    throw Damaged(fmt::format("index record: damaged: {}", shortened(error.what())));
  }
}

std::optional<IndexRecord> IndexRecord::read(const Xapian::Database& database) {
  const std::string text = database.get_metadata(std::string(schema::kIndexKey));
  if (text.empty()) return std::nullopt;
  return from_json(text);
}

void IndexRecord::write(Xapian::WritableDatabase& database) const {
  database.set_metadata(std::string(schema::kIndexKey), to_json());
}

std::string_view hash_space_of(std::string_view term, std::string_view token_prefix) {
  constexpr std::size_t kIdBytes = 4;
  if (!term.starts_with(token_prefix)) return {};
  term.remove_prefix(token_prefix.size());
  const bool is_marker = term.starts_with(schema::kMarker);
  if (is_marker) term.remove_prefix(1);
  if (term.size() < kIdBytes || term[0] < '0' || term[0] > '9') return {};
  if (is_marker ? term.size() != kIdBytes : term.substr(kIdBytes, 1) != "_") return {};
  return term.substr(0, kIdBytes);
}

std::vector<std::string> tokens_of(const Xapian::Document& document, const std::string& token_prefix) {
  std::vector<std::string> tokens;
  auto term = document.termlist_begin();
  for (term.skip_to(token_prefix); term != document.termlist_end(); ++term) {
    std::string text = *term;
    if (!text.starts_with(token_prefix)) break;
    if (!hash_space_of(text, token_prefix).empty()) tokens.push_back(std::move(text));
  }
  return tokens;
}

}  // namespace vecterm
