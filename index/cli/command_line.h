// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "index/cli/cli.h"

namespace CLI {
class Option;
}

/// The one door to the parser of command lines, CLI11, whose header takes longer to compile than all else that a verb
/// includes. Variables must outlive the parsing.
namespace vecterm::cli {

/// What the command line of a whole program is: parses it, and runs what it asks for.
/// @param description  first line of the help
/// @param footer       last lines of the help
/// @param add_verbs    adds the verbs; help and errors of them come in our layout
/// @returns the exit code
/// @throws InvalidArgument for a command line that cannot be used, and what the verb throws
int run_command(int argc, const char* const* argv, const std::string& description, const std::string& footer,
                const std::function<void(CLI::App& app, Action& action)>& add_verbs, Output& out);

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

/// Shows options of a verb under a heading of their own. @param names  "--threads"; they must be there
void set_heading(CLI::App& verb, const std::string& heading, const std::vector<std::string>& names);
/// Those under a heading that the command line has, as in set_heading().
std::vector<std::string> given_under(const CLI::App& verb, const std::string& heading);

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

}  // namespace vecterm::cli
