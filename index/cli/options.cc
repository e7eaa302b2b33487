// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "analyzers/errors.h"

namespace vecterm::cli {

namespace {

constexpr char kBracketMark = '\x01';

std::string unmarked(const std::string& argument) {
  return !argument.empty() && argument.front() == kBracketMark ? argument.substr(1) : argument;
}

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(30); }

  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string required;
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_required() || option->get_positional()) continue;
      const std::string& names = option->get_name();
      required += fmt::format(" {} {}", names.substr(0, names.find(',')), option->get_type_name());
    }
    return CLI::Formatter::make_usage(app, name + required);
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0 || option->get_positional()) return {};
    const bool many = option->get_expected_max() == CLI::detail::expected_max_vector_size;
    return ' ' + option->get_type_name() + (many ? "..." : "");
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    std::string text = option->get_description();
    const std::string value = option->get_default_str();
    return value.empty() ? text : fmt::format("{} (default: {})", text, value);
  }
};

}  // namespace

void set_help_layout(CLI::App& app) {
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->label("SUBCOMMAND", "VERB");
  formatter->label("Positionals", "Arguments");
  app.formatter(formatter);
}

std::vector<std::string> arguments(int argc, const char* const* argv) {
  std::vector<std::string> result;
  for (int i = argc - 1; i > 0; --i) {
    std::string argument = argv[i];
    const bool bracketed = argument.size() > 1 && argument.front() == '[' && argument.back() == ']';
    result.push_back(bracketed ? kBracketMark + argument : std::move(argument));
  }
  return result;
}

CLI::App& add_verb(CLI::App& app, const std::string& name, const std::string& description, const std::string& footer) {
  return *app.add_subcommand(name, description)->group("Verbs")->footer(footer);
}

void require_verb(CLI::App& verb) { verb.require_subcommand(1); }

void set_action(CLI::App& verb, Action& action, Action run) {
  verb.callback([&action, run = std::move(run)] { action = run; });
}

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::default_text(const std::string& text) const {
  option_->default_str(text);
  return *this;
}

Option Option::excludes(const Option& other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::needs(const Option& other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::many() const {
  option_->expected(CLI::detail::expected_max_vector_size);
  return *this;
}

Option Option::list() const {
  option_->delimiter(',');
  return one_at_a_time();
}

Option Option::one_at_a_time() const {
  option_->allow_extra_args(false);
  return *this;
}

Option Option::one_of(const std::vector<std::string>& choices) const {
  option_->check(CLI::IsMember(choices).description(""));
  return *this;
}

Option add_option(CLI::App& app, const std::string& names, const TakeValues& take, const std::string& type,
                  const std::string& description) {
  const auto assign = [take](const CLI::results_t& results) {
    take(results);
    return true;
  };
  return Option(app.add_option(names, assign, description)->type_name(type));
}

void refuse(const std::string& message) { throw CLI::ValidationError(message); }

Option add_flag(CLI::App& app, const std::string& names, bool& value, const std::string& description) {
  return Option(app.add_flag(names, value, description));
}

Option add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                const std::string& description) {
  const auto take = [&value](const std::vector<std::string>& values) { value = unmarked(values.back()); };
  return add_option(app, names, take, type, description).default_text(value);
}

Option add_texts(CLI::App& app, const std::string& names, std::vector<std::string>& values, const std::string& type,
                 const std::string& description) {
  const auto take = [&values](const std::vector<std::string>& given) {
    values.clear();
    for (const std::string& value : given) values.push_back(unmarked(value));
  };
  return add_option(app, names, take, type, description).many();
}

Option add_choice(CLI::App& app, const std::string& names, std::string& value, const std::vector<std::string>& choices,
                  const std::string& description) {
  return add_text(app, names, value, fmt::format("{}", fmt::join(choices, "|")), description).one_of(choices);
}

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
    for (const std::string& text : given) fields.push_back(DocumentField::parse(unmarked(text)));
    check_fields(fields);
  };
  return add_option(app, "--fields", take, "LIST", "texts of a document that count, NAME or NAME:WEIGHT")
      .many()
      .list()
      .default_text(fields_text(fields));
}

Option add_family(CLI::App& app, std::string& family) {
  return add_choice(app, "--family", family, {"cells", "cross-polytope", "hyperplane", "p-stable"},
                    "of the LSH tokens");
}

void add_hash_space_options(CLI::App& app, HashSpaceOptions& options) {
  add_numbers(app, "--cells", options.cells, "cells: how many; several numbers make several tables", 1U << 20U)
      .default_text("by the number of documents");
  add_number(app, "--assignments", options.assignments, "cells: of each table that a document is filed under", 4U);
  add_number(app, "--tables", options.tables, "all but cells: hash tables; 0 = 32", 256U);
  add_number(app, "--bits", options.bits, "all but cells: bits a table; 0 = by the number of documents", 24U);
  add_number(app, "--width", options.width, "p-stable: of the hashes' intervals");
}

Option add_codec(CLI::App& app, std::string& codec) {
  return add_choice(app, "--codec", codec, {"float32", "float16", "int8"}, "how rows are stored");
}

void add_write_options(CLI::App& app, WriteOptions& options) {
  add_number(app, "--threads", options.threads, "threads that analyse; 0 = all cores");
  add_number(app, "--batch", options.batch, "documents a commit");
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

void check_output_path(const std::string& path) {
  std::filesystem::path directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  if (access(directory.c_str(), W_OK) == 0) return;
  throw DiskError(fmt::format("cannot write {}: {}: {}", path, directory.string(), std::strerror(errno)));
}

}  // namespace vecterm::cli
