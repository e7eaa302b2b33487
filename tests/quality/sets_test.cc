// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <map>

#include "analyzers/base/line_reader.h"
#include "index/store/document_data.h"
#include "index/writing/corpus.h"
#include "tests/quality/quality.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

void check_baseline(const std::string& set, double ndcg, double recall) {
  const auto corpus = test::shared_data(set + "/corpus.jsonl.gz");
  if (!corpus) return;
  const test::TemporaryDirectory directory;
  const std::string index = test::indexed(directory / "db", *corpus, test::wordless());
  const Metrics metrics = evaluate(index, *test::shared_data(set + "/queries.jsonl.gz"),
                                   *test::shared_data(set + "/qrels.tsv.gz"), {.mode = SearchMode::kWords});
  MESSAGE(fmt::format("{}: nDCG@10 {:.4f}, recall@100 {:.4f}", set, metrics.ndcg_10, metrics.recall_100));
  CHECK(std::fabs(metrics.ndcg_10 - ndcg) < 0.00051);
  CHECK(std::fabs(metrics.recall_100 - recall) < 0.00051);
}

// What a program makes that uses Xapian and nothing else; ids are unique-id terms, as in our indexes.
void build_stock_index(const std::string& corpus, const std::string& path) {
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE);
  Xapian::TermGenerator generator;
  LineReader lines(corpus);
  for (std::string_view line; lines.next(line);) {
    const CorpusDocument parsed = parse_corpus_line(line, lines.where());
    Xapian::Document document;
    document.add_boolean_term(schema::id_term(parsed.id));
    generator.set_document(document);
    generator.set_termpos(0);
    generator.index_text(parsed.title);
    generator.increase_termpos();
    generator.index_text(parsed.text);
    database.add_document(document);
  }
  database.commit();
}

using Ranker = std::function<std::vector<std::string>(const std::string& text)>;

// Mean nDCG@10 by language, which is the first part of a query's id.
std::map<std::string, double> by_language(const Ranker& rank) {
  std::map<std::string, QueryJudgements> judgements;
  for (const Judgement& judgement : read_judgements(*test::shared_data("xquad/qrels.tsv.gz")))
    judgements[judgement.query][judgement.document] = judgement.score;
  std::map<std::string, double> sums;
  std::map<std::string, std::size_t> counts;
  for (const CorpusQuery& query : read_queries(*test::shared_data("xquad/queries.jsonl.gz"))) {
    const std::string language = query.id.substr(0, 2);
    sums[language] += evaluate_ranking(rank(query.text), judgements.at(query.id), 1).ndcg_10;
    ++counts[language];
  }
  for (auto& [language, sum] : sums) sum /= static_cast<double>(counts[language]);
  return sums;
}

std::vector<std::string> stock_ranking(const Xapian::Database& database, const std::string& text) {
  Xapian::QueryParser parser;
  Xapian::Enquire enquire(database);
  enquire.set_query(parser.parse_query(text, 0));
  const Xapian::MSet matches = enquire.get_mset(0, 10);
  std::vector<std::string> ranking;
  for (auto match = matches.begin(); match != matches.end(); ++match)
    ranking.push_back(document_id(match.get_document(), *match));
  return ranking;
}

std::vector<std::string> our_ranking(Index& index, const std::string& text) {
  TextQuery query;
  query.text = text;
  query.mode = SearchMode::kWords;
  query.operators = false;
  std::vector<std::string> ranking;
  for (const TextHit& hit : index.search(query)) ranking.push_back(hit.id);
  return ranking;
}

}  // namespace

TEST_CASE("cranfield: words alone score as stock Xapian does") { check_baseline("cranfield", 0.332, 0.710); }
TEST_CASE("cacm: words alone score as stock Xapian does") { check_baseline("cacm", 0.449, 0.609); }
TEST_CASE("npl: words alone score as stock Xapian does") { check_baseline("npl", 0.438, 0.617); }

TEST_CASE("goodbooks: vectors learned from engagement find held-out books that share no word with the query") {
  const auto corpus = test::shared_data("goodbooks/corpus.jsonl.gz");
  if (!corpus) return;
  const test::TemporaryDirectory directory;
  const auto dictionary = test::trained(*corpus, *test::shared_data("goodbooks/pairs.tsv.gz"), default_fields());
  const test::SetFiles held_out = test::write_held_out(*test::shared_data("goodbooks"), directory / "held_out");
  const std::string index = test::indexed(directory / "db", held_out.corpus, dictionary);
  const auto run = [&](SearchMode mode) {
    return evaluate(index, held_out.queries, held_out.judgements, {.mode = mode});
  };
  const Metrics words = run(SearchMode::kWords);
  const Metrics vector = run(SearchMode::kVector);
  MESSAGE(
      fmt::format("goodbooks held-out: recall@100 words {:.4f}, vector {:.4f}", words.recall_100, vector.recall_100));
  CHECK(words.recall_100 < 0.25);
  CHECK(vector.recall_100 >= 0.60);
}

TEST_CASE("xquad: Chinese and Thai words are found, other languages are as good as stock") {
  const auto corpus = test::shared_data("xquad/corpus.jsonl.gz");
  if (!corpus) return;
  const test::TemporaryDirectory directory;
  build_stock_index(*corpus, directory / "stock");
  const Xapian::Database database(directory / "stock");
  Index index(test::indexed(directory / "db", *corpus, test::wordless(), "none"));
  const auto stock = by_language([&](const std::string& text) { return stock_ranking(database, text); });
  const auto ours = by_language([&](const std::string& text) { return our_ranking(index, text); });
  CHECK(ours.size() == 12);
  for (const auto& [language, score] : ours) {
    MESSAGE(fmt::format("xquad {}: nDCG@10 {:.4f}, stock {:.4f}", language, score, stock.at(language)));
    if (language == "zh" || language == "th")
      CHECK(score >= 0.94);
    else
      CHECK(score >= stock.at(language) - 0.005);
  }
}
