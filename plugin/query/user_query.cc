// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query/user_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyzers/errors.h"
#include "plugin/documents/xapian_compat.h"
#include "plugin/query/parser.h"
#include "plugin/query/scanner.h"

namespace vecterm {
namespace {

using Query = Xapian::Query;

bool is_nothing(const Query& query) { return query.empty() || query.get_type() == Query::LEAF_MATCH_ALL; }

// Of one level, however many there are.
Query all_of(std::vector<Query> queries) {
  std::erase_if(queries, is_nothing);
  return {Query::OP_AND, queries.begin(), queries.end()};
}

/// The grammar is left to right: a beginning that some word completes stays one when it is cut shorter.
[[noreturn]] void fail_where_parsing_ends(SyntaxParser& parser, const std::string& lead, const ScannedQuery& scanned) {
  const auto& tokens = scanned.tokens;
  const auto can_go_on = [&](const ScannedQuery::Token& token) {
    const std::string beginning = lead + scanned.words.substr(0, token.end);
    return parser.parses(beginning + " word") || parser.parses(beginning);
  };
  const auto wrong = std::partition_point(tokens.begin(), tokens.end(), can_go_on);
  const ScannedQuery::Token& token = wrong == tokens.end() ? tokens.back() : *wrong;
  const std::string text = scanned.words.substr(token.begin, token.end - token.begin);
  if (wrong == tokens.end())
    fail_at(token.column, fmt::format("\"{:.40}\" must be followed by what is looked for", text));
  const bool positional =
      scanned.words.find("NEAR") != std::string::npos || scanned.words.find("ADJ") != std::string::npos;
  fail_at(token.column,
          fmt::format("\"{:.40}\" cannot stand here; {}", text,
                      positional ? "NEAR and ADJ join single words, in brackets beside others: (a NEAR b) c"
                                 : "operators stand between words, and text in quotes has none"));
}

/// What ranks, and what all hits must match.
struct Split {
  Query words;
  Query filter;
};

Split split(const Query& query, bool requires_word) {
  switch (query.get_type()) {
    case Query::OP_FILTER: {
      Split out = split(query.get_subquery(0), requires_word);
      std::vector<Query> filters{out.filter};
      for (std::size_t i = 1; i < query.get_num_subqueries(); ++i) filters.push_back(query.get_subquery(i));
      out.filter = all_of(std::move(filters));
      return out;
    }
    case Query::OP_AND_NOT: {
      Split out = split(query.get_subquery(0), requires_word);
      if (out.filter.empty()) out.filter = xapian::match_all();
      for (std::size_t i = 1; i < query.get_num_subqueries(); ++i)
        out.filter = Query(Query::OP_AND_NOT, out.filter, query.get_subquery(i));
      return out;
    }
    case Query::OP_AND: {
      std::vector<Query> words;
      std::vector<Query> filters;
      for (std::size_t i = 0; i < query.get_num_subqueries(); ++i) {
        Split one = split(query.get_subquery(i), true);
        words.push_back(std::move(one.words));
        filters.push_back(std::move(one.filter));
      }
      return {all_of(std::move(words)), all_of(std::move(filters))};
    }
    case Query::OP_AND_MAYBE:
      return {query, query.get_subquery(0)};
    case Query::OP_SCALE_WEIGHT:
      return {{}, query.get_subquery(0)};
    case Query::OP_VALUE_RANGE:
    case Query::OP_VALUE_GE:
    case Query::OP_VALUE_LE:
      return {{}, query};
    default:
      return {query, requires_word ? query : Query()};
  }
}

void collect_words(const Query& query, std::vector<Query>& words) {
  switch (query.get_type()) {
    case Query::LEAF_TERM:
      words.push_back(query);
      return;
    case Query::OP_SCALE_WEIGHT:
      return;
    case Query::OP_FILTER:
    case Query::OP_AND_NOT:
      return collect_words(query.get_subquery(0), words);
    default:
      for (std::size_t i = 0; i < query.get_num_subqueries(); ++i) collect_words(query.get_subquery(i), words);
  }
}

std::vector<std::string> looked_for(const Query& query) {
  std::vector<Query> words;
  collect_words(query, words);
  const Query by_position(Query::OP_OR, words.begin(), words.end());
  return {by_position.get_terms_begin(), by_position.get_terms_end()};
}

// Stop words are indexed without their stems, so none is found where Xapian looks for them for want of other words.
bool are_stop_words(const std::vector<std::string>& words, const Query& stemmed, const AnalyzerSettings& settings) {
  const auto is_stop_word = [&](const std::string& word) {
    return std::ranges::find(settings.stop_words, word) != settings.stop_words.end();
  };
  const auto is_stem = [](const std::string& term) { return term.starts_with('Z'); };
  return !words.empty() && std::ranges::all_of(words, is_stop_word) &&
         std::ranges::all_of(looked_for(stemmed), is_stem);
}

[[noreturn]] void fail_for_nothing() {
  throw InvalidArgument(
      "query must look for something; had nothing but punctuation, operators, stop words or what is excluded");
}

}  // namespace

UserQuery parse_user_query(std::string_view text, const AnalyzerSettings& settings) {
  check_query_size(text);
  ScannedQuery scanned = scan_query(text, settings);
  UserQuery out{{}, {}, std::move(scanned.parts), scanned.min_cosine, {}};
  if (!scanned.wants_word && out.parts.empty()) fail_for_nothing();
  if (scanned.tokens.empty()) return out;

  SyntaxParser parser(settings);
  const std::string lead = scanned.wants_word ? "" : fmt::format("{}:- ", SyntaxParser::kEverything);
  const std::string words = lead + scanned.words;
  if (!parser.parses(words)) fail_where_parsing_ends(parser, lead, scanned);
  const Query query = parser.stemmed(words);
  Split found = split(query, scanned.requires_word);
  if (found.words.empty() && out.parts.empty()) found = {query, {}};
  out.words = std::move(found.words);
  if (!is_nothing(found.filter)) out.filter = std::move(found.filter);

  const std::vector<std::string> wanted = looked_for(parser.unstemmed(words));
  out.meaning = fmt::format("{}", fmt::join(wanted, " "));
  if (out.parts.empty() && (out.words.empty() || are_stop_words(wanted, out.words, settings))) fail_for_nothing();
  return out;
}

}  // namespace vecterm
