// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzers/errors.h"
#include "cli.h"
#include "index/index.h"
#include "json.h"
#include "options.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm search docs.db "watch films on my computer"
  vecterm search docs.db --mode words 'editor AND NOT emacs' --filter section:text -k 20
  vecterm search docs.db 'river ~"erosion of the shore" -~"cooking" section:text year:2000..2010'
  vecterm search docs.db --like 1842 --json
  vecterm search docs.db "watch films" --recall 0.99 --explain

TEXT takes words and
  ~"a text"  ~word  like:ID     rank also by this meaning, or that of a document; ~"a text"^2 gives a weight
  -~"a text"  -like:ID          keep away from this meaning
  cosine>=0.4                   only hits that are at least so near
  +word  -word  AND  NOT  name:value  year:2000..2010    hold for every hit
  OR  XOR  NEAR  ADJ  ( )  "a phrase"  wild*             Xapian's query syntax
A TERM of --filter is name:value or a term of the index; hits match all of them. How many buckets are looked into
follows from the recall that 'vecterm tune' measured.)";

struct SearchRequestLine {
  std::string database;
  std::string dictionary;
  std::vector<std::string> words;
  std::string mode = "mixed";
  std::string plan = "auto";
  TextQuery query;
  bool exact = false;
  bool explain = false;
  bool json = false;
};

void print_json(const std::vector<TextHit>& hits, Output& out) {
  for (const TextHit& found : hits) {
    out.json(Json{{"id", found.id},
                  {"docid", found.hit.docid},
                  {"score", found.hit.score},
                  {"bm25", found.hit.bm25},
                  {"cosine", found.hit.cosine},
                  {"tokens", found.tokens},
                  {"title", found.title}});
  }
}

void explain_json(const SearchReport& report, Output& out) {
  out.json(Json{{"plan", plan_name(report.choice.plan)},
                {"reason", report.choice.reason},
                {"probes", report.probes},
                {"postings", report.postings},
                {"candidates", report.candidates},
                {"compared", report.compared},
                {"recall", report.recall ? Json(*report.recall) : Json(nullptr)}});
}

void explain_table(const SearchReport& report, Output& out) {
  if (report.choice.plan == Plan::kAuto) {
    out.line("plan        words alone\n");
    return;
  }
  out.table({{"plan", fmt::format("{}: {}", plan_name(report.choice.plan), report.choice.reason)},
             {"probes", fmt::format("{}", report.probes)},
             {"postings", fmt::format("{}", report.postings)},
             {"candidates", fmt::format("{}", report.candidates)},
             {"compared", fmt::format("{} exactly", report.compared)},
             {"recall", report.recall ? fmt::format("{:.4f} expected", *report.recall) : "not known"}});
  out.line("");
}

void print_table(const std::vector<TextHit>& hits, Output& out) {
  std::size_t width = 2;
  for (const TextHit& found : hits) width = std::max(width, std::min<std::size_t>(found.id.size(), 40));
  out.line(
      fmt::format("{:>4}  {:>8}  {:>8}  {:>7}  {:<{}}  {}", "rank", "score", "bm25", "cosine", "id", width, "title"));
  std::size_t rank = 0;
  for (const TextHit& found : hits) {
    const std::string line =
        fmt::format("{:>4}  {:8.4f}  {:8.4f}  {:7.4f}  {:<{}}  {}", ++rank, found.hit.score, found.hit.bm25,
                    found.hit.cosine, printable(found.id), width, printable(found.title));
    out.line(line.substr(0, line.find_last_not_of(' ') + 1));
    if (!found.tokens.empty()) out.line(fmt::format("      {}", fmt::join(found.tokens, " ")));
  }
}

int run_search(SearchRequestLine request, Output& out) {
  request.query.text = fmt::format("{}", fmt::join(request.words, " "));
  request.query.mode = search_mode(request.mode);
  request.query.tokens = request.json || request.explain;
  request.query.plan = request.exact ? Plan::kExact : plan_from_name(request.plan);
  if (request.query.text.find_first_not_of(" \t\r\n") == std::string::npos && request.query.like.empty())
    throw InvalidArgument("TEXT must not be empty; give words to look for, or a document with --like ID");
  Index index(request.database, {.dictionary = request.dictionary});
  SearchReport report;
  const std::vector<TextHit> hits = index.search(request.query, &report);
  if (hits.empty()) {
    message("no document matches");
    return kNoMatch;
  }
  if (request.explain) request.json ? explain_json(report, out) : explain_table(report, out);
  request.json ? print_json(hits, out) : print_table(hits, out);
  return kOk;
}

}  // namespace

void add_search(CLI::App& app, Action& action) {
  const auto request = std::make_shared<SearchRequestLine>();
  TextQuery& query = request->query;
  CLI::App& verb = add_verb(app, "search", "Search an index by words, by meaning, or both", kFooter);
  add_text(verb, "DB", request->database, "PATH", "index to search, or a stub file of several").required();
  add_texts(verb, "TEXT", request->words, "TEXT", "what to look for; several words are joined");
  add_choice(verb, "--mode", request->mode, {"words", "vector", "mixed"}, "what ranks");
  add_text(verb, "--like", query.like, "ID", "more like this document");
  add_texts(verb, "--filter", query.filters, "TERM", "hits must match it; may be repeated").one_at_a_time();
  add_number(verb, "-k", query.k, "hits wanted");
  add_text(verb, "--dict", request->dictionary, "DICT", "dictionary file; the one beside the index where missing");
  add_flag(verb, "--json", request->json, "one JSON object a line");
  add_flag(verb, "--explain", request->explain, "also how the hits were found, and the tokens that they share");
  const Option recall = add_number(verb, "--recall", query.recall, "share of the nearest documents wanted")
                            .default_text("as tuned; see 'vecterm tune'");
  add_number(verb, "--probes", query.probes, "most buckets looked into; 0 = by the recall").excludes(recall);
  add_number(verb, "--reach", query.reach, "how far buckets may be; 0 = by the recall, or any").excludes(recall);
  const Option plan = add_choice(verb, "--plan", request->plan,
                                 {"auto", "exact", "filter-first", "probe", "plain-terms"}, "how candidates are found");
  add_flag(verb, "--exact", request->exact, "--plan exact: compare every vector").excludes(plan);
  set_action(verb, action, [request](Output& out) { return run_search(*request, out); });
}

}  // namespace vecterm::cli
