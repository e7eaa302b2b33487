// SPDX-License-Identifier: GPL-2.0-or-later
// Tests feature_export.cc and learning_queries.cc, too.
#include "index/rank_tuner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "analyzers/errors.h"
#include "index/store/document_data.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;
using test::refuses;

namespace {

constexpr std::size_t kQueries = 12;

/// For each query "a<i> x<i>" a document with b<i>, which means what a<i> means, and eleven with x<i>, which has no
/// meaning: the cosine and the words disagree on what is best.
class Fixture {
 public:
  explicit Fixture(bool vectors_decide = true) {
    std::vector<std::string> words;
    for (const char* kind : {"a", "b"})
      for (std::size_t i = 0; i < kQueries; ++i) words.push_back(kind + std::to_string(i));
    DictionaryContents contents = test::small_contents(words, test::small_cells());
    const auto half = static_cast<std::ptrdiff_t>(kQueries * contents.dimensions);
    std::copy(contents.vectors.begin(), contents.vectors.begin() + half, contents.vectors.begin() + half);
    std::string corpus;
    std::string queries;
    for (std::size_t i = 0; i < kQueries; ++i) {
      const std::string number = std::to_string(i);
      corpus += line("near" + number, "b" + number);
      for (int j = 0; j < 11; ++j)
        corpus += line("word" + number + "-" + std::to_string(j), "x" + number + " x" + number + " also");
      queries += line("q" + number, "a" + number + " x" + number);
    }
    index_corpora(path, Dictionary::parse(serialise_dictionary(contents)),
                  {test::write_file(directory / "corpus.jsonl", corpus)}, test::corpus_settings());
    options.queries = test::write_file(directory / "queries.jsonl", queries);
    options.judgements = test::write_file(directory / "qrels.tsv", judgements(vectors_decide));
    options.start = {.first_phase = "bm25/saturation + share*cosine",
                     .second_phase = {},
                     .window = 40,
                     .parameters = {{"share", vectors_decide ? 0.1 : 5.0}}};
    options.folds = 4;
    options.a_side = 50;
    options.threads = 1;
  }

  static std::string judgements(bool vectors_decide) {
    std::string lines;
    for (std::size_t i = 0; i < kQueries; ++i) {
      const std::string number = std::to_string(i);
      lines += "q" + number + "\t" + (vectors_decide ? "near" + number : "word" + number + "-0") + "\t1\n";
    }
    return lines;
  }

  test::TemporaryDirectory directory;
  std::string path = directory / "db";
  RankTuneOptions options;

 private:
  static std::string line(const std::string& id, const std::string& text) {
    return nlohmann::json{{"_id", id}, {"text", text}}.dump() + "\n";
  }
};

double ndcg(const std::vector<Metrics>& all) { return mean(all).ndcg_10; }

}  // namespace

TEST_CASE("tuning finds the weight of the cosine where vectors decide, and takes it back where words do") {
  const Fixture vectors(true);
  const RankTuning up = tune_rank(vectors.path, vectors.options);
  CHECK(ndcg(up.before) == 0);
  CHECK(ndcg(up.after) == 1);
  CHECK(up.fitted.parameters.at("share") > 0.5);
  const Fixture words(false);
  const RankTuning down = tune_rank(words.path, words.options);
  CHECK(ndcg(down.before) < 0.7);
  CHECK(ndcg(down.after) == 1);
  CHECK(down.fitted.parameters.at("share") < 1);
  CHECK(down.fitted.first_phase == words.options.start.first_phase);
}

TEST_CASE("parameters that are best already stay as they are") {
  Fixture fixture;
  fixture.options.start.parameters["share"] = 3;
  const RankTuning tuning = tune_rank(fixture.path, fixture.options);
  CHECK(tuning.fitted == fixture.options.start);
  CHECK(ndcg(tuning.before) == 1);
  CHECK(ndcg(tuning.after) == 1);
}

TEST_CASE("folds share the queries out, and each query is measured with what was fitted without its fold") {
  const Fixture fixture;
  const RankTuning tuning = tune_rank(fixture.path, fixture.options);
  REQUIRE(tuning.fold.size() == kQueries);
  REQUIRE(tuning.of_fold.size() == 4);
  for (std::size_t fold = 0; fold < 4; ++fold) CHECK(std::ranges::count(tuning.fold, fold) == 3);
  const auto judged = read_judged_queries(fixture.options.queries, fixture.options.judgements);
  for (std::size_t i = 0; i < kQueries; ++i) {
    EvaluationOptions how;
    how.threads = 1;
    how.ranking = std::make_shared<const Ranking>(tuning.of_fold[tuning.fold[i]]);
    CHECK(evaluate_each(fixture.path, {judged[i]}, how).front().ndcg_10 == tuning.after[i].ndcg_10);
  }
  // What is judged of a fold's own queries cannot change what was fitted without it.
  std::istringstream lines(fixture.judgements(true));
  std::istringstream others(fixture.judgements(false));
  std::string changed;
  std::string line;
  std::string other;
  for (std::size_t i = 0; std::getline(lines, line) && std::getline(others, other); ++i)
    changed += (tuning.fold[i] == 1 ? other : line) + "\n";
  RankTuneOptions options = fixture.options;
  options.judgements = test::write_file(fixture.directory / "changed.tsv", changed);
  const RankTuning again = tune_rank(fixture.path, options);
  CHECK(again.fold == tuning.fold);
  CHECK(again.of_fold[1] == tuning.of_fold[1]);
  CHECK(ndcg(again.after) < 1);
}

TEST_CASE("the number of threads changes nothing of what is tuned") {
  Fixture fixture;
  const RankTuning one = tune_rank(fixture.path, fixture.options);
  fixture.options.threads = 3;
  const RankTuning three = tune_rank(fixture.path, fixture.options);
  CHECK(one.fitted == three.fitted);
  CHECK(one.of_fold == three.of_fold);
  for (std::size_t i = 0; i < kQueries; ++i) CHECK(one.after[i].ndcg_10 == three.after[i].ndcg_10);
}

TEST_CASE("what cannot be tuned is refused with the bound and the value") {
  const Fixture fixture;
  const auto refused = [&](const auto& change, const std::string& part) {
    RankTuneOptions options = fixture.options;
    change(options);
    return refuses<InvalidArgument>([&] { tune_rank(fixture.path, options); }, part);
  };
  CHECK(refused([](RankTuneOptions& options) { options.folds = 1; }, "folds must be in [2, 100]; was 1"));
  CHECK(refused([](RankTuneOptions& options) { options.folds = 13; },
                "folds must be at most the number of judged queries, 12; was 13"));
  CHECK(refused([](RankTuneOptions& options) { options.a_side = 9; }, "candidates must be in [10, 10000]; was 9"));
  CHECK(refused(
      [](RankTuneOptions& options) {
        options.start = {.first_phase = "bm25", .second_phase = {}, .window = 40, .parameters = {}};
      },
      "must have parameters to fit"));
  CHECK(refused([](RankTuneOptions& options) { options.start.second_phase = "share*input(boost)"; },
                "must not need inputs, which judged queries have not; needs input(boost)"));
  RankTuneOptions strict = fixture.options;
  strict.rel_min = 2;
  CHECK_THROWS_AS(tune_rank(fixture.path, strict), DataError);
}

TEST_CASE("exported features are lines of SVMlight whose columns are those of brute force") {
  Fixture fixture;
  fixture.options.start.second_phase = "bm25 + share*cosine + value(2)";
  const std::string file = fixture.directory / "features.txt";
  export_features(fixture.path, fixture.options, file);
  std::istringstream lines(test::read_file(file));
  std::string line;
  REQUIRE(std::getline(lines, line));
  std::istringstream header(line.substr(1));
  std::vector<std::string> names;
  for (std::string name; header >> name;) {
    const std::string number = std::to_string(names.size() + 1) + ":";
    REQUIRE(name.starts_with(number));
    names.push_back(name.substr(number.size()));
  }
  CHECK(names == std::vector<std::string>{"bm25", "cosine", "distance", "closeness", "votes", "doclength",
                                          "1/rank_words", "1/rank_cosine", "max_bm25", "max_cosine", "saturation",
                                          "coverage", "words", "asked", "mean_cosine", "dimensions", "value(2)"});
  Index index(fixture.path);
  std::map<std::size_t, std::size_t> rows;
  std::map<std::size_t, double> relevant;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    double score = -1;
    std::string text;
    fields >> score >> text;
    REQUIRE(text.starts_with("qid:"));
    const std::size_t query = std::stoul(text.substr(4));
    ++rows[query];
    relevant[query] += score;
    std::map<std::string, double> features;
    for (std::size_t i = 0; i < names.size(); ++i) {
      fields >> text;
      const std::string number = std::to_string(i + 1) + ":";
      REQUIRE(text.starts_with(number));
      features[names[i]] = std::stod(text.substr(number.size()));
    }
    Xapian::docid docid = 0;
    fields >> text >> text >> docid;
    const QueryBuilder& builder = index.searcher().builder();
    const std::string number = std::to_string(query - 1);
    Xapian::Enquire enquire(index.database());
    enquire.set_query({Xapian::Query::OP_FILTER, builder.words("a" + number + " x" + number),
                       Xapian::Query(schema::id_term(document_id(index.database().get_document(docid), docid)))});
    const Xapian::MSet match = enquire.get_mset(0, 1);
    CHECK(features["bm25"] == doctest::Approx(match.empty() ? 0 : match[0].get_weight()).epsilon(1e-8));
    UnitVector row(8);
    const auto unit = builder.vector("a" + number);
    const bool known = decode_value(index.database().get_document(docid).get_value(schema::kVectorSlot), 0, row);
    CHECK(features["cosine"] == doctest::Approx(known ? std::min(1.0F, dot(*unit, row)) : 0).epsilon(1e-7));
    CHECK(features["distance"] == doctest::Approx(1 - features["cosine"]).epsilon(1e-7));
    CHECK(features["doclength"] == index.database().get_doclength(docid));
    CHECK(features["coverage"] == 0.5);
    CHECK(features["words"] == 2);
    if (match.empty()) CHECK(features["1/rank_words"] == 0);
  }
  CHECK(rows.size() == kQueries);
  for (const auto& [query, sum] : relevant) CHECK(sum == 1);
  CHECK_THROWS_AS(export_features(fixture.path, fixture.options, fixture.directory / "missing/features.txt"),
                  DiskError);
}
