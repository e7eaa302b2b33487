// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query/parser.h"

#include "plugin/documents/xapian_compat.h"
#include "plugin/query/scanner.h"

namespace vecterm {
namespace {

constexpr unsigned kFlags = Xapian::QueryParser::FLAG_DEFAULT | Xapian::QueryParser::FLAG_WILDCARD;

class Everything : public Xapian::FieldProcessor {
 public:
  Xapian::Query operator()(const std::string&) override { return xapian::match_all(); }
};

}  // namespace

Xapian::QueryParser stock_parser(const AnalyzerSettings& settings) {
  Xapian::QueryParser parser;
  parser.set_stemmer(settings.stem());
  parser.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
  parser.set_default_op(Xapian::Query::OP_OR);
  if (auto stopper = settings.stopper()) parser.set_stopper(stopper.release()->release());
  for (const MetadataField& field : settings.metadata)
    if (!field.prefix.empty()) parser.add_boolean_prefix(field.name, field.prefix);
  return parser;
}

SyntaxParser::SyntaxParser(const AnalyzerSettings& settings) : parser_(stock_parser(settings)) {
  parser_.set_max_expansion(kMaxWildcardWords, Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT,
                            Xapian::QueryParser::FLAG_WILDCARD);
  parser_.add_boolean_prefix(std::string(kEverything), (new Everything)->release());
  for (const MetadataField& field : settings.metadata)
    if (is_range_field(field))
      parser_.add_rangeprocessor((new Xapian::NumberRangeProcessor(*field.slot, field.name + ":"))->release());
}

// Beside a wildcard, which plain words have none of. The parser itself closes what is left open.
bool SyntaxParser::parses(std::string_view text) {
  try {
    const Xapian::Query query = parser_.parse_query(std::string("any* OR (").append(text), kFlags);
    return query.get_num_subqueries() > 0 && query.get_subquery(0).get_type() == Xapian::Query::OP_WILDCARD;
  } catch (const Xapian::QueryParserError&) {
    return false;
  }
}

Xapian::Query SyntaxParser::stemmed(const std::string& text) { return parser_.parse_query(text, kFlags); }

Xapian::Query SyntaxParser::unstemmed(const std::string& text) {
  parser_.set_stemming_strategy(Xapian::QueryParser::STEM_NONE);
  parser_.set_stopper(nullptr);
  return parser_.parse_query(text, kFlags);
}

}  // namespace vecterm
