// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

constexpr std::array<std::string_view, 5> kPlanNames{"auto", "exact", "filter-first", "probe", "plain-terms"};
constexpr std::size_t kMaxHits = 1000000;
constexpr int kVersion = 1;
constexpr double kMost = 1e15;

double checked(JsonValue object, const char* name, double least, double most) {
  const auto value = object.at(name).number();
  if (!(value >= least && value <= most))
    throw Damaged(fmt::format("tuning: {} must be in [{}, {}]; was {}", name, least, most, value));
  return value;
}

// JSON has no infinity: no reach is null.
Json to_json_value(const TuningPoint& point) {
  return {{"most", point.limits.most},
          {"reach", std::isfinite(point.limits.reach) ? Json(point.limits.reach) : Json(nullptr)},
          {"recall", point.recall},
          {"probes", point.probes},
          {"postings", point.postings},
          {"candidates", point.candidates},
          {"microseconds", point.microseconds}};
}

TuningPoint point_from(JsonValue object) {
  TuningPoint point;
  point.limits = ProbeLimits(static_cast<std::size_t>(checked(object, "most", 1, kMost)));
  if (!object.at("reach").is_null()) point.limits.reach = checked(object, "reach", 0, kMost);
  point.recall = checked(object, "recall", 0, 1);
  point.probes = checked(object, "probes", 0, kMost);
  point.postings = checked(object, "postings", 0, kMost);
  point.candidates = checked(object, "candidates", 0, kMost);
  point.microseconds = checked(object, "microseconds", 0, kMost);
  return point;
}

struct Knot {
  double x;
  double recall;
};

// Recall never falls as a limit grows; in a sample it may by a little.
std::optional<double> interpolated(std::vector<Knot> knots, double x) {
  std::ranges::sort(knots, {}, &Knot::x);
  const auto above = std::ranges::lower_bound(knots, x, {}, &Knot::x);
  if (above == knots.end()) return std::nullopt;
  if (above->x == x) return above->recall;
  if (above == knots.begin()) return std::nullopt;
  const Knot& below = *std::prev(above);
  return below.recall + (above->recall - below.recall) * (x - below.x) / (above->x - below.x);
}

}  // namespace

std::string_view plan_name(Plan plan) { return kPlanNames[static_cast<std::size_t>(plan)]; }

Plan plan_from_name(std::string_view name) {
  const auto* found = std::ranges::find(kPlanNames, name);
  if (found == kPlanNames.end())
    throw InvalidArgument(fmt::format("plan must be one of {}; was {}", fmt::join(kPlanNames, ", "), in_quotes(name)));
  return static_cast<Plan>(found - kPlanNames.begin());
}

void SearchOptions::check() const {
  if (k < 1 || k > kMaxHits) throw InvalidArgument(fmt::format("k must be in [1, {}]; was {}", kMaxHits, k));
  if (offset > kMaxHits) throw InvalidArgument(fmt::format("offset must be in [0, {}]; was {}", kMaxHits, offset));
  if (min_score && !std::isfinite(*min_score))
    throw InvalidArgument(fmt::format("min_score must be a finite number; was {}", *min_score));
  if (min_cosine && !(*min_cosine >= -1 && *min_cosine <= 1))
    throw InvalidArgument(fmt::format("min_cosine must be in [-1, 1]; was {}", *min_cosine));
  if (recall && !(*recall > 0 && *recall <= 1))
    throw InvalidArgument(fmt::format("recall must be in (0, 1]; was {}", *recall));
  if (probes && *probes < 1) throw InvalidArgument(fmt::format("probes must be at least 1; was {}", *probes));
  if (reach && !(*reach >= 0)) throw InvalidArgument(fmt::format("reach must be at least 0; was {}", *reach));
  if (recall && (probes || reach))
    throw InvalidArgument(fmt::format("recall must not be given together with probes or reach; was {}", *recall));
}

const TuningPoint& Tuning::at(double recall) const {
  if (!(recall > 0 && recall <= 1)) throw InvalidArgument(fmt::format("recall must be in (0, 1]; was {}", recall));
  const auto found = std::ranges::find_if(curve, [&](const TuningPoint& point) { return point.recall >= recall; });
  if (found != curve.end()) return *found;
  double best = 0;
  for (const TuningPoint& point : curve) best = std::max(best, point.recall);
  throw InvalidArgument(fmt::format(
      "recall must be at most {:.4f}, the best that tuning saw; was {}: search exactly, or tune again for more",
      std::floor(best * 1e4) / 1e4, recall));
}

std::optional<double> Tuning::estimate(const ProbeLimits& limits) const {
  std::vector<Knot> knots;
  const bool without_reach = std::isinf(limits.reach);
  for (const TuningPoint& point : curve) {
    const auto& [most, reach] = point.limits;
    if (without_reach && std::isinf(reach)) knots.push_back({static_cast<double>(most), point.recall});
    if (!without_reach && std::isfinite(reach) && most == limits.most) knots.push_back({reach, point.recall});
  }
  return interpolated(std::move(knots), without_reach ? static_cast<double>(limits.most) : limits.reach);
}

std::string Tuning::to_json() const {
  std::vector<Json> points;
  for (const TuningPoint& point : curve) points.push_back(to_json_value(point));
  return Json{{"version", kVersion}, {"hash_space", hash_space}, {"recall", target}, {"k", k},
              {"queries", queries},  {"curve", points}}
      .exact_text();
}

Tuning Tuning::from_json(std::string_view text) {
  try {
    const JsonDocument document(text);
    const JsonValue object = document.root();
    if (const auto version = object.at("version").integer(); version != kVersion)
      throw Damaged(fmt::format("tuning: version must be {}; was {}", kVersion, version));
    Tuning tuning;
    tuning.hash_space = object.at("hash_space").string();
    tuning.target = checked(object, "recall", 0, 1);
    tuning.k = static_cast<std::size_t>(checked(object, "k", 1, kMost));
    tuning.queries = static_cast<std::size_t>(checked(object, "queries", 0, kMost));
    for (const JsonValue point : object.at("curve").elements()) tuning.curve.push_back(point_from(point));
    std::ranges::stable_sort(tuning.curve, {}, &TuningPoint::cost);
    tuning.at(tuning.target);
    return tuning;
  } catch (const JsonError& error) {
    throw Damaged(fmt::format("tuning: damaged: {}", error.what()));
  } catch (const InvalidArgument& error) {
    throw Damaged(fmt::format("tuning: damaged: {}", error.what()));
  }
}

std::optional<Tuning> Tuning::read(const Xapian::Database& database, std::string_view hash_space) {
  const std::string text = database.get_metadata(std::string(schema::kTuningKey));
  if (text.empty()) return std::nullopt;
  Tuning tuning = from_json(text);
  if (tuning.hash_space != hash_space) return std::nullopt;
  return tuning;
}

void Tuning::write(Xapian::WritableDatabase& database) const {
  database.set_metadata(std::string(schema::kTuningKey), to_json());
}

}  // namespace vecterm
