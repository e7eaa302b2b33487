// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/plan.h"

#include <fmt/format.h>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::size_t kFilterFactor = 10;

PlanChoice choose_freely(const PlanFacts& facts) {
  if (!facts.local) {
    if (facts.vectors < facts.exact_below)
      return {Plan::kExact, fmt::format("{} vectors are few enough to compare all", facts.vectors)};
    return {Plan::kPlainTerms, "posting lists of a remote database cannot be read from here"};
  }
  const std::size_t choice = facts.matching.value_or(facts.vectors);
  const Plan all = facts.matching ? Plan::kFilterFirst : Plan::kExact;
  if (choice < facts.exact_below)
    return {all, fmt::format("{} documents to choose from are few enough to compare all", choice)};
  if (facts.matching && choice <= kFilterFactor * facts.expected)
    return {all, fmt::format("the filter lets {} documents through, at most {} times the {} postings expected of the "
                             "tokens",
                             choice, kFilterFactor, facts.expected)};
  return {Plan::kProbe, fmt::format("{} postings are expected of the tokens, of {} documents to choose from",
                                    facts.expected, choice)};
}

}  // namespace

PlanChoice choose_plan(const PlanFacts& facts) {
  if (facts.wanted == Plan::kAuto) return choose_freely(facts);
  if (!facts.local && (facts.wanted == Plan::kProbe || facts.wanted == Plan::kFilterFirst))
    throw InvalidArgument(
        fmt::format("plan must be auto, exact or plain-terms for remote databases; was {}", plan_name(facts.wanted)));
  if (facts.wanted == Plan::kFilterFirst && !facts.matching)
    throw InvalidArgument("plan must not be filter-first without a filter");
  if (facts.wanted == Plan::kExact && facts.matching && facts.local)
    return {Plan::kFilterFirst, "every match of the filter was asked for"};
  return {facts.wanted, "it was asked for"};
}

}  // namespace vecterm
