// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <memory>
#include <optional>

#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/verbs/search_output.h"
#include "index/index.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"query(Examples:
  vecterm search docs.db "watch films on my computer"
  vecterm search docs.db --mode words 'editor AND NOT emacs' --filter section:text -k 20
  vecterm search docs.db 'river ~"erosion of the shore" -~"cooking" section:text year:2000..2010'
  vecterm search docs.db --like 1842 --json
  vecterm search docs.db "watch films" --recall 0.99 --explain
  vecterm search docs.db "watch films" --rank 'bm25/max_bm25 + 0.3*cosine + log(1 + value(2))'
  vecterm search docs.db "watch films" --profile recent --input now=20000 --collapse source

TEXT takes words and
  ~"a text"  ~word  like:ID     rank also by this meaning, or that of a document; ~"a text"^2 gives a weight
  -~"a text"  -like:ID          keep away from this meaning
  cosine>=0.4                   only hits that are at least so near
  +word  -word  AND  NOT  name:value  year:2000..2010    hold for every hit
  OR  XOR  NEAR  ADJ  ( )  "a phrase"  wild*             Xapian's query syntax
A TERM of --filter is name:value or a term of the index; hits match all of them. How many buckets are looked into
follows from the recall that 'vecterm tune' measured.

EXPR is arithmetic over
  bm25 cosine distance closeness votes doclength value(SLOT)    of the hit
  rank_words rank_cosine max_bm25 max_cosine minmax(x) rrf(k)   among the candidates
  saturation coverage words asked mean_cosine dimensions input(NAME)   of the query
with + - * / ^ < <= > >= == != && || ?: if min max clamp log exp sqrt abs atan tanh pi. The score is its value; 'vecterm
profiles' stores expressions with the index, and 'vecterm tune-rank' fits them.)query";

struct SearchRequestLine {
  std::string database;
  std::string dictionary;
  bool allow_programs = false;
  std::vector<std::string> words;
  std::string mode = "mixed";
  std::string plan = "auto";
  std::string rank;
  std::string profile;
  std::string collapse;
  TextQuery query;
  double recall = 0;  ///< of this and the next two 0 is none
  std::size_t probes = 0;
  double reach = 0;
  bool exact = false;
  bool explain = false;
  bool json = false;
};

std::shared_ptr<const Ranking> ranking(const SearchRequestLine& request, const Index& index) {
  if (!request.profile.empty()) return index.ranking(request.profile);
  return request.rank.empty() ? nullptr : ranking_by(request.rank);
}

/// NAME=N, any number of them.
void add_inputs(CLI::App& verb, const std::string& name, decltype(TextQuery::inputs)& inputs) {
  const auto take = [&inputs, name](const std::vector<std::string>& values) {
    for (const std::string& text : values) {
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos || equals == 0) refuse(fmt::format("{} must be NAME=N; was \"{}\"", name, text));
      inputs[text.substr(0, equals)] = parse_number(name, text.substr(equals + 1), std::numeric_limits<double>::max());
    }
  };
  add_option(verb, name, take, "NAME=N", "number for input(NAME); may be repeated").many().one_at_a_time();
}

template <class Number>
std::optional<Number> unless_zero(Number number) {
  return number == 0 ? std::nullopt : std::optional(number);
}

// A metadata field with a slot, or the number of one.
Xapian::valueno slot(const std::string& text, const Index& index) {
  std::string names;
  for (const MetadataField& field : index.record().settings.metadata) {
    if (!field.slot) continue;
    if (field.name == text) return *field.slot;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", field.name);
  }
  Xapian::valueno number = 0;
  const char* const end = text.data() + text.size();
  if (const auto parsed = std::from_chars(text.data(), end, number); parsed.ec == std::errc{} && parsed.ptr == end)
    return number;
  throw InvalidArgument(fmt::format("--collapse must be a slot's number or a field with a slot ({}); was \"{}\"",
                                    names.empty() ? "the index has none" : names, text));
}

std::string expression(const SearchRequestLine& request, const SearchRequest& made) {
  if (made.ranking) return made.ranking->score().text();
  return request.query.mode == SearchMode::kVector || made.words.empty() ? "cosine" : "bm25";
}

int run_search(SearchRequestLine request, Output& out) {
  TextQuery& query = request.query;
  query.text = fmt::format("{}", fmt::join(request.words, " "));
  query.mode = search_mode(request.mode);
  query.tokens = request.json;
  query.explain = request.explain;
  query.recall = unless_zero(request.recall);
  query.probes = unless_zero(request.probes);
  query.reach = unless_zero(request.reach);
  query.plan = request.exact ? Plan::kExact : plan_from_name(request.plan);
  if (query.text.find_first_not_of(" \t\r\n") == std::string::npos && query.like.empty())
    throw InvalidArgument("TEXT must not be empty; give words to look for, or a document with --like ID");
  Index index(request.database, {.dictionary = request.dictionary,
                                 .dictionaries = dictionary_directories(),
                                 .words_without_dictionary = true,
                                 .allow_programs = request.allow_programs});
  query.ranking = ranking(request, index);
  if (!request.collapse.empty()) query.collapse = slot(request.collapse, index);
  SearchResult result;
  result.hits = index.search(query, &result.report);
  if (result.hits.empty()) result.report.notes.insert(result.report.notes.begin(), "no document matches");
  if (!result.report.notes.empty()) message(fmt::format("{}", fmt::join(result.report.notes, "; ")));
  if (result.hits.empty()) return kNoMatch;
  result.first_rank = query.offset + 1;
  result.generation = index.record().generation;
  index.read([&] { result.ranking = expression(request, index.request(query)); });
  request.json ? print_json(result, request.explain, out) : print_table(result, request.explain, out);
  return kOk;
}

void add_ranking_options(CLI::App& verb, SearchRequestLine& request) {
  const Option rank =
      add_text(verb, "--rank", request.rank, "EXPR", "what hits are ranked by").default_text("by the mode");
  add_text(verb, "--profile", request.profile, "NAME", "rank by a profile of the index").excludes(rank);
  add_inputs(verb, "--input", request.query.inputs);
  add_optional_number(verb, "--min-score", request.query.min_score, "leave out hits below");
  add_optional_number(verb, "--min-cosine", request.query.min_cosine, "leave out documents that are less near");
  add_text(verb, "--collapse", request.collapse, "FIELD", "only the best hit of each value of this field or slot");
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
  add_number(verb, "--offset", query.offset, "hits left out at the top: the next page with the same -k");
  add_ranking_options(verb, *request);
  add_text(verb, "--dict", request->dictionary, "DICT", "dictionary file; the one beside the index where missing");
  add_flag(verb, "--json", request->json, "one JSON object a line");
  add_flag(verb, "--explain", request->explain, "also how hits were found, their features, and each word's share");
  add_flag(verb, "--count", query.count_all, "--explain counts all matches, and does not estimate them");
  const Option recall = add_number(verb, "--recall", request->recall, "share of the nearest documents wanted")
                            .default_text("as tuned; see 'vecterm tune'");
  add_number(verb, "--probes", request->probes, "most buckets looked into; 0 = by the recall").excludes(recall);
  add_number(verb, "--reach", request->reach, "how far buckets may be; 0 = by the recall, or any").excludes(recall);
  const Option plan = add_choice(verb, "--plan", request->plan,
                                 {"auto", "exact", "filter-first", "probe", "plain-terms"}, "how candidates are found");
  add_flag(verb, "--exact", request->exact, "--plan exact: compare every vector").excludes(plan);
  add_allow_programs(verb, request->allow_programs);
  set_action(verb, action, [request](Output& out) { return run_search(*request, out); });
}

}  // namespace vecterm::cli
