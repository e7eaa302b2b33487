// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "analyzers/training/hash_space_learner.h"
#include "index/indexer.h"

/// What the verbs' options have in common. Variables must outlive the parsing.
namespace vecterm::cli {

/// Help in our layout: required options in the usage line, defaults behind the descriptions.
std::shared_ptr<CLI::FormatterBase> help_formatter();

/// The arguments of main() as CLI::App::parse wants them: last first, and with those in square brackets marked, which
/// CLI11 would take for lists. add_text and add_texts remove the marks.
std::vector<std::string> arguments(int argc, const char* const* argv);

CLI::Option* add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                      const std::string& description);

/// One or more values, taken as they are.
CLI::Option* add_texts(CLI::App& app, const std::string& names, std::vector<std::string>& values,
                       const std::string& type, const std::string& description);

/// One of `choices`; the help lists them.
CLI::Option* add_choice(CLI::App& app, const std::string& names, std::string& value,
                        const std::vector<std::string>& choices, const std::string& description);

/// A decimal number, at most `most`. CLI11's own conversion takes "-1" for 2^64 - 1, "010" for 8 and "" for 0.
/// @throws CLI::ValidationError that names the option
template <class Number>
Number parse_number(const std::string& names, const std::string& text, Number most) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec == std::errc{} && parsed.ptr == end && !(value > most)) return value;
  const std::string kind =
      std::is_integral_v<Number> ? fmt::format("a whole number in [0, {}]", most) : "a decimal number";
  throw CLI::ValidationError(fmt::format("{} must be {}; was \"{}\"", names, kind, text));
}

/// One number, as above.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& names, Number& value, const std::string& description,
                        Number most = std::numeric_limits<Number>::max()) {
  const auto assign = [&value, names, most](const CLI::results_t& results) {
    value = parse_number(names, results.back(), most);
    return true;
  };
  return app.add_option(names, assign, description)->type_name("N")->default_str(fmt::format("{}", value));
}

/// One or more whole numbers, separated by commas: -k 1,10
CLI::Option* add_numbers(CLI::App& app, const std::string& names, std::vector<std::uint32_t>& values,
                         const std::string& description);

/// --fields title,text
CLI::Option* add_fields(CLI::App& app, std::vector<std::string>& fields);

/// --cells, --tables, --bits: checked here, because learning a hash space comes last in a long run.
void add_hash_space_options(CLI::App& app, HashSpaceOptions& options);

/// --codec of a dictionary's rows.
CLI::Option* add_codec(CLI::App& app, std::string& codec);

/// --threads and --batch of a verb that writes an index.
void add_write_options(CLI::App& app, WriteOptions& options);

/// @throws DiskError where no file can be made at `path`: better said before a long run than after it
void check_output_path(const std::string& path);

}  // namespace vecterm::cli
