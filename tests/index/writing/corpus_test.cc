// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/corpus.h"

#include "analyzers/errors.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

std::string refusal(const std::string& line) {
  return test::message_of<DataError>([&] { parse_corpus_line(line, "corpus.jsonl, line 12"); });
}

std::string refused_judgement(const std::string& line) {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(directory / "qrels.tsv", "query-id\tcorpus-id\tscore\n1\t2\t1\n" + line + "\n");
  return test::message_of<DataError>([&] { read_judgements(path); });
}

}  // namespace

TEST_CASE("a line of a corpus is read with all its fields") {
  const CorpusDocument document = parse_corpus_line(
      R"({"_id": "a", "title": "T", "text": "x \u00e9", "other": [1], "metadata": {"s": "games", "n": 6, "f": 0.5,
          "b": true, "tags": ["x", 2, null, {"y": 1}, [3]], "none": null, "deep": {"a": 1}, "empty": []}})",
      "here");
  CHECK(document.id == "a");
  CHECK(document.title == "T");
  CHECK(document.text == "x é");
  using Values = std::vector<std::string>;
  CHECK(document.metadata == decltype(document.metadata){{"b", Values{"true"}},
                                                         {"f", Values{"0.5"}},
                                                         {"n", Values{"6"}},
                                                         {"s", Values{"games"}},
                                                         {"tags", Values{"x", "2"}}});
}

TEST_CASE("everything but the id may be missing or null") {
  for (const std::string line : {R"({"_id":"a"})", R"({"_id":"a","title":null,"text":null,"metadata":null})"}) {
    const CorpusDocument document = parse_corpus_line(line, "here");
    CHECK(document.title.empty());
    CHECK(document.text.empty());
    CHECK(document.metadata.empty());
  }
}

TEST_CASE("a whole number as an id is its decimal text") {
  CHECK(parse_corpus_line(R"({"_id": 17})", "here").id == "17");
  CHECK(parse_corpus_line(R"({"_id": -3})", "here").id == "-3");
  CHECK(parse_corpus_line(R"({"_id": 18446744073709551615})", "here").id == "18446744073709551615");
}

TEST_CASE("every malformed line is refused with its place and what is wrong") {
  const std::string where = "corpus.jsonl, line 12: ";
  CHECK(refusal("") == where + "no JSON (at byte 1)");
  CHECK(refusal(R"({"_id": "a")") == where + "no JSON (at byte 12)");
  CHECK(refusal(R"({"_id": "a"} x)").starts_with(where + "no JSON"));
  CHECK(refusal("{\"_id\": \"\xff\"}").starts_with(where + "no JSON"));
  CHECK(refusal(R"({"_id": "a", "text": "\ud800"})").starts_with(where + "no JSON"));
  CHECK(refusal(R"({"_id": "a", "n": 1e999})").starts_with(where + "no JSON"));
  CHECK(refusal(R"({"_id": "a", "n": NaN})").starts_with(where + "no JSON"));
  CHECK(refusal("[1]") == where + "a JSON object is needed; was array");
  CHECK(refusal("\"a\"") == where + "a JSON object is needed; was string");
  CHECK(refusal(R"({"id": "a"})") == where + "no \"_id\"");
  CHECK(refusal(R"({"_id": ""})") == where + "\"_id\" is empty");
  CHECK(refusal(R"({"_id": 1.5})") == where + "\"_id\" must be a string or a whole number; was 1.5");
  CHECK(refusal(R"({"_id": null})") == where + "\"_id\" must be a string or a whole number; was null");
  CHECK(refusal(R"({"_id": "a", "title": 3})") == where + "\"title\" must be a string; was number");
  CHECK(refusal(R"({"_id": "a", "text": ["x"]})") == where + "\"text\" must be a string; was array");
  CHECK(refusal(R"({"_id": "a", "metadata": "x"})") == where + "\"metadata\" must be an object; was string");
  CHECK(refusal(std::string(1000000, '[')).starts_with(where + "arrays and objects must be nested"));
}

TEST_CASE("an id may be as long as Xapian's terms, and NULs count double") {
  const auto line = [](const std::string& id) { return R"({"_id": ")" + id + "\"}"; };
  CHECK(parse_corpus_line(line(std::string(244, 'a')), "here").id.size() == 244);
  CHECK(refusal(line(std::string(245, 'a'))).find("at most 245 bytes; has 246") != std::string::npos);
  std::string nuls;
  for (int i = 0; i < 122; ++i) nuls += "\\u0000";
  CHECK(parse_corpus_line(line(nuls), "here").id.size() == 122);
  CHECK(refusal(line(nuls + "\\u0000")).find("has 247") != std::string::npos);
}

TEST_CASE("a document's texts are those of the fields that are asked for, each value of a list its own") {
  const DocumentFields fields{{"boards", 3}, {"text"}, {"captions"}, {"title", 2}, {"none"}, {"null"}};
  const CorpusDocument document = parse_corpus_line(
      R"({"_id": "a", "title": "T", "text": "x", "boards": ["b 1", "b 2"], "captions": "c", "null": null, "more": 1})",
      "here", fields);
  std::vector<std::pair<std::string_view, std::uint32_t>> texts;
  for (const TextField& field : document.texts(fields)) texts.emplace_back(field.text, field.weight);
  CHECK(texts == decltype(texts){{"b 1", 3}, {"b 2", 3}, {"x", 1}, {"c", 1}, {"T", 2}});
  CHECK(document.texts({{"title"}}).front().text == "T");
}

TEST_CASE("a field of another type is refused where it is asked for, with its place and name") {
  const auto refused = [](const std::string& value) {
    const std::string line = R"({"_id": "a", "boards": )" + value + "}";
    parse_corpus_line(line, "here");
    return test::message_of<DataError>([&] { parse_corpus_line(line, "corpus.jsonl, line 12", {{"boards"}}); });
  };
  const std::string where = "corpus.jsonl, line 12: \"boards\" must be a ";
  CHECK(refused("3") == where + "string or a list of strings; was number");
  CHECK(refused(R"({"a": "b"})") == where + "string or a list of strings; was object");
  CHECK(refused(R"(["a", 3])") == where + "list of strings; has number");
  CHECK(refused(R"(["a", null])") == where + "list of strings; has null");
}

TEST_CASE("queries are read, gzip too, without empty lines") {
  const test::TemporaryDirectory directory;
  const std::string lines = "{\"_id\": \"q1\", \"text\": \"one\"}\n\n{\"_id\": 2, \"text\": \"two\"}";
  for (const std::string& content : {lines, test::gzipped(lines)}) {
    const auto queries = read_queries(test::write_file(directory / "queries", content));
    REQUIRE(queries.size() == 2);
    CHECK(queries[0].id == "q1");
    CHECK(queries[1].id == "2");
    CHECK(queries[1].text == "two");
  }
  test::write_file(directory / "queries", lines + "\n{}");
  const auto message = test::message_of<DataError>([&] { read_queries(directory / "queries"); });
  CHECK(message.ends_with("queries, line 4: no \"_id\""));
}

TEST_CASE("judgements are read with and without their header") {
  const test::TemporaryDirectory directory;
  const std::string lines = "q\td1\t1\nq\td2\t0.5\r\nq\td3\t-1\n";
  for (const std::string& content : {lines, "query-id\tcorpus-id\tscore\n" + lines, test::gzipped(lines)}) {
    const auto judgements = read_judgements(test::write_file(directory / "qrels", content));
    REQUIRE(judgements.size() == 3);
    CHECK(judgements[0].query == "q");
    CHECK(judgements[1].document == "d2");
    CHECK(judgements[1].score == 0.5);
    CHECK(judgements[2].score == -1);
  }
}

TEST_CASE("a malformed judgement is refused with its line") {
  CHECK(refused_judgement("1\t2").ends_with("qrels.tsv, line 3: 3 columns are needed (query, document, score); has 2"));
  CHECK(refused_judgement("1\t2\t3\t4").ends_with("has 4"));
  CHECK(refused_judgement("1\t2\thigh").ends_with("line 3: the score must be a number; was \"high\""));
  CHECK(refused_judgement("1\t2\t").ends_with("was \"\""));
  CHECK(refused_judgement("1\t2\tnan").ends_with("was \"nan\""));
  CHECK(refused_judgement("\t2\t1").ends_with("line 3: an id is empty"));
}

TEST_CASE("values that are nested without end are refused, and messages stay short") {
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  const std::string text = "corpus.jsonl, line 12: arrays and objects must be nested at most 64 deep; byte ";
  CHECK(refusal("{\"_id\":" + deep + "}") == text + "71 goes deeper");
  CHECK(refusal("{\"_id\":\"1\",\"metadata\":" + deep + "}") == text + "86 goes deeper");
  CHECK(refusal("{\"_id\":[\"" + std::string(1000000, 'a') + "\"]}").size() < 200);
  CHECK(refusal("{\"_id\":\"" + std::string(1000000, 'a') + "\"}").size() < 200);
  CHECK(refused_judgement("1\t2\t" + std::string(1000000, 'a')).size() < 300);
}
