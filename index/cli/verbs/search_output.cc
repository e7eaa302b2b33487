// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/verbs/search_output.h"
#include "analyzers/base/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace vecterm::cli {

namespace {

constexpr std::size_t kShownShares = 8;

std::vector<std::string> terms_of(const std::vector<SharedToken>& tokens) {
  std::vector<std::string> terms;
  for (const SharedToken& token : tokens) terms.push_back(token.term);
  return terms;
}

// A rank that a hit does not have is infinite, which the largest double stands for.
bool is_none(double value) { return value == std::numeric_limits<double>::max(); }

Json json(const std::vector<WordShare>& shares) {
  std::vector<Json> values;
  for (const auto& [word, share] : shares) values.push_back({{"word", word}, {"share", share}});
  return values;
}

Json json(const Snippet& snippet) {
  std::vector<Json> highlights;
  for (const Highlight& highlight : snippet.highlights)
    highlights.push_back({{"begin", highlight.begin}, {"end", highlight.end}, {"semantic", highlight.semantic}});
  return {{"text", snippet.text}, {"highlights", highlights}};
}

void explain_hit(const TextHit& found, Json& object) {
  Json features;
  for (const auto& [name, value] : found.hit.features) features.set(name, is_none(value) ? Json(nullptr) : Json(value));
  std::vector<Json> tables;
  for (const SharedToken& token : found.tokens) tables.emplace_back(token.table);
  object.set("features", features);
  object.set("tables", tables);
  if (found.explanation) {
    object.set("query_shares", json(found.explanation->query));
    object.set("query_rounding", found.explanation->query_rounding);
    object.set("document_shares", json(found.explanation->document));
    object.set("document_rounding", found.explanation->document_rounding);
    object.set("unknown", found.explanation->unknown);
  }
  object.set("snippet", json(found.snippet));
}

void print_report_json(const SearchResult& result, Output& out) {
  const SearchReport& report = result.report;
  out.json(Json{
      {"plan", plan_name(report.choice.plan)},
      {"reason", report.choice.reason},
      {"probes", report.probes},
      {"postings", report.postings},
      {"candidates", report.candidates},
      {"compared", report.compared},
      {"recall", report.recall ? Json(*report.recall) : Json(nullptr)},
      {"ranking", result.ranking},
      {"matches",
       Json{{"least", report.matches.least}, {"estimated", report.matches.estimated}, {"most", report.matches.most}}},
      {"generation", result.generation}});
}

std::string text_of(const MatchCount& matches) {
  if (matches.least == matches.most) return fmt::format("{}", matches.most);
  return fmt::format("about {}, from {} to {}", matches.estimated, matches.least, matches.most);
}

void print_report(const SearchResult& result, Output& out) {
  const SearchReport& report = result.report;
  std::vector<std::pair<std::string, std::string>> rows{{"ranking", result.ranking},
                                                        {"matches", text_of(report.matches)},
                                                        {"generation", fmt::format("{}", result.generation)}};
  if (report.choice.plan == Plan::kAuto) {
    rows.emplace_back("plan", "words alone");
  } else {
    rows.emplace_back("plan", fmt::format("{}: {}", plan_name(report.choice.plan), report.choice.reason));
    rows.emplace_back("probes", fmt::format("{}", report.probes));
    rows.emplace_back("postings", fmt::format("{}", report.postings));
    rows.emplace_back("candidates", fmt::format("{}", report.candidates));
    rows.emplace_back("compared", fmt::format("{} exactly", report.compared));
    rows.emplace_back("recall", report.recall ? fmt::format("{:.4f} expected", *report.recall) : "not known");
  }
  out.table(rows);
  out.line("");
}

// The largest shares, and what is left in one number, so that all of them sum to the cosine.
std::string shares(const std::vector<WordShare>& all, double rounding) {
  std::vector<WordShare> ordered = all;
  std::ranges::stable_sort(ordered, std::greater(), [](const WordShare& share) { return std::fabs(share.share); });
  std::string text;
  double rest = rounding;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (i < kShownShares)
      text += fmt::format("{}{} {:+.4f}", i == 0 ? "" : ", ", ordered[i].word, ordered[i].share);
    else
      rest += ordered[i].share;
  }
  if (ordered.size() > kShownShares)
    return text + fmt::format(", {} others {:+.4f}", ordered.size() - kShownShares, rest);
  return text + fmt::format(", rounding {:+.1e}", rest);
}

void explain_hit(const TextHit& found, Output& out) {
  const auto row = [&out](std::string_view name, const std::string& text) {
    if (!text.empty()) out.line(fmt::format("      {:<9} {}", name, text));
  };
  std::string features;
  for (const auto& [name, value] : found.hit.features)
    features += fmt::format("{}{} {}", features.empty() ? "" : ", ", name,
                            is_none(value) ? "none" : fmt::format("{:.4g}", value));
  row("snippet", highlighted(found.snippet));
  row("features", features);
  if (found.explanation) {
    row("query", shares(found.explanation->query, found.explanation->query_rounding));
    row("document", shares(found.explanation->document, found.explanation->document_rounding));
    row("unknown", fmt::format("{}", fmt::join(found.explanation->unknown, " ")));
  }
  std::string tokens;
  for (const SharedToken& token : found.tokens)
    tokens += fmt::format("{}{} (table {})", tokens.empty() ? "" : ", ", token.term, token.table);
  row("tokens", tokens);
}

}  // namespace

void print_json(const SearchResult& result, bool explain, Output& out) {
  if (explain) print_report_json(result, out);
  for (const TextHit& found : result.hits) {
    Json object{{"id", found.id},         {"docid", found.hit.docid},   {"score", found.hit.score},
                {"bm25", found.hit.bm25}, {"cosine", found.hit.cosine}, {"tokens", terms_of(found.tokens)},
                {"title", found.title}};
    if (found.hit.collapsed > 0) object.set("collapsed", found.hit.collapsed);
    if (explain) explain_hit(found, object);
    out.json(object);
  }
}

void print_table(const SearchResult& result, bool explain, Output& out) {
  if (explain) print_report(result, out);
  std::size_t width = 2;
  for (const TextHit& found : result.hits) width = std::max(width, std::min<std::size_t>(found.id.size(), 40));
  out.line(
      fmt::format("{:>4}  {:>8}  {:>8}  {:>7}  {:<{}}  {}", "rank", "score", "bm25", "cosine", "id", width, "title"));
  std::size_t rank = result.first_rank;
  for (const TextHit& found : result.hits) {
    std::string line = fmt::format("{:>4}  {:8.4f}  {:8.4f}  {:7.4f}  {:<{}}  {}", rank++, found.hit.score,
                                   found.hit.bm25, found.hit.cosine, found.id, width, found.title);
    if (found.hit.collapsed > 0) line += fmt::format(" (and {} like it)", found.hit.collapsed);
    out.line(line.substr(0, line.find_last_not_of(' ') + 1));
    if (explain) explain_hit(found, out);
  }
}

}  // namespace vecterm::cli
