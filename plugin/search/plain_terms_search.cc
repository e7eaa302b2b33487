// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/plain_terms_search.h"

#include <algorithm>

#include "plugin/documents/xapian_compat.h"
#include "plugin/search/plan.h"

namespace vecterm {

PlainTermsSearch::PlainTermsSearch(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder)
    : database_(std::move(database)), builder_(std::move(builder)), slot_(database_, builder_->embedder()) {}

std::vector<Neighbour> PlainTermsSearch::find(const NearestRequest& request, std::size_t candidates,
                                              SearchReport& report) {
  const std::size_t vectors = slot_.size();
  report.choice = choose_plan(
      {.wanted = request.plan, .local = false, .vectors = vectors, .matching = {}, .exact_below = request.exact_below});
  Xapian::MSet matches;
  if (report.choice.plan == Plan::kPlainTerms) {
    matches = with_tokens(request, candidates, report);
    if (matches.size() < std::min(request.needed, vectors)) {
      report.choice.reason += "; these had too few documents, so all were compared";
      report.choice.plan = request.filter.empty() ? Plan::kExact : Plan::kFilterFirst;
    }
  }
  if (report.choice.plan != Plan::kPlainTerms) matches = all(request.filter);
  auto found = compare(matches, request.unit);
  report.candidates = report.compared = found.size();
  keep_nearest(found, request.wanted);
  return found;
}

Xapian::MSet PlainTermsSearch::with_tokens(const NearestRequest& request, std::size_t candidates,
                                           SearchReport& report) {
  Xapian::Query tokens = builder_->tokens(request.unit, request.limits);
  report.probes = tokens.get_length();
  if (!request.filter.empty()) tokens = Xapian::Query(Xapian::Query::OP_FILTER, tokens, request.filter);
  Xapian::Enquire enquire(database_);
  enquire.set_query(tokens);
  enquire.set_weighting_scheme(Xapian::CoordWeight());
  const auto wanted = static_cast<Xapian::doccount>(std::min<std::size_t>(candidates, database_.get_doccount()));
  const Xapian::MSet matches = enquire.get_mset(0, wanted, wanted);
  report.postings = matches.get_matches_estimated();
  return matches;
}

Xapian::MSet PlainTermsSearch::all(const Xapian::Query& filter) {
  Xapian::Enquire enquire(database_);
  enquire.set_query(filter.empty() ? xapian::match_all() : filter);
  enquire.set_weighting_scheme(Xapian::BoolWeight());
  return enquire.get_mset(0, database_.get_doccount());
}

std::vector<Neighbour> PlainTermsSearch::compare(const Xapian::MSet& matches, std::span<const float> unit) {
  std::vector<Xapian::docid> docids;
  for (auto match = matches.begin(); match != matches.end(); ++match) docids.push_back(*match);
  std::sort(docids.begin(), docids.end());
  std::vector<Neighbour> found;
  for (const Xapian::docid docid : docids)
    if (const auto cosine = slot_.cosine(docid, unit)) found.push_back({docid, *cosine});
  return found;
}

}  // namespace vecterm
