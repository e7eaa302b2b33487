// SPDX-License-Identifier: GPL-2.0-or-later
// Tests parser.cc and scanner.cc, too.
#include "plugin/query/user_query.h"

#include <chrono>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/text/segmenter.h"
#include "tests/support/index.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

using Kind = SemanticPart::Kind;

/// Filters by section, a range of years, both for pages.
AnalyzerSettings library_settings() {
  AnalyzerSettings settings;
  settings.stop_words = {"of", "the"};
  settings.metadata = {{"section", "XSECTION", std::nullopt, false},
                       {"year", "", 5U, true},
                       {"pages", "XPAGES", 6U, true},
                       {"like", "XLIKE", std::nullopt, false}};
  return settings;
}

UserQuery parsed(std::string_view text) { return parse_user_query(text, library_settings()); }

std::string words_of(std::string_view text) { return parsed(text).words.get_description(); }
std::string filter_of(std::string_view text) { return parsed(text).filter.get_description(); }

std::string error_of(std::string_view text) {
  try {
    parsed(text);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "no error";
}

std::string repeated(const std::string& piece, std::size_t times, const std::string& between) {
  std::string text = piece;
  for (std::size_t i = 1; i < times; ++i) text += between + piece;
  return text;
}

}  // namespace

TEST_CASE("texts and documents whose meaning is looked for stand beside words") {
  const UserQuery query = parsed("river ~\"erosion of the shore\"^2 -sem:cooking like:\"an id\" -like:7^0.3 bank ~sea");
  CHECK(query.words.get_description() == "Query((Zriver@1 OR Zbank@2))");
  CHECK(query.filter.empty());
  CHECK(query.meaning == "river bank");
  CHECK_FALSE(query.min_cosine);
  CHECK(query.parts == std::vector<SemanticPart>{{Kind::kText, "erosion of the shore", 2, 7},
                                                 {Kind::kText, "cooking", -0.5, 33},
                                                 {Kind::kDocument, "an id", 1, 46},
                                                 {Kind::kDocument, "7", -0.3, 59},
                                                 {Kind::kText, "sea", 1, 76}});
}

TEST_CASE("two quotes in a quote are one, and typographic quotes close each other") {
  CHECK(parsed("~\"5\"\" disk\"").parts.front().text == "5\" disk");
  CHECK(parsed("~“a \" b”").parts.front().text == "a ");
  CHECK(parsed("~\"a “b” c\"").parts.front().text == "a “b” c");
}

TEST_CASE("a least cosine is taken once and with blanks around it") {
  CHECK(parsed("river cosine>=0.4").min_cosine == 0.4);
  CHECK(parsed("~river cosine >= -1").min_cosine == -1);
  CHECK(words_of("cosine similarity") == "Query((Zcosin@1 OR Zsimilar@2))");
}

TEST_CASE("full-width signs and blanks serve in Chinese, Japanese and Thai queries") {
  const UserQuery query = parsed("河岸　～“海岸侵蚀”　-〜＂料理＂^0.2　cosine>=0.1");
  CHECK(query.words.get_description() == "Query(Z河岸@1)");
  CHECK(query.parts == std::vector<SemanticPart>{{Kind::kText, "海岸侵蚀", 1, 4}, {Kind::kText, "料理", -0.2, 12}});
  CHECK(query.min_cosine == 0.1);
  CHECK(parsed("河岸 -料理").meaning == "河岸");
  CHECK(words_of("机器学习*") == "Query((Z机器@1 OR WILDCARD SYNONYM 学习))");
  CHECK(words_of("ภาษา AND ไทย") == "Query((Zภาษา@1 AND Zไทย@2))");
}

TEST_CASE("values of metadata fields are taken as they stand") {
  CHECK(filter_of("river section:机器学习　") == "Query(XSECTION机器学习)");
  CHECK(filter_of("river section:\"机器 学习 (2)\"") == "Query(XSECTION机器 学习 (2))");
  CHECK(filter_of("river section:Games") == "Query(XSECTION:Games)");
  CHECK(filter_of("river section:a..b") == "Query(XSECTIONa..b)");
}

TEST_CASE("nothing in a phrase is special") {
  const UserQuery query = parsed("\"go AND ~stop sem:x (cosine>=3\"");
  CHECK(query.words.get_description() == words_of("\"go and stop sem x cosine 3\""));
  CHECK(query.parts.empty());
}

TEST_CASE("what holds for every hit is in the filter, what ranks in the words") {
  const std::vector<std::array<const char*, 3>> cases{
      {"apple AND pear", "(Zappl@1 AND Zpear@2)", "(Zappl@1 AND Zpear@2)"},
      {"apple AND pear OR fig", "((Zappl@1 AND Zpear@2) OR Zfig@3)", ""},
      {"editor AND NOT emacs", "Zeditor@1", "(<alldocuments> AND_NOT Zemac@2)"},
      {"editor -emacs vim", "(Zeditor@1 OR Zvim@3)", "(<alldocuments> AND_NOT Zemac@2)"},
      {"(editor -emacs) OR vim", "((Zeditor@1 AND_NOT Zemac@2) OR Zvim@3)", ""},
      {"+river bank", "(Zriver@1 AND_MAYBE Zbank@2)", "Zriver@1"},
      {"+river ~sea", "Zriver@1", "Zriver@1"},
      {"river section:games", "Zriver@1", "XSECTIONgames"},
      {"river AND section:games", "Zriver@1", "(Zriver@1 AND XSECTIONgames)"},
      {"section:games", "0 * XSECTIONgames", ""},
      {"section:games ~sea", "", "XSECTIONgames"},
      {"~sea -cooking -section:food", "", "(<alldocuments> AND_NOT (Zcook@1 OR XSECTIONfood))"},
      {"- ~sea", "", ""},
      {"river pages:100", "Zriver@1", "XPAGES100"},
      {"red wild* \"red fox\"", "(Zred@1 OR WILDCARD SYNONYM wild OR (red@3 PHRASE 2 fox@4))", ""},
      {"red (fox ADJ den)", "(Zred@1 OR (fox@2 PHRASE 11 den@3))", ""},
      {"printf(3) man", "(Zprintf@1 OR 3@2 OR Zman@3)", ""},
  };
  for (const auto& [text, words, filter] : cases) {
    CAPTURE(text);
    CHECK(words_of(text) == "Query(" + std::string(words) + ")");
    CHECK(filter_of(text) == "Query(" + std::string(filter) + ")");
  }
}

TEST_CASE("ranges of numbers choose documents by their values") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  for (const int year : {1990, 2000, 2005, 2010}) {
    Xapian::Document document;
    document.add_value(5, Xapian::sortable_serialise(year));
    database.add_document(document);
  }
  const auto hits = [&](std::string_view range) {
    Xapian::Enquire enquire(database);
    enquire.set_query(parsed("~sea " + std::string(range)).filter);
    return enquire.get_mset(0, 10).size();
  };
  CHECK(hits("year:2000..2010") == 3);
  CHECK(hits("year:..1999") == 1);
  CHECK(hits("year:2005..") == 2);
  CHECK(hits("year:1e3..2000.5") == 2);
  CHECK(words_of("wait... from 1..5") == words_of("wait from \"1 5\""));
}

TEST_CASE("the meaning of a query leaves out what is not looked for") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"Editor AND NOT emacs", "editor"},
      {"the editors of -emacs Vim", "the editors of vim"},
      {"bank +river", "bank river"},
      {"\"red foxes\" OR (node.js NOT java)", "red foxes node js"},
      {"wild* C++ section:games year:2000..2010", "c++"},
      {"river river XOR sea", "river river sea"},
      {"section:games", ""},
  };
  for (const auto& [text, meaning] : cases) CHECK(parsed(text).meaning == meaning);
}

TEST_CASE("what cannot be understood is refused with its column") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"river ~\"bank", "column 8: the quote is not closed; add \" where it ends"},
      {"河岸 ~\"海岸", "column 5: the quote is not closed; add \" where it ends"},
      {"é \xFF ~", "column 5: a word, or words in quotes, must follow directly: ~\"text\", sem:\"text\""},
      {"river sem: bank", "column 7: a word, or words in quotes, must follow directly: ~\"text\", sem:\"text\""},
      {"~\"!?\"", "column 1: a word, or words in quotes, must follow directly: ~\"text\", sem:\"text\""},
      {"like:\"\"", "column 1: the id of a document must follow directly: like:ID, like:\"ID\""},
      {"~sea^0", "column 6: weight must be a number in (0, 1000]; was \"0\""},
      {"~\"sea\"^1001 x", "column 8: weight must be a number in (0, 1000]; was \"1001\""},
      {"~sea^-1", "column 6: weight must be a number in (0, 1000]; was \"-1\""},
      {"~sea^inf", "column 6: weight must be a number in (0, 1000]; was \"inf\""},
      {"~sea^2x", "column 6: weight must be a number in (0, 1000]; was \"2x\""},
      {"~\"sea\"side", "column 7: put a blank behind a part that is looked for by meaning"},
      {"river~\"sea\"", "column 6: put a blank before a part that is looked for by meaning"},
      {"\"river\"~sea", "column 8: put a blank before a part that is looked for by meaning"},
      {"a (b ~sea)", "column 6: what is looked for by meaning cannot stand in brackets; write it behind them"},
      {"+~sea", "column 1: a meaning cannot be required; leave out the +, or add cosine>=0.4"},
      {"river AND NOT ~sea", "column 15: NOT takes words only; write -~\"text\" to keep away from a meaning"},
      {"river OR ~sea", "column 10: OR takes words only; leave it out before what is looked for by meaning"},
      {"river NEAR/3 like:7", "column 14: NEAR/3 takes words only; leave it out before what is looked for by meaning"},
      {"~sea AND river",
       "column 6: AND takes words only; leave it out behind what is looked for by meaning, +word requires a word and "
       "-word excludes one"},
      {"river cosine>0.4", "column 7: write cosine>=0.4 for hits that are at least so near"},
      {"river cosine:0.4", "column 7: write cosine>=0.4 for hits that are at least so near"},
      {"river -cosine>=0.4", "column 7: write cosine>=0.4 for hits that are at least so near"},
      {"river cosine>=1.5", "column 15: cosine must be a number in [-1, 1]; was \"1.5\""},
      {"river cosine>=", "column 15: cosine must be a number in [-1, 1]; was \"\""},
      {"river cosine>=.1 cosine>=.1", "column 18: cosine>= may stand once in a query"},
      {"river AND cosine>=0.4", "column 11: AND takes words only; leave it out before what is looked for by meaning"},
      {"river year:2005", "column 7: year takes a range of numbers: year:FROM..TO; was \"year:2005\""},
      {"river year:x..2005", "column 7: year must have numbers on both sides of .., or on one; was \"year:x..2005\""},
      {"year:..", "column 1: year must have numbers on both sides of .., or on one; was \"year:..\""},
      {"year:2..1", "column 1: year must not end before it begins; was \"year:2..1\""},
      {"river -year:1..2", "column 7: a range takes no -; write NOT year:1..2"},
      {"river +year:1..2", "column 7: all hits are in the range; leave out the +"},
      {"river section:\"a b", "column 15: the quote is not closed; add \" where it ends"},
      {"a (b)) c", "column 6: this bracket closes none; leave it out, or put the text in quotes"},
      {"apple AND", "column 7: \"AND\" must be followed by what is looked for"},
      {"AND apple", "column 1: \"AND\" cannot stand here; operators stand between words, and text in quotes has none"},
      {"河岸 OR OR 海岸",
       "column 7: \"OR\" cannot stand here; operators stand between words, and text in quotes has none"},
      {"~sea -river AND", "column 13: \"AND\" must be followed by what is looked for"},
      {"x (-b) y", "column 6: \")\" cannot stand here; operators stand between words, and text in quotes has none"},
      {"a NEAR/3 (b c)",
       "column 10: \"(\" cannot stand here; NEAR and ADJ join single words, in brackets beside others: (a NEAR b) c"},
      {"a NEAR b c AND AND",
       "column 10: \"c\" cannot stand here; NEAR and ADJ join single words, in brackets beside others: (a NEAR b) c"},
  };
  for (const auto& [text, error] : cases) CHECK(error_of(text) == "query, " + std::string(error));
}

TEST_CASE("a query that looks for nothing is refused") {
  for (const char* const text :
       {"", " ", "...", "!? ()", "\"\"", "the of", "+the", "-river", "-(a b) -\"c d\"", "NEAR", "cosine>=0.5", "　"})
    CHECK(error_of(text) ==
          "query must look for something; had nothing but punctuation, operators, stop words or what is excluded");
  for (const char* const text : {"the river", "\"the of\"", "the*", "the ~sea"}) CHECK(error_of(text) == "no error");
}

TEST_CASE("queries are limited in bytes, words, wildcards, brackets, parts and NEAR") {
  CHECK(error_of(std::string(kMaxQueryBytes + 1, 'a')) == "query must have at most 65536 bytes; had 65537");
  const std::vector<std::array<std::string, 3>> limits{
      {repeated("w", 1000, " "), " w",
       "column 2001: query must have at most 1000 words, where a wildcard counts as 100"},
      {repeated("w*", 10, " "), " w", "column 31: query must have at most 1000 words, where a wildcard counts as 100"},
      {std::string(200, '(') + "a", " (b", "column 203: at most 200 brackets may be in a query"},
      {repeated("~a", 100, " "), " ~b", "column 301: at most 100 parts may be looked for by meaning"},
      {repeated("a", 10, " NEAR "), " NEAR b", "column 66: NEAR may join at most 10 words"},
  };
  for (const auto& [most, more, error] : limits) {
    CHECK(error_of(most) == "no error");
    CHECK(error_of(most + more) == "query, " + error);
  }
  CHECK(error_of(repeated("(a NEAR b)", 20, " ")) == "no error");
}

TEST_CASE("the largest queries are parsed or refused in no time") {
  const auto begin = std::chrono::steady_clock::now();
  for (const char* const piece :
       {"a",   "a NOT",     "a AND (b OR", "\"a b\" XOR", "-a",       "+(a)", "a.",     "((", "~a", "~\"", "a*",
        "a..", "year:1..2", "section:a",   "AND",         "机器学习", "\xFF", "a NEAR", "(",  ")",  "\""})
    for (const char* const between : {" ", ""}) {
      const std::string text = repeated(piece, kMaxQueryBytes / (std::string(piece).size() + 1), between);
      CHECK(text.size() <= kMaxQueryBytes);
      CHECK_NOTHROW(error_of(text));
      CHECK_NOTHROW(error_of(repeated(piece, 300, between)));
    }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("plain words are parsed as Xapian's QueryParser parses them, and mean what they say") {
  const auto path = test::shared_data("tatoeba_multi/sentences.tsv.gz");
  if (!path) return;
  Xapian::QueryParser stock;
  stock.set_stemmer(Xapian::Stem("en"));
  stock.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
  const XapianTokenizer tokenizer;
  LineReader reader(*path);
  std::size_t parsed_lines = 0;
  for (std::string_view line; reader.next(line);) {
    if (reader.line_number() % 50 != 0) continue;
    std::string text(line);
    std::erase_if(text, [](char c) { return std::string_view("\"()+-~*").find(c) != std::string_view::npos; });
    const UserQuery query = parse_user_query(text, {});
    REQUIRE(query.words.get_description() == stock.parse_query(segmented(text)).get_description());
    REQUIRE(tokenizer.terms(query.meaning) == tokenizer.terms(text));
    ++parsed_lines;
  }
  CHECK(parsed_lines > 1000);
}
