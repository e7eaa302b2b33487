// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostWindow = 100000;

std::vector<std::string> parameter_names(const RankingProfile& profile) {
  std::vector<std::string> names;
  for (const auto& [name, value] : profile.parameters) {
    if (!std::isfinite(value))
      throw InvalidArgument(fmt::format("ranking parameter {} must be a finite number; was {}", name, value));
    names.push_back(name);
  }
  return names;
}

RankingExpression compiled(const std::string& text, const RankingProfile& profile, std::string_view phase) {
  try {
    return RankingExpression::compile(text, parameter_names(profile));
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(fmt::format("{}: {}", phase, error.what()));
  }
}

RankingExpression score_of(const RankingProfile& profile) {
  if (!profile.second_phase.empty()) return compiled(profile.second_phase, profile, "second_phase");
  if (!profile.first_phase.empty()) return compiled(profile.first_phase, profile, "first_phase");
  throw InvalidArgument("a ranking profile must have a first_phase or a second_phase; has neither");
}

std::optional<SeparatedExpression> first_phase_of(const RankingProfile& profile, const RankingExpression& score) {
  if (profile.first_phase.empty()) return score.separated();
  if (auto separated = compiled(profile.first_phase, profile, "first_phase").separated()) return separated;
  throw InvalidArgument(
      fmt::format("first_phase must be A*bm25 + G, with neither bm25, votes nor anything of the other candidates in "
                  "A and G; was \"{}\": make it the second_phase",
                  profile.first_phase));
}

void check_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || !std::ranges::all_of(name, allowed))
    throw InvalidArgument(
        fmt::format("the name of a profile must be of letters, digits, - and _; was {}", in_quotes(name)));
}

Json to_json_value(const RankingProfile& profile) {
  Json parameters;
  for (const auto& [name, value] : profile.parameters) parameters.set(name, value);
  return {{"first_phase", profile.first_phase},
          {"second_phase", profile.second_phase},
          {"window", profile.window},
          {"parameters", parameters}};
}

RankingProfile profile_from(JsonValue object) {
  RankingProfile profile;
  profile.first_phase = object.at("first_phase").string();
  profile.second_phase = object.at("second_phase").string();
  if (!object.at("window").is_whole_number()) throw Damaged("ranking profiles: window must be a whole number");
  profile.window = object.at("window").whole_number();
  profile.parameters = object.at("parameters").named_numbers();
  return profile;
}

}  // namespace

const RankingProfile& default_profile() {
  static const RankingProfile profile{.first_phase = {},
                                      .second_phase =
                                          "(bm25/max_bm25)^steep + if(asked, asked*cosine, share"
                                          "*clamp(1 - sqrt(dimensions)*mean_cosine, 0, 1)"
                                          "*clamp(1 - max_bm25/saturation, 0, 1)"
                                          "*(coverage*max(0, cosine))^2)",
                                      .window = 40,
                                      .parameters = {{"share", 1.5}, {"steep", 3}}};
  return profile;
}

struct Ranking::State {
  explicit State(RankingProfile checked)
      : profile(std::move(checked)), score(score_of(profile)), first_phase(first_phase_of(profile, score)) {
    if (profile.window < 1 || profile.window > kMostWindow)
      throw InvalidArgument(fmt::format("window must be in [1, {}]; was {}", kMostWindow, profile.window));
  }

  RankingProfile profile;
  RankingExpression score;
  std::optional<SeparatedExpression> first_phase;
};

Ranking::Ranking(RankingProfile profile) : state_(std::make_shared<const State>(std::move(profile))) {}

const RankingProfile& Ranking::profile() const { return state_->profile; }
const std::optional<SeparatedExpression>& Ranking::first_phase() const { return state_->first_phase; }
const RankingExpression& Ranking::score() const { return state_->score; }

std::shared_ptr<const Ranking> ranking_by(std::string_view expression) {
  RankingProfile profile;
  profile.second_phase = RankingExpression::compile(expression).text();  // without a phase in its message
  return std::make_shared<const Ranking>(std::move(profile));
}

std::string to_json(const RankingProfiles& profiles) {
  Json named;
  for (const auto& [name, profile] : profiles) named.set(name, to_json_value(profile));
  return Json{{"version", kVersion}, {"profiles", named}}.exact_text();
}

RankingProfiles profiles_from_json(std::string_view text) {
  try {
    const JsonDocument document(text);
    const JsonValue object = document.root();
    if (const auto version = object.at("version").integer(); version != kVersion)
      throw Damaged(fmt::format("ranking profiles: version must be {}; was {}", kVersion, version));
    RankingProfiles profiles;
    object.at("profiles").each_member([&](const std::string& name, JsonValue profile) {
      profiles.emplace(name, Ranking(profile_from(profile)).profile());
    });
    return profiles;
  } catch (const JsonError& error) {
    throw Damaged(fmt::format("ranking profiles: damaged: {}", error.what()));
  } catch (const InvalidArgument& error) {
    throw Damaged(fmt::format("ranking profiles: damaged: {}", shortened(error.what())));
  }
}

RankingProfiles read_profiles(const Xapian::Database& database) {
  const std::string text = database.get_metadata(std::string(schema::kProfilesKey));
  return text.empty() ? RankingProfiles() : profiles_from_json(text);
}

void write_profiles(Xapian::WritableDatabase& database, const RankingProfiles& profiles) {
  for (const auto& [name, profile] : profiles) {
    check_name(name);
    try {
      Ranking checked(profile);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(fmt::format("profile {}: {}", name, error.what()));
    }
  }
  database.set_metadata(std::string(schema::kProfilesKey), to_json(profiles));
}

}  // namespace vecterm
