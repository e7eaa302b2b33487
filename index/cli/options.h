// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "analyzers/training/hash_space_learner.h"
#include "index/cli/cli.h"
#include "index/indexer.h"

namespace CLI {
class Option;
}

/// What the verbs say to the parser of command lines. Variables must outlive the parsing. CLI11's header takes longer
/// to compile than all else that a verb includes, so it stays behind these declarations.
namespace vecterm::cli {

/// Help in our layout: required options in the usage line, defaults behind the descriptions. Verbs that are added later
/// take it over.
void set_help_layout(CLI::App& app);

/// The arguments of main() as CLI::App::parse wants them: last first, and with those in square brackets marked, which
/// CLI11 would take for lists. add_text and add_texts remove the marks.
std::vector<std::string> arguments(int argc, const char* const* argv);

/// A verb below `app`, or below another verb.
CLI::App& add_verb(CLI::App& app, const std::string& name, const std::string& description, const std::string& footer);

/// Has the verb demand one of the verbs below it, which are added afterwards.
void require_verb(CLI::App& verb);

/// Where the command line has the verb, parsing sets `action` to `run`; `action` must outlive `verb`.
void set_action(CLI::App& verb, Action& action, Action run);

/// An option that was added, to say more about it.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option required() const;
  /// What the help shows as the default.
  Option default_text(const std::string& text) const;
  /// Not together with `other`.
  Option excludes(const Option& other) const;
  /// Only together with `other`.
  Option needs(const Option& other) const;
  /// As many values as there are, up to the next option.
  Option many() const;
  /// With commas between the values.
  Option list() const;
  /// Options with several values: one value each time that the option is given.
  Option one_at_a_time() const;
  /// No other values than these.
  Option one_of(const std::vector<std::string>& choices) const;

 private:
  CLI::Option* option_;
};

/// Takes the values of an option, at least one. @throws what refuse() throws
using TakeValues = std::function<void(const std::vector<std::string>& values)>;

/// An option that converts its values itself; one value unless it is many() or a list().
Option add_option(CLI::App& app, const std::string& names, const TakeValues& take, const std::string& type,
                  const std::string& description);

/// Refuses a value: the command line is not used. `message` names the option.
[[noreturn]] void refuse(const std::string& message);

Option add_flag(CLI::App& app, const std::string& names, bool& value, const std::string& description);

Option add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                const std::string& description);

/// One or more values, taken as they are.
Option add_texts(CLI::App& app, const std::string& names, std::vector<std::string>& values, const std::string& type,
                 const std::string& description);

/// One of `choices`; the help lists them.
Option add_choice(CLI::App& app, const std::string& names, std::string& value, const std::vector<std::string>& choices,
                  const std::string& description);

/// A decimal number, at most `most`. CLI11's own conversion takes "-1" for 2^64 - 1, "010" for 8 and "" for 0.
/// Refuses others by a message that names the option.
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

/// One number, as above.
template <class Number>
Option add_number(CLI::App& app, const std::string& names, Number& value, const std::string& description,
                  Number most = std::numeric_limits<Number>::max()) {
  const auto take = [&value, names, most](const std::vector<std::string>& values) {
    value = parse_number(names, values.back(), most);
  };
  return add_option(app, names, take, "N", description).default_text(fmt::format("{}", value));
}

/// A decimal number that may be missing; negative ones, too.
Option add_optional_number(CLI::App& app, const std::string& names, std::optional<double>& value,
                           const std::string& description);

/// One or more whole numbers, separated by commas: -k 1,10
Option add_numbers(CLI::App& app, const std::string& names, std::vector<std::uint32_t>& values,
                   const std::string& description, std::uint32_t most = std::numeric_limits<std::uint32_t>::max());

/// --fields title:2,text,queries
Option add_fields(CLI::App& app, DocumentFields& fields);

/// --family of a hash space.
Option add_family(CLI::App& app, std::string& family);

/// --cells, --assignments, --tables, --bits, --width.
void add_hash_space_options(CLI::App& app, HashSpaceOptions& options);

/// --codec of a dictionary's rows.
Option add_codec(CLI::App& app, std::string& codec);

/// --threads and --batch of a verb that writes an index.
void add_write_options(CLI::App& app, WriteOptions& options);

/// The directories that the environment variable VECTERM_DICTIONARIES lists, with colons between: where dictionaries are
/// looked for that are not beside an index.
std::vector<std::string> dictionary_directories();

/// @throws DiskError where no file can be made at `path`: better said before a long run than after it
void check_output_path(const std::string& path);

}  // namespace vecterm::cli
