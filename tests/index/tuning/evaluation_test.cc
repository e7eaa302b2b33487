// SPDX-License-Identifier: GPL-2.0-or-later
// Tests each_query.cc, too.
#include "index/evaluation.h"

#include <cmath>

#include "analyzers/errors.h"
#include "index/indexer.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

class Fixture {
 public:
  Fixture() {
    const std::string corpus = test::write_file(directory / "corpus.jsonl", R"({"_id":"a","text":"w1 w2 w3"}
{"_id":"b","text":"w1 w2 other words that make it longer"}
{"_id":"c","text":"w1 and a great many words that make this the longest document of all"}
{"_id":"d","text":"nothing"})");
    index_corpora(directory / "db", test::corpus_dictionary(), {corpus});
    test::write_file(directory / "queries", R"({"_id":"q1","text":"w1 w2 w3"}
{"_id":"q2","text":"nothing AND w1"}
{"_id":"unjudged","text":"w1"}
{"_id":"irrelevant","text":"w1"}
{"_id":"empty","text":""})");
  }

  Metrics run(const std::string& judgements, double rel_min = 1, unsigned threads = 1) const {
    test::write_file(directory / "qrels", judgements);
    return evaluate(directory / "db", directory / "queries", directory / "qrels",
                    {.mode = SearchMode::kWords, .rel_min = rel_min, .threads = threads});
  }

  test::TemporaryDirectory directory;
};

void check_stock_figures(const std::string& set, double ndcg, double recall) {
  const auto corpus = test::shared_data(set + "/corpus.jsonl.gz");
  if (!corpus) return;
  const test::TemporaryDirectory directory;
  // One that knows the most frequent words: tokens must not change what words find.
  index_corpora(directory / "db", test::small_dictionary({"a", "and", "in", "of", "the"}), {*corpus});
  const Metrics metrics = evaluate(directory / "db", *test::shared_data(set + "/queries.jsonl.gz"),
                                   *test::shared_data(set + "/qrels.tsv.gz"), {.mode = SearchMode::kWords});
  MESSAGE(set << ": nDCG@10 " << metrics.ndcg_10 << ", Recall@100 " << metrics.recall_100);
  CHECK(std::fabs(metrics.ndcg_10 - ndcg) <= 0.0006);
  CHECK(std::fabs(metrics.recall_100 - recall) <= 0.0006);
}

}  // namespace

TEST_CASE("metrics of a ranking are those computed by hand") {
  const QueryJudgements judgements{{"a", 3}, {"b", 2}, {"c", 1}, {"d", 0}};
  const Metrics metrics = evaluate_ranking({"d", "b", "x", "a"}, judgements, 1);
  const double gain = 2 / std::log2(3) + 3 / std::log2(5);
  const double ideal = 3 + 2 / std::log2(3) + 1 / 2.0;
  CHECK(metrics.ndcg_10 == doctest::Approx(gain / ideal).epsilon(1e-12));
  CHECK(metrics.recall_10 == doctest::Approx(2.0 / 3));
  CHECK(metrics.recall_100 == doctest::Approx(2.0 / 3));
  CHECK(metrics.mrr_10 == 0.5);
  CHECK(metrics.queries == 1);
}

TEST_CASE("recall at 10 counts the first ten hits alone") {
  std::vector<std::string> ranking(9, "x");
  ranking.insert(ranking.end(), {"a", "b"});
  const Metrics metrics = evaluate_ranking(ranking, {{"a", 1}, {"b", 1}}, 1);
  CHECK(metrics.recall_10 == 0.5);
  CHECK(metrics.recall_100 == 1);
}

TEST_CASE("a higher bar for relevance changes recall and reciprocal rank, but no gains") {
  const QueryJudgements judgements{{"a", 3}, {"b", 2}, {"c", 1}};
  const std::vector<std::string> ranking{"c", "b", "a"};
  const Metrics low = evaluate_ranking(ranking, judgements, 1);
  const Metrics high = evaluate_ranking(ranking, judgements, 3);
  CHECK(low.ndcg_10 == high.ndcg_10);
  CHECK(low.mrr_10 == 1);
  CHECK(high.mrr_10 == doctest::Approx(1.0 / 3));
  CHECK(high.recall_100 == 1);
  CHECK(evaluate_ranking(ranking, judgements, 4).queries == 0);
}

TEST_CASE("a perfect ranking scores 1 and an empty one 0") {
  QueryJudgements judgements;
  std::vector<std::string> ranking;
  for (int i = 0; i < 150; ++i) {
    ranking.push_back(std::to_string(i));
    judgements[ranking.back()] = 200 - i;
  }
  const Metrics metrics = evaluate_ranking(ranking, judgements, 1);
  CHECK(metrics.ndcg_10 == doctest::Approx(1));
  CHECK(metrics.recall_100 == doctest::Approx(100.0 / 150));
  const Metrics none = evaluate_ranking({}, judgements, 1);
  CHECK(none.ndcg_10 == 0);
  CHECK(none.recall_100 == 0);
  CHECK(none.queries == 1);
}

TEST_CASE("depths are 10 for nDCG and MRR and 100 for recall, and negative scores gain nothing") {
  std::vector<std::string> ranking(9, "x");
  ranking.push_back("a");
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).mrr_10 == 0.1);
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).ndcg_10 == doctest::Approx(1 / std::log2(11)));
  ranking.insert(ranking.begin(), "x");
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).mrr_10 == 0);
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).ndcg_10 == 0);
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).recall_100 == 1);
  ranking.insert(ranking.begin(), 90, "x");
  CHECK(evaluate_ranking(ranking, {{"a", 1}}, 1).recall_100 == 0);
  CHECK(evaluate_ranking({"bad", "a"}, {{"a", 1}, {"bad", -5}}, 1).ndcg_10 == doctest::Approx(1 / std::log2(3)));
}

TEST_CASE("an evaluation averages over the queries with a relevant document, as plain words") {
  const Fixture fixture;
  const std::string judgements = "q1\ta\t1\nq1\tc\t1\nq2\td\t1\nirrelevant\ta\t0\nq9\ta\t1\n";
  for (const unsigned threads : {1U, 2U, 0U}) {
    const Metrics metrics = fixture.run(judgements, 1, threads);
    CHECK(metrics.queries == 2);
    const double first = (1 + 1 / 2.0) / (1 + 1 / std::log2(3));
    CHECK(metrics.ndcg_10 == doctest::Approx((first + 1) / 2));
    CHECK(metrics.recall_100 == 1);
    CHECK(metrics.mrr_10 == 1);
  }
}

TEST_CASE("a query without text finds nothing but counts") {
  const Fixture fixture;
  const Metrics metrics = fixture.run("empty\ta\t1\nq2\td\t1\n");
  CHECK(metrics.queries == 2);
  CHECK(metrics.recall_100 == 0.5);
}

TEST_CASE("an evaluation without any relevant document is an error") {
  const Fixture fixture;
  CHECK_THROWS_AS(fixture.run("q1\ta\t0\n"), DataError);
  CHECK_THROWS_AS(fixture.run("q1\ta\t1\n", 2), DataError);
  CHECK_THROWS_AS(fixture.run(""), DataError);
  CHECK_THROWS_AS(fixture.run("q1\ta\n"), DataError);
}

TEST_CASE("adi: words score as stock Xapian does, tokens or not") { check_stock_figures("adi", 0.439, 0.983); }
TEST_CASE("cranfield: words score as stock Xapian does, tokens or not") {
  check_stock_figures("cranfield", 0.332, 0.710);
}
TEST_CASE("cacm: words score as stock Xapian does, tokens or not") { check_stock_figures("cacm", 0.449, 0.609); }
TEST_CASE("npl: words score as stock Xapian does, tokens or not") { check_stock_figures("npl", 0.438, 0.617); }
