// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/config.h"
#include "index/index.h"
#include "index/writing/metadata_update.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"help(Examples:
  vecterm profiles docs.db
  vecterm profiles docs.db --config ranking.toml
  vecterm profiles docs.db --remove recent

Lists how hits may be ranked, after adding the profiles of a configuration; those of the same names are replaced, other
settings in the file are not read. Mixed search uses the profile "default" where there is one. In TOML:

  [profiles.recent]
  first_phase = "bm25/saturation + share*cosine"   # A*bm25 + G: chooses candidates
  second_phase = "rrf(60) + fresh*value(2)"        # any expression: the score; missing = the first phase
  window = 200                                     # candidates that the second phase ranks
  parameters = {share = 0.25, fresh = 0.1}         # fitted by 'vecterm tune-rank')help";

struct ProfilesRequest {
  std::string database;
  std::string config;
  std::vector<std::string> removed;
  bool json = false;
};

Json to_json(const std::string& name, const RankingProfile& profile) {
  Json parameters;
  for (const auto& [parameter, value] : profile.parameters) parameters.set(parameter, value);
  return {{"name", name},
          {"first_phase", profile.first_phase},
          {"second_phase", profile.second_phase},
          {"window", profile.window},
          {"parameters", parameters}};
}

void print(const std::string& name, const RankingProfile& profile, Output& out) {
  std::vector<std::pair<std::string, std::string>> rows{{"profile", name}};
  if (!profile.first_phase.empty()) rows.emplace_back("  first phase", profile.first_phase);
  if (!profile.second_phase.empty()) rows.emplace_back("  second phase", profile.second_phase);
  rows.emplace_back("  window", fmt::format("{}", profile.window));
  for (const auto& [parameter, value] : profile.parameters)
    rows.emplace_back("  " + parameter, fmt::format("{}", value));
  out.table(rows);
}

int run_profiles(const ProfilesRequest& request, Output& out) {
  RankingProfiles added;
  if (!request.config.empty()) added = read_config(request.config).profiles;
  if (!request.config.empty() && added.empty())
    throw InvalidArgument(fmt::format("{} has no [profiles.NAME]", request.config));
  if (!added.empty() || !request.removed.empty())
    store_profiles(request.database, added, request.removed, dictionary_directories());
  const Index index(request.database, {.dictionaries = dictionary_directories()});
  RankingProfiles profiles = read_profiles(index.database());
  const bool built_in = profiles.emplace("default", default_profile()).second;
  for (const auto& [name, profile] : profiles)
    request.json ? out.json(to_json(name, profile)) : print(name, profile, out);
  if (built_in) message("the profile \"default\" is the built-in one");
  return kOk;
}

}  // namespace

void add_profiles(CLI::App& app, Action& action) {
  const auto request = std::make_shared<ProfilesRequest>();
  CLI::App& verb = add_verb(app, "profiles", "List and change how an index ranks hits", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index").required();
  add_text(verb, "--config", request->config, "TOML", "add the profiles of this file");
  add_texts(verb, "--remove", request->removed, "NAME", "take a profile out").one_at_a_time();
  add_flag(verb, "--json", request->json, "one JSON object a profile");
  set_action(verb, action, [request](Output& out) { return run_profiles(*request, out); });
}

}  // namespace vecterm::cli
