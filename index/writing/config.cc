// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <filesystem>
#include <limits>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "index/writing/metadata_update.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxNesting = 16;  // of which settings need four

/// One setting as it stands in the file: its name with the tables around it, and its value.
struct Setting {
  const std::string& file;
  std::string name;
  const toml::node& value;

  [[noreturn]] void refuse(const std::string& what) const {
    throw InvalidArgument(fmt::format("{}, line {}: {}", file, value.source().begin.line, what));
  }
  [[noreturn]] void refuse_type(std::string_view wanted) const {
    refuse(fmt::format("{} must be {}; was {}", name, wanted, type_name()));
  }
  [[noreturn]] void refuse_name() const { refuse(fmt::format("unknown key '{}'", name)); }

  std::string text() const {
    if (!value.is_string()) refuse_type("a string");
    return **value.as_string();
  }
  Xapian::valueno slot() const {
    if (!value.is_integer()) refuse_type("a whole number");
    const std::int64_t number = **value.as_integer();
    constexpr auto kMost = std::numeric_limits<Xapian::valueno>::max() - 1;
    if (number < 0 || number > kMost) refuse(fmt::format("{} must be in [0, {}]; was {}", name, kMost, number));
    return static_cast<Xapian::valueno>(number);
  }
  double number() const {
    const auto number = value.value<double>();
    if (!number) refuse_type("a number");
    return *number;
  }
  std::size_t count() const {
    if (!value.is_integer()) refuse_type("a whole number");
    const std::int64_t number = **value.as_integer();
    if (number < 0) refuse(fmt::format("{} must be at least 0; was {}", name, number));
    return static_cast<std::size_t>(number);
  }
  const toml::table& table() const {
    if (!value.is_table()) refuse_type("a table");
    return *value.as_table();
  }

 private:
  std::string_view type_name() const {
    switch (value.type()) {
      case toml::node_type::table:
        return "a table";
      case toml::node_type::array:
        return "an array";
      case toml::node_type::string:
        return "a string";
      case toml::node_type::integer:
        return "a whole number";
      case toml::node_type::floating_point:
        return "a number with a fraction";
      case toml::node_type::boolean:
        return "a boolean";
      default:
        return "a date or time";
    }
  }
};

std::vector<std::string> stop_words_of_file(const std::string& path) {
  std::vector<std::string> words;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);)
    if (!line.empty()) words.emplace_back(line);
  return words;
}

std::vector<std::string> stop_words(const Setting& setting) {
  if (setting.value.is_string())
    return stop_words_of_file((std::filesystem::path(setting.file).parent_path() / setting.text()).string());
  if (!setting.value.is_array()) setting.refuse_type("an array of strings or the name of a file");
  std::vector<std::string> words;
  for (const toml::node& word : *setting.value.as_array())
    words.push_back(Setting{setting.file, setting.name + " (each)", word}.text());
  return words;
}

DocumentFields document_fields(const Setting& setting) {
  if (!setting.value.is_array()) setting.refuse_type("an array of strings");
  DocumentFields fields;
  for (const toml::node& field : *setting.value.as_array()) {
    const Setting each{setting.file, setting.name + " (each)", field};
    const std::string text = each.text();
    try {
      fields.push_back(DocumentField::parse(text));
    } catch (const InvalidArgument& error) {
      each.refuse(error.what());
    }
  }
  return fields;
}

VectorCodec codec(const Setting& setting) {
  try {
    return codec_from_name(setting.text());
  } catch (const InvalidArgument& error) {
    setting.refuse(error.what());
  }
}

bool is_number(const Setting& setting) {
  const std::string type = setting.text();
  if (type != "string" && type != "number")
    setting.refuse(fmt::format("{} must be \"string\" or \"number\"; was \"{}\"", setting.name, type));
  return type == "number";
}

MetadataField metadata_field(const Setting& field, std::string_view name) {
  MetadataField result;
  result.name = name;
  for (const auto& [key, value] : field.table()) {
    const Setting setting{field.file, fmt::format("{}.{}", field.name, key.str()), value};
    if (key == "prefix")
      result.prefix = setting.text();
    else if (key == "slot")
      result.slot = setting.slot();
    else if (key == "type")
      result.number = is_number(setting);
    else
      setting.refuse_name();
  }
  return result;
}

std::vector<MetadataField> metadata_fields(const Setting& metadata) {
  std::vector<MetadataField> fields;
  for (const auto& [key, value] : metadata.table())
    fields.push_back(metadata_field({metadata.file, fmt::format("{}.{}", metadata.name, key.str()), value}, key.str()));
  return fields;
}

decltype(RankingProfile::parameters) parameters(const Setting& parameters) {
  decltype(RankingProfile::parameters) result;
  for (const auto& [key, value] : parameters.table())
    result.emplace(key.str(),
                   Setting{parameters.file, fmt::format("{}.{}", parameters.name, key.str()), value}.number());
  return result;
}

RankingProfile ranking_profile(const Setting& profile) {
  RankingProfile result;
  for (const auto& [key, value] : profile.table()) {
    const Setting setting{profile.file, fmt::format("{}.{}", profile.name, key.str()), value};
    if (key == "first_phase")
      result.first_phase = setting.text();
    else if (key == "second_phase")
      result.second_phase = setting.text();
    else if (key == "window")
      result.window = setting.count();
    else if (key == "parameters")
      result.parameters = parameters(setting);
    else
      setting.refuse_name();
  }
  try {
    Ranking checked(result);
  } catch (const InvalidArgument& error) {
    profile.refuse(fmt::format("{}: {}", profile.name, error.what()));
  }
  return result;
}

RankingProfiles ranking_profiles(const Setting& profiles) {
  RankingProfiles result;
  for (const auto& [key, value] : profiles.table())
    result.emplace(key.str(), ranking_profile({profiles.file, fmt::format("{}.{}", profiles.name, key.str()), value}));
  return result;
}

void apply(const Setting& setting, Config& config) {
  AnalyzerSettings& settings = config.settings;
  if (setting.name == "stemmer")
    settings.stemmer = setting.text();
  else if (setting.name == "stop_words")
    settings.stop_words = stop_words(setting);
  else if (setting.name == "prefix")
    settings.token_prefix = setting.text();
  else if (setting.name == "slot")
    settings.slot = setting.slot();
  else if (setting.name == "codec")
    settings.codec = codec(setting);
  else if (setting.name == "fields")
    settings.fields = document_fields(setting);
  else if (setting.name == "metadata")
    settings.metadata = metadata_fields(setting);
  else if (setting.name == "profiles")
    config.profiles = ranking_profiles(setting);
  else
    setting.refuse_name();
}

/// The last byte of the string that begins at `begin`, or the end of the text where it is not closed.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const bool lines = text.substr(begin, 3) == three;
  for (std::size_t i = begin + (lines ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (lines ? text.substr(i, 3) == three : text[i] == quote || text[i] == '\n')
      return lines ? i + 2 : i;
  }
  return text.size();
}

/// toml++ calls itself for each table that the parts of a key stand for, however many there are.
void check_nesting(std::string_view text, const std::string& path) {
  std::size_t brackets = 0;
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') i = std::min(text.find('\n', i), text.size() - 1);
    if (c == '"' || c == '\'') i = end_of_string(text, i);
    if (c == '.') ++dots;
    if (std::string_view("\n#,=[]{}").find(c) != std::string_view::npos) dots = 0;
    if (c == '[' || c == '{') ++brackets;
    if ((c == ']' || c == '}') && brackets > 0) --brackets;
    if (brackets > kMaxNesting || dots > kMaxNesting)
      throw DataError(fmt::format("{}, line {}: arrays, tables and the parts of a key must be nested at most {} deep",
                                  path, 1 + std::ranges::count(text.substr(0, i), '\n'), kMaxNesting));
  }
}

toml::table parse(const std::string& path) {
  std::string text;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) text.append(line) += '\n';
  check_nesting(text, path);
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    throw DataError(fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
}

}  // namespace

Config read_config(const std::string& path) {
  const toml::table table = parse(path);
  Config config;
  for (const auto& [key, value] : table) apply({path, std::string(key.str()), value}, config);
  try {
    config.settings.check();
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", path, error.what()));
  }
  return config;
}

void store_profiles(const std::string& path, const RankingProfiles& profiles, const std::vector<std::string>& removed,
                    const std::vector<std::string>& dictionaries) {
  update_metadata(path, dictionaries, [&](Xapian::WritableDatabase& database, const std::string& directory) {
    RankingProfiles stored = read_profiles(database);
    for (const std::string& name : removed)
      if (stored.erase(name) == 0)
        throw InvalidArgument(fmt::format("there is no profile \"{}\" in {}", name, directory));
    for (const auto& [name, profile] : profiles) stored.insert_or_assign(name, profile);
    write_profiles(database, stored);
  });
}

}  // namespace vecterm
