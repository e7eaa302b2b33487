// SPDX-License-Identifier: GPL-2.0-or-later
// Tests board_titles.cc and engagement_log.cc, too.
#include "index/enrichment/enrichment.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analyzers/errors.h"
#include "tests/support/corpus.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

using Json = nlohmann::ordered_json;

/// A corpus, and files to enrich it with.
struct Files {
  test::TemporaryDirectory directory;
  EnrichmentOptions options;

  void log(const std::string& lines) {
    options.logs.push_back(test::write_file(directory / ("log" + std::to_string(options.logs.size()) + ".tsv"), lines));
  }
  void boards(const std::string& lines) { options.boards = {test::write_file(directory / "boards.tsv", lines)}; }

  std::string enriched(const std::string& corpus, EnrichmentReport* report = nullptr) const {
    std::string text;
    const auto write = [&text](std::string_view part) { text += part; };
    const auto done = enrich_corpora({test::write_file(directory / "corpus.jsonl", corpus)}, options, write);
    if (report != nullptr) *report = done;
    return text;
  }

  std::string refusal(const std::string& corpus = "{\"_id\":\"a\"}\n") const {
    return test::message_of<DataError>([&] { enriched(corpus); });
  }
};

std::vector<std::string> boards_of(const std::string& line) { return Json::parse(line)["boards"]; }

struct LogEntry {
  std::string query;
  std::string item;
  std::string action;
  double count;
};
using Window = std::vector<LogEntry>;

Window random_window(test::Random& random) {
  Window window(random.below(30));
  for (LogEntry& entry : window) {
    entry.query = "q" + std::to_string(random.below(6));
    entry.item = "d" + std::to_string(random.below(4));
    entry.action = random.below(3) == 0 ? "save" : "click";
    entry.count = static_cast<double>(random.below(9)) / 2;
  }
  return window;
}

std::string lines_of(const Window& window) {
  std::string lines;
  for (const LogEntry& entry : window)
    lines += fmt::format("{}\t{}\t{}\t{}\n", entry.query, entry.item, entry.action, entry.count);
  return lines;
}

}  // namespace

TEST_CASE("an item gets its best queries by what their actions count, and their scores") {
  Files files;
  files.log(
      "film\ta\tclick\t3\ncut\ta\tsave\t2."
      "5\nfilm\ta\tsave\t1\nzoom\ta\tclick\t1\nart\ta\tclick\t1\nold\ta\tclick\t0\n");
  files.log("film\tb\tsave\t1\n\nfilm\tnone\tclick\t1\nfilm\tnone\tclick\t2\n");
  files.options.top_queries = 3;
  EnrichmentReport report;
  const std::string text =
      files.enriched("{\"_id\":\"a\",\"text\":\"x\",\"n\":1.5}\n\n{\"_id\": \"c\"}\n{\"_id\":\"b\"}\n", &report);
  CHECK(
      text ==
      R"({"_id":"a","text":"x","n":1.5,"queries":["cut","film","art"],"query_scores":{"cut":5.0,"film":5.0,"art":1.0,"zoom":1.0}})"
      "\n{\"_id\": \"c\"}\n"
      R"({"_id":"b","queries":["film"],"query_scores":{"film":2.0}})"
      "\n");
  CHECK(report.items == 3);
  CHECK(report.with_queries == 2);
  CHECK(report.log_lines == 9);
  CHECK(report.unknown_log_lines == 2);
}

TEST_CASE("windows one after another give decay * old + new of each, whatever the item and query") {
  const bool holds = rc::check([](std::uint64_t seed) {
    test::Random random(seed);
    const double decay = static_cast<double>(random.below(5)) / 4;
    std::string corpus = "{\"_id\":\"d0\"}\n{\"_id\":\"d1\"}\n{\"_id\":\"d2\"}\n{\"_id\":\"d3\"}\n";
    std::map<std::string, std::map<std::string, double>> expected;
    for (std::size_t windows = 1 + random.below(5); windows > 0; --windows) {
      const Window window = random_window(random);
      for (auto& [item, scores] : expected)
        for (auto& [query, score] : scores) score *= decay;
      for (const LogEntry& entry : window)
        expected[entry.item][entry.query] += (entry.action == "save" ? 2 : 1) * entry.count;
      Files files;
      files.log(lines_of(window));
      files.options.decay = decay;
      corpus = files.enriched(corpus);
    }
    std::istringstream lines(corpus);
    for (std::string line; std::getline(lines, line);) {
      const Json item = Json::parse(line);
      std::map<std::string, double> scores = item.value("query_scores", std::map<std::string, double>());
      auto& wanted = expected[item["_id"]];
      std::erase_if(wanted, [](const auto& score) { return score.second == 0; });
      RC_ASSERT(scores.size() == wanted.size());
      for (const auto& [query, score] : wanted) RC_ASSERT(std::abs(scores.at(query) - score) < 1e-9);
    }
  });
  CHECK(holds);
}

TEST_CASE("a query that is outside the best stays among the scores and may come in later") {
  Files files;
  files.options.top_queries = 1;
  std::string lines;
  for (int i = 1; i <= 7; ++i) lines += fmt::format("q{}\ta\tclick\t{}\n", i, i);
  files.log(lines);
  const Json first = Json::parse(files.enriched("{\"_id\":\"a\"}\n"));
  CHECK(first["queries"] == Json{"q7"});
  CHECK(first["query_scores"] == Json{{"q7", 7.0}, {"q6", 6.0}, {"q5", 5.0}, {"q4", 4.0}, {"q3", 3.0}});
  Files later;
  later.options.top_queries = 1;
  later.log("q4\ta\tclick\t2\n");
  CHECK(Json::parse(later.enriched(first.dump() + "\n"))["queries"] == Json{"q4"});
}

TEST_CASE("without a log, queries and their scores stay as they are") {
  Files files;
  files.boards("b\tA board\n");
  const std::string line = R"({"_id": "a", "queries": ["x"], "query_scores": {"x": 3}})";
  CHECK(files.enriched(line + "\n") == line + "\n");
}

TEST_CASE("titles with rare words come first, then those with more words, and none that says nothing new") {
  Files files;
  files.boards(
      "a\tGarden\nb\tGarden\nc\tGarden\nd\tHome\na\tHome\na\tGarden ponds with koi\na\tponds and koi\na\tKOI\na\t!!!\n"
      "a\tGarden ponds with koi\na\tKoi\nx\tlost\n");
  EnrichmentReport report;
  const std::string text =
      files.enriched("{\"_id\":\"a\",\"boards\":[\"old\"]}\n{\"_id\":\"e\",\"boards\":[\"old\"]}\n", &report);
  const std::size_t end = text.find('\n');
  // "ponds and koi" is of 1 item, its words of 1; "Garden" and "Home" are common; KOI says nothing new.
  CHECK(boards_of(text.substr(0, end)) == std::vector<std::string>{"ponds and koi", "Garden ponds with koi", "Home"});
  CHECK(boards_of(text.substr(end)) == std::vector<std::string>{"old"});
  CHECK(report.with_boards == 2);
  CHECK(report.board_lines == 12);
  CHECK(report.unknown_board_lines == 4);
  files.options.top_boards = 1;
  CHECK(boards_of(files.enriched("{\"_id\":\"a\"}")) == std::vector<std::string>{"ponds and koi"});
}

TEST_CASE("gzip is read, a file may replace its own corpus, and a failure leaves it as it was") {
  Files files;
  files.log(test::gzipped("film\ta\tclick\t1\n"));
  const std::string corpus = test::write_file(files.directory / "c.jsonl", "{\"_id\":\"a\"}\n");
  enrich_corpora_into(corpus, {corpus}, files.options);
  enrich_corpora_into(corpus, {corpus}, files.options);
  const std::string blended = R"({"_id":"a","queries":["film"],"query_scores":{"film":1.5}})";
  CHECK(test::read_file(corpus) == blended + "\n");
  files.log("film\ta\tclick\tmany\n");
  CHECK_THROWS_AS(enrich_corpora_into(corpus, {corpus}, files.options), DataError);
  CHECK(test::read_file(corpus) == blended + "\n");
  CHECK(std::distance(std::filesystem::directory_iterator(std::string(files.directory / "")), {}) == 3);
  CHECK_THROWS_AS(enrich_corpora_into("/nonexistent/c.jsonl", {corpus}, files.options), DiskError);
}

TEST_CASE("bad lines of logs and boards are refused with file and line") {
  const auto refused_log = [](const std::string& line) {
    Files files;
    files.log("film\ta\tclick\t1\n" + line + "\n");
    return files.refusal();
  };
  CHECK(refused_log("film\ta\tclick")
            .ends_with("log0.tsv, line 2: 4 columns are needed (query, item, action, count); has 3"));
  CHECK(refused_log("film\ta\tclick\t1\t").ends_with("has 5"));
  for (const char* count : {"many", "1e308", "1.1e15", "-1", "nan", "inf", "1,5", ""})
    CHECK(refused_log(fmt::format("film\ta\tclick\t{}", count))
              .ends_with(fmt::format("line 2: the count must be a number in [0, 1e+15]; was \"{}\"", count)));
  CHECK(refused_log("\ta\tclick\t1").ends_with("line 2: the query is empty"));
  CHECK(refused_log("film\t\tclick\t1").ends_with("line 2: the item is empty"));
  CHECK(refused_log("fi\xFFlm\ta\tclick\t1").ends_with("line 2: the query is no UTF-8"));
  CHECK(refused_log("film\ta\tview\t1")
            .ends_with("line 2: the action \"view\" has no weight: give it one; 0 leaves it out"));
  const auto refused_board = [](const std::string& line) {
    Files files;
    files.boards(line + "\n");
    return files.refusal();
  };
  CHECK(refused_board("a").ends_with("boards.tsv, line 1: 2 columns are needed (item, board title); has 1"));
  CHECK(refused_board("\ta").ends_with("line 1: the item is empty"));
  CHECK(refused_board("a\t\xFF").ends_with("line 1: the title is no UTF-8"));
}

TEST_CASE("items whose scores cannot be blended are refused with file and line") {
  Files files;
  files.log("film\ta\tclick\t1\n");
  CHECK(files.refusal("{\"_id\":\"b\"}\n{\"_id\":\"a\"\n").find("corpus.jsonl, line 2: no JSON") != std::string::npos);
  CHECK(files.refusal(R"({"_id":"a","queries":["x"]})")
            .ends_with("line 1: \"queries\" must have their \"query_scores\" beside them"));
  CHECK(files.refusal(R"({"_id":"b","query_scores":[1]})").ends_with("line 1: \"query_scores\" must be an object"));
  for (const std::string score : {"-1", "\"1\"", "null", "1e+101"})
    CHECK(files.refusal(R"({"_id":"a","query_scores":{"x":)" + score + "}}")
              .ends_with("\"query_scores\" must be numbers in [0, 1e+100]; has " + score));
}

TEST_CASE("options of enrichment out of range are refused by name") {
  const auto refused = [](EnrichmentOptions options) {
    return test::message_of<InvalidArgument>([&] { options.check(); });
  };
  CHECK(refused({}) == "there is nothing to enrich with: logs or boards are needed");
  CHECK(refused({.logs = {"x"}, .boards = {}, .decay = 1.5}) == "decay must be in [0, 1]; was 1.5");
  CHECK(refused({.logs = {"x"}, .boards = {}, .actions = {{"save", -1}}}) ==
        "the weight of the action \"save\" must be in [0, 1e+15]; was -1");
  CHECK(refused({.logs = {"x"}, .boards = {}, .top_queries = 0}) == "top_queries must be in [1, 10000]; was 0");
  CHECK(refused({.logs = {"x"}, .boards = {}, .top_boards = 10001}) == "top_boards must be in [1, 10000]; was 10001");
}

TEST_CASE("scores stay numbers that the next window takes, however large counts and weights are") {
  Files files;
  files.options.decay = 1;
  files.options.actions = {{"click", 1e15}};
  std::string log;
  for (int i = 0; i < 1000; ++i) log += "film\ta\tclick\t1e15\n";
  files.log(log);
  std::string corpus = R"({"_id":"a","text":"x"})";
  for (int window = 0; window < 3; ++window) {
    corpus = files.enriched(corpus);
    CHECK(corpus.find("null") == std::string::npos);
    CHECK(corpus.find("e+3") != std::string::npos);
  }
}
