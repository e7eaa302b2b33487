// SPDX-License-Identifier: GPL-2.0-or-later
// Tests tuning_curve.cc and tuning_sample.cc, too.
#include "index/tuner.h"
#include "index/pictures/tuning_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "analyzers/errors.h"
#include "index/index.h"
#include "index/store/vector_table.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

class Fixture : public test::IndexFixture {
 public:
  Fixture() { index(test::corpus_lines(0, 600)); }

  std::string path = directory / "db";
};

TuneOptions options(double recall, std::size_t sample = 60) {
  TuneOptions wanted;
  wanted.recall = recall;
  wanted.sample = sample;
  wanted.k = 5;
  wanted.threads = 2;
  return wanted;
}

// The share of the k nearest that searches with these limits find, document by document.
double measured_recall(const std::string& path, const ProbeLimits& limits, std::size_t sample, std::size_t k) {
  Index index(path);
  const Xapian::doccount n = index.database().get_doccount();
  double sum = 0;
  for (std::size_t i = 0; i < sample; ++i) {
    SearchRequest request;
    const auto docid = static_cast<Xapian::docid>(i * n / sample + 1);
    request.exclude = {docid};
    request.vector = index.searcher().builder().vector(index.database().get_document(docid));
    request.k = k;
    request.plan = Plan::kExact;
    const double least = index.searcher().search(request).back().cosine;
    request.plan = Plan::kProbe;
    request.probes = limits.most;
    if (std::isfinite(limits.reach)) request.reach = limits.reach;
    for (const Hit& hit : index.searcher().search(request)) sum += hit.cosine >= least - 1e-6 ? 1 : 0;
  }
  return sum / static_cast<double>(sample * k);
}

}  // namespace

TEST_CASE("a tuning's points are what searches find and cost, and the cheapest that reaches the recall is chosen") {
  const Fixture fixture;
  const Tuning tuning = tune_index(fixture.path, options(0.9));
  REQUIRE(tuning.curve.size() > 3);
  CHECK(tuning.queries == 60);
  CHECK(tuning.at(0.9).recall >= 0.9);
  CHECK(std::ranges::is_sorted(tuning.curve, {}, &TuningPoint::cost));
  for (const TuningPoint& point : tuning.curve) {
    CHECK(point.recall == doctest::Approx(measured_recall(fixture.path, point.limits, 60, 5)).epsilon(1e-12));
    if (point.cost() < tuning.at(0.9).cost()) CHECK(point.recall < 0.9);
  }
}

TEST_CASE("points are the same at any number of threads") {
  const Fixture fixture;
  const auto points = [&](unsigned threads) {
    TuneOptions wanted = options(0.9);
    wanted.threads = threads;
    Tuning tuning = tune_index(fixture.path, wanted);
    for (TuningPoint& point : tuning.curve) point.microseconds = 0;
    return tuning.to_json();
  };
  CHECK(points(1) == points(5));
}

TEST_CASE("queries of a file are the sample, those without a known word left out") {
  const Fixture fixture;
  TuneOptions wanted = options(0.9);
  wanted.queries = test::write_file(fixture.directory / "queries.jsonl", R"({"_id":"1","text":"w1 w2"}
{"_id":"2","text":"stones"}
{"_id":"3","text":"w30 w31 w59"}
)");
  CHECK(tune_index(fixture.path, wanted).queries == 2);
  test::write_file(fixture.directory / "queries.jsonl", R"({"_id":"2","text":"stones"})");
  CHECK(test::refuses<DataError>([&] { tune_index(fixture.path, wanted); }, "has a word that the dictionary knows"));
}

TEST_CASE("a stored tuning is what searches aim at, and nothing else of the index changes") {
  const Fixture fixture;
  const auto documents = test::stored_documents(fixture.path);
  const Tuning tuning = tune_index(fixture.path, options(0.9));
  CHECK(test::metadata_of(fixture.path, schema::kTuningKey).empty());
  store_tuning(fixture.path, tuning);
  CHECK(test::stored_documents(fixture.path) == documents);
  Index index(fixture.path);
  CHECK(index.searcher().limits({}).most == tuning.at(0.9).limits.most);
  CHECK(index.searcher().limits({}).reach == tuning.at(0.9).limits.reach);
  TextQuery query;
  query.text = "w1 w2";
  query.mode = SearchMode::kVector;
  query.recall = 0.95;
  CHECK(index.request(query).recall == 0.95);
  CHECK(index.search(query).size() == 10);
}

TEST_CASE("a search reports the recall to expect: 1 where all was compared, by the tuning otherwise") {
  const Fixture fixture;
  TextQuery query;
  query.text = "w1 w2";
  query.mode = SearchMode::kVector;
  const auto expected = [&](Plan plan) {
    SearchReport report;
    query.plan = plan;
    Index(fixture.path).search(query, &report);
    CHECK((report.choice.plan == plan || plan == Plan::kAuto));
    return report.recall;
  };
  CHECK(expected(Plan::kExact) == 1);
  CHECK(expected(Plan::kAuto) == 1);
  CHECK_FALSE(expected(Plan::kProbe));
  const Tuning tuning = tune_index(fixture.path, options(0.9));
  store_tuning(fixture.path, tuning);
  CHECK(expected(Plan::kProbe) == tuning.at(0.9).recall);
  CHECK(expected(Plan::kPlainTerms) == tuning.at(0.9).recall);
  query.filters = {"section:s1"};
  CHECK_FALSE(expected(Plan::kProbe));
  CHECK(expected(Plan::kFilterFirst) == 1);
}

TEST_CASE("a sidecar that was there is published again after a tuning is stored, and only then") {
  const Fixture fixture;
  const Tuning tuning = tune_index(fixture.path, options(0.9));
  const auto mapped = [&] {
    Index index(fixture.path);
    return VectorTable::open(fixture.path, index.database(), index.searcher().builder().embedder()) != nullptr;
  };
  CHECK(mapped());
  store_tuning(fixture.path, tuning);
  CHECK(mapped());
  const std::uint64_t revision = Xapian::Database(fixture.path).get_revision();
  std::filesystem::remove(fixture.directory / fmt::format("db/vecterm-{}-{}.rows", tuning.hash_space, revision));
  CHECK_FALSE(mapped());
  store_tuning(fixture.path, tuning);
  CHECK_FALSE(mapped());
}

TEST_CASE("a tuning of local databases under a stub file is stored in each") {
  const test::IndexFixture fixture;
  fixture.index(test::corpus_lines(0, 300), "a");
  fixture.index(test::corpus_lines(300, 600), "b");
  const std::string stub = test::write_file(fixture.directory / "stub", "auto a\nauto b\n");
  store_tuning(stub, tune_index(stub, options(0.9)));
  CHECK(test::metadata_of(fixture.directory / "a", schema::kTuningKey) ==
        test::metadata_of(fixture.directory / "b", schema::kTuningKey));
  CHECK(Index(stub).searcher().tuning());
}

TEST_CASE("options out of range, an empty index and another index's tuning are refused") {
  const Fixture fixture;
  for (const double recall : {0.0, 1.1, std::nan("")})
    CHECK(
        test::refuses<InvalidArgument>([&] { tune_index(fixture.path, options(recall)); }, "recall must be in (0, 1]"));
  CHECK(test::refuses<InvalidArgument>([&] { tune_index(fixture.path, options(0.9, 0)); },
                                       "sample must be in [1, 100000]; was 0"));
  fixture.index("", "empty");
  CHECK(test::refuses<DataError>([&] { tune_index(fixture.directory / "empty", options(0.9)); }, "no document"));
  Tuning foreign = tune_index(fixture.path, options(0.9));
  foreign.hash_space = "0000";
  CHECK(test::refuses<DataError>([&] { store_tuning(fixture.path, foreign); }, "the tuning is of hash space 0000"));
}

TEST_CASE("a tuning's chart has a line for either kind of limits, rising from left to right") {
  const Fixture fixture;
  const LineChart chart = tuning_chart(tune_index(fixture.path, options(0.9)));
  REQUIRE(chart.series.size() == 2);
  for (const ChartSeries& series : chart.series) {
    CHECK(!series.points.empty());
    CHECK(std::ranges::is_sorted(series.points, {}, &ChartPoint::y));
  }
  CHECK(line_chart_svg(chart).starts_with("<"));
}
