// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/version.h"

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

/// Help in our layout: required options in the usage line, defaults behind the descriptions. Verbs that are added later
/// take it over.
void set_help_layout(CLI::App& app) {
  const auto formatter = std::make_shared<HelpFormatter>();
  formatter->label("SUBCOMMAND", "VERB");
  formatter->label("Positionals", "Arguments");
  app.formatter(formatter);
}

/// The arguments of main() as CLI::App::parse wants them: last first, and with those in square brackets marked, which
/// CLI11 would take for lists. add_option removes the marks.
std::vector<std::string> arguments(int argc, const char* const* argv) {
  std::vector<std::string> result;
  for (int i = argc - 1; i > 0; --i) {
    std::string argument = argv[i];
    const bool bracketed = argument.size() > 1 && argument.front() == '[' && argument.back() == ']';
    result.push_back(bracketed ? kBracketMark + argument : std::move(argument));
  }
  return result;
}

/// CLI11 calls an unknown verb a missing one. @throws InvalidArgument that names the closest verb
void refuse_verb(const CLI::App& app, const std::string& path, const std::string& verb) {
  std::string closest;
  std::size_t fewest = 4;
  for (const CLI::App* known : app.get_subcommands({})) {
    const std::size_t distance = edit_distance(verb.substr(0, 64), known->get_name());
    if (distance >= fewest) continue;
    fewest = distance;
    closest = known->get_name();
  }
  const std::string advice =
      closest.empty() ? fmt::format("see '{} --help'", path) : fmt::format("did you mean '{} {}'?", path, closest);
  throw InvalidArgument(fmt::format("unknown verb '{}'; {}", verb, advice));
}

/// @param reversed  as arguments() gives them
void check_verbs(const CLI::App& app, const std::vector<std::string>& reversed) {
  const CLI::App* level = &app;
  std::string path = app.get_name();
  for (auto argument = reversed.rbegin(); argument != reversed.rend(); ++argument) {
    if (level->get_subcommands({}).empty() || argument->starts_with('-')) return;
    const auto known = level->get_subcommands({});
    const auto next =
        std::find_if(known.begin(), known.end(), [&](const CLI::App* verb) { return verb->get_name() == *argument; });
    if (next == known.end()) refuse_verb(*level, path, *argument);
    level = *next;
    path += ' ' + *argument;
  }
  if (!level->get_subcommands({}).empty())
    throw InvalidArgument(fmt::format("a verb is required; see '{} --help'", path));
}

/// The command line up to its last verb: "vecterm dict info".
std::string verb_path(const CLI::App& app) {
  std::string path = app.get_name();
  for (auto level = app.get_subcommands(); !level.empty(); level = level[0]->get_subcommands())
    path += ' ' + level[0]->get_name();
  return path;
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  // A misspelt option is the likelier cause of a required one that is missing.
  const std::vector<std::string> unknown = app.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty())
    return fmt::format("the following argument was not expected: {}", unknown.front());
  // CLI11 begins its messages like sentences, but for those that begin with an option's name.
  std::string text = error.what();
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z' && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace

int run_command(int argc, const char* const* argv, const std::string& description, const std::string& footer,
                const std::function<void(CLI::App& app, Action& action)>& add_verbs, Output& out) {
  Action action;
  CLI::App app(description, "vecterm");
  set_help_layout(app);
  app.set_version_flag("--version", std::string("vecterm " VECTERM_VERSION), "Print the version and exit");
  app.footer(footer);
  require_verb(app);
  add_verbs(app, action);
  std::vector<std::string> reversed = arguments(argc, argv);
  check_verbs(app, reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    out.write(app.help());
    return kOk;
  } catch (const CLI::CallForVersion& version) {
    out.line(version.what());
    return kOk;
  } catch (const CLI::ParseError& error) {
    throw InvalidArgument(fmt::format("{}; see '{} --help'", complaint(app, error), verb_path(app)));
  }
  return action(out);
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
    std::vector<std::string> values;
    for (const std::string& result : results) values.push_back(unmarked(result));
    take(values);
    return true;
  };
  return Option(app.add_option(names, assign, description)->type_name(type));
}

void set_heading(CLI::App& verb, const std::string& heading, const std::vector<std::string>& names) {
  for (const std::string& name : names) verb.get_option(name)->group(heading);
}

std::vector<std::string> given_under(const CLI::App& verb, const std::string& heading) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options())
    if (option->get_group() == heading && option->count() > 0) names.push_back(option->get_name());
  return names;
}

void refuse(const std::string& message) { throw CLI::ValidationError(message); }

Option add_flag(CLI::App& app, const std::string& names, bool& value, const std::string& description) {
  return Option(app.add_flag(names, value, description));
}

Option add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                const std::string& description) {
  const auto take = [&value](const std::vector<std::string>& values) { value = values.back(); };
  return add_option(app, names, take, type, description).default_text(value);
}

Option add_texts(CLI::App& app, const std::string& names, std::vector<std::string>& values, const std::string& type,
                 const std::string& description) {
  const auto take = [&values](const std::vector<std::string>& given) { values = given; };
  return add_option(app, names, take, type, description).many();
}

Option add_choice(CLI::App& app, const std::string& names, std::string& value, const std::vector<std::string>& choices,
                  const std::string& description) {
  return add_text(app, names, value, fmt::format("{}", fmt::join(choices, "|")), description).one_of(choices);
}

}  // namespace vecterm::cli
