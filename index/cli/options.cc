// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/spaces/families.h"
#include "analyzers/vector_codec.h"

namespace vecterm::cli {

namespace {

/// Whether both are one file, or will be.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  if (std::filesystem::exists(a, error))
    return std::filesystem::is_regular_file(a, error) && std::filesystem::equivalent(a, b, error);
  const auto whole = [&](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  };
  return whole(a) == whole(b);
}

}  // namespace

template <class Number>
Number parse_number(const std::string& names, const std::string& text, Number most) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec == std::errc{} && parsed.ptr == end && !(value > most)) return value;
  const std::string kind =
      std::is_integral_v<Number> ? fmt::format("a whole number in [0, {}]", most) : "a decimal number";
  refuse(fmt::format("{} must be {}; was \"{}\"", names, kind, text));
}

template <class Number>
Option add_number(CLI::App& app, const std::string& names, Number& value, const std::string& description, Number most) {
  const auto take = [&value, names, most](const std::vector<std::string>& values) {
    value = parse_number(names, values.back(), most);
  };
  return add_option(app, names, take, "N", description).default_text(fmt::format("{}", value));
}

template std::uint32_t parse_number(const std::string&, const std::string&, std::uint32_t);
template double parse_number(const std::string&, const std::string&, double);
template Option add_number(CLI::App&, const std::string&, std::uint32_t&, const std::string&, std::uint32_t);
template Option add_number(CLI::App&, const std::string&, std::uint64_t&, const std::string&, std::uint64_t);
template Option add_number(CLI::App&, const std::string&, float&, const std::string&, float);
template Option add_number(CLI::App&, const std::string&, double&, const std::string&, double);

Option add_optional_number(CLI::App& app, const std::string& names, std::optional<double>& value,
                           const std::string& description) {
  const auto take = [&value, names](const std::vector<std::string>& values) {
    value = parse_number(names, values.back(), std::numeric_limits<double>::max());
  };
  return add_option(app, names, take, "N", description);
}

Option add_numbers(CLI::App& app, const std::string& names, std::vector<std::uint32_t>& values,
                   const std::string& description, std::uint32_t most) {
  const auto take = [&values, names, most](const std::vector<std::string>& given) {
    values.clear();
    for (const std::string& value : given) values.push_back(parse_number(names, value, most));
  };
  return add_option(app, names, take, "LIST", description)
      .many()
      .list()
      .default_text(fmt::format("{}", fmt::join(values, ",")));
}

Option add_fields(CLI::App& app, DocumentFields& fields) {
  const auto take = [&fields](const std::vector<std::string>& given) {
    fields.clear();
    for (const std::string& text : given) fields.push_back(DocumentField::parse(text));
    check_fields(fields);
  };
  return add_option(app, "--fields", take, "LIST", "texts of a document that count, NAME or NAME:WEIGHT")
      .many()
      .list()
      .default_text(fields_text(fields));
}

Option add_family(CLI::App& app, std::string& family) {
  return add_choice(app, "--family", family, hash_space_family_names(), "of the LSH tokens");
}

void add_hash_space_options(CLI::App& app, HashSpaceOptions& options) {
  add_numbers(app, "--cells", options.cells, "cells: how many; several numbers make several tables", 1U << 20U)
      .default_text("by the number of documents");
  add_number(app, "--assignments", options.assignments, "cells: of each table that a document is filed under", 4U);
  add_number(app, "--tables", options.tables, "all but cells: hash tables; 0 = 32", 256U);
  add_number(app, "--bits", options.bits, "all but cells: bits a table; 0 = by the number of documents", 24U);
  add_number(app, "--width", options.width, "p-stable: of the hashes' intervals");
}

Option add_threads(CLI::App& app, unsigned& threads, const std::string& description) {
  return add_number(app, "--threads", threads, description, kMaxThreads);
}

Option add_codec(CLI::App& app, std::string& codec) {
  return add_choice(app, "--codec", codec, dictionary_codec_names(), "how rows are stored");
}

void add_lock_option(CLI::App& app, WriteOptions& options) {
  add_number(app, "--lock-seconds", options.lock_seconds, "how long to wait while somebody else writes");
}

void add_write_options(CLI::App& app, WriteOptions& options) {
  add_threads(app, options.threads, "threads that analyse; 0 = all cores");
  add_number(app, "--batch", options.batch, "documents a commit");
  add_lock_option(app, options);
}

void add_allow_programs(CLI::App& app, bool& allow_programs) {
  add_flag(app, "--allow-programs", allow_programs, "run the programs that a stub file names");
}

std::vector<std::string> dictionary_directories() {
  std::vector<std::string> directories;
  const char* const list = std::getenv("VECTERM_DICTIONARIES");
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) directories.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return directories;
}

void check_output_path(const std::string& path, const std::vector<std::string>& others) {
  for (const std::string& other : others)
    if (!other.empty() && is_same_file(path, other))
      throw InvalidArgument(
          fmt::format("{} must not be written: the command reads it, or writes something else to it", path));
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored))
    throw DiskError(fmt::format("cannot write {}: it is a directory; give the name of a file", path));
  check_can_write(path);
}

}  // namespace vecterm::cli
