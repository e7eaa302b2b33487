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
  vecterm search docs.db --like 1842 --json

TEXT takes Xapian's query syntax: AND, OR, NOT, +word, -word, "a phrase", and name:value for metadata fields. A TERM of
--filter is name:value or a term of the index; hits match all of them.)";

struct SearchRequestLine {
  std::string database;
  std::vector<std::string> words;
  std::string mode = "mixed";
  TextQuery query;
  bool exact = false;
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
  }
}

int run_search(SearchRequestLine request, Output& out) {
  request.query.text = fmt::format("{}", fmt::join(request.words, " "));
  request.query.mode = search_mode(request.mode);
  request.query.tokens = request.json;
  if (request.exact) request.query.plan = Plan::kExact;
  if (request.query.text.find_first_not_of(" \t\r\n") == std::string::npos && request.query.like.empty())
    throw InvalidArgument("TEXT must not be empty; give words to look for, or a document with --like ID");
  Index index(request.database);
  const std::vector<TextHit> hits = index.search(request.query);
  if (hits.empty()) {
    message("no document matches");
    return kNoMatch;
  }
  request.json ? print_json(hits, out) : print_table(hits, out);
  return kOk;
}

}  // namespace

void add_search(CLI::App& app, Action& action) {
  const auto request = std::make_shared<SearchRequestLine>();
  TextQuery& query = request->query;
  CLI::App& verb = add_verb(app, "search", "Search an index by words, by meaning, or both", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to search").required();
  add_texts(verb, "TEXT", request->words, "TEXT", "what to look for; several words are joined");
  add_choice(verb, "--mode", request->mode, {"words", "vector", "mixed"}, "what ranks");
  add_text(verb, "--like", query.like, "ID", "more like this document");
  add_texts(verb, "--filter", query.filters, "TERM", "hits must match it; may be repeated").one_at_a_time();
  add_number(verb, "-k", query.k, "hits wanted");
  add_flag(verb, "--json", request->json, "one JSON object a line");
  add_flag(verb, "--exact", request->exact, "compare every vector instead of reading tokens");
  add_number(verb, "--probes", query.probes, "buckets looked into; 0 = by the hash space");
  set_action(verb, action, [request](Output& out) { return run_search(*request, out); });
}

}  // namespace vecterm::cli
