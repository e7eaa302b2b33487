// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search_request.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "plugin/schema.h"
#include "plugin/searcher.h"
#include "tests/support/index.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

constexpr double kNoReach = std::numeric_limits<double>::infinity();

TuningPoint point(const ProbeLimits& limits, double recall, double probes) {
  return {.limits = limits, .recall = recall, .probes = probes, .postings = 0, .candidates = 0, .microseconds = 5};
}

// By rising cost: 1, 2, 3, ... probes.
Tuning tuning() {
  return {.hash_space = "0abc",
          .target = 0.9,
          .k = 10,
          .queries = 500,
          .curve = {point(ProbeLimits(1), 0.5, 1), point({40, 0.25}, 0.75, 2), point(ProbeLimits(9), 0.7, 3),
                    point({40, 0.5}, 0.95, 4), point(ProbeLimits(25), 0.99, 5)}};
}

}  // namespace

TEST_CASE("a tuning gives the cheapest point that reaches a recall") {
  const Tuning tuned = tuning();
  CHECK(tuned.at(0.3).probes == 1);
  CHECK(tuned.at(0.5).probes == 1);
  CHECK(tuned.at(0.51).probes == 2);
  CHECK(tuned.at(0.76).probes == 4);
  CHECK(tuned.at(0.99).probes == 5);
  CHECK(test::message_of<InvalidArgument>([&] {
          tuned.at(0.995);
        }).starts_with("recall must be at most 0.9900, the best that tuning saw; was 0.995"));
  for (const double recall : {0.0, -1.0, 1.01, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(tuned.at(recall), InvalidArgument);
}

TEST_CASE("the recall of limits between two points of one kind is interpolated, and of all others not known") {
  const Tuning tuned = tuning();
  CHECK(tuned.estimate(ProbeLimits(1)).value() == 0.5);
  CHECK(tuned.estimate(ProbeLimits(5)).value() == doctest::Approx(0.6));
  CHECK(tuned.estimate({17, kNoReach}).value() == doctest::Approx(0.845));
  CHECK(tuned.estimate(ProbeLimits(25)).value() == 0.99);
  CHECK(tuned.estimate({40, 0.375}).value() == doctest::Approx(0.85));
  for (const ProbeLimits& limits : {ProbeLimits(26), ProbeLimits(40, 0.2), ProbeLimits(40, 0.6), ProbeLimits(39, 0.3)})
    CHECK_FALSE(tuned.estimate(limits));
}

TEST_CASE("a tuning is read as it was written, for its hash space only") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  CHECK_FALSE(Tuning::read(database, "0abc"));
  tuning().write(database);
  CHECK_FALSE(Tuning::read(database, "0abd"));
  const auto read = Tuning::read(database, "0abc");
  REQUIRE(read);
  CHECK(read->to_json() == tuning().to_json());
  CHECK(read->curve.size() == 5);
  CHECK(read->curve[1].limits.reach == 0.25);
  CHECK(read->curve[2].limits.reach == kNoReach);
}

TEST_CASE("a damaged tuning is a data error, wherever it was cut or changed") {
  const std::string text = tuning().to_json();
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_THROWS_AS(Tuning::from_json(text.substr(0, size)), Damaged);
  const auto changed = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json object = nlohmann::json::parse(text);
    object[nlohmann::json::json_pointer(pointer)] = value;
    return test::message_of<DataError>([&] { Tuning::from_json(object.dump()); });
  };
  CHECK(changed("/version", 2) == "tuning: version must be 1; was 2");
  CHECK(changed("/curve/0/recall", 1.5) == "tuning: recall must be in [0, 1]; was 1.5");
  CHECK(changed("/curve/0/most", 0) == "tuning: most must be in [1, 1000000000000000]; was 0");
  CHECK(changed("/curve/0/reach", -1).starts_with("tuning: reach must be in [0, "));
  CHECK(changed("/recall", 0.999).starts_with("tuning: damaged: recall must be at most"));
  CHECK(changed("/curve", nlohmann::json::array()).starts_with("tuning: damaged: "));
  CHECK(changed("/hash_space", 5).starts_with("tuning: damaged: "));
}

TEST_CASE("a tuned index is searched with the limits of its target, or of the recall asked for") {
  const auto embedder = test::embedder_of(test::small_dictionary(test::numbered_words(20)));
  Xapian::WritableDatabase database = test::index_of({"w1 w2", "w3 w4", "w5 w6"}, embedder);
  const auto builder = std::make_shared<const QueryBuilder>(embedder);
  SearchRequest request;
  request.vector = builder->vector("w1 w3");
  request.recall = 0.9;
  CHECK(test::message_of<NotFound>([&] { Searcher(database, builder).search(request); }).find("vecterm tune") !=
        std::string::npos);

  Tuning tuned = tuning();
  tuned.hash_space = embedder->record().hash_space;
  tuned.write(database);
  Searcher searcher(database, builder);
  request.recall.reset();
  CHECK(searcher.limits(request).most == 40);
  CHECK(searcher.limits(request).reach == 0.5);
  request.recall = 0.98;
  CHECK(searcher.limits(request).most == 25);
  CHECK(searcher.limits(request).reach == kNoReach);
  request.recall = 0.999;
  CHECK_THROWS_AS(searcher.limits(request), InvalidArgument);
  request.probes = 3;
  CHECK(test::message_of<InvalidArgument>([&] { searcher.limits(request); }) ==
        "recall must not be given together with probes or reach; was 0.999");
  request.recall.reset();
  CHECK(searcher.limits(request).most == 3);
  CHECK(searcher.limits(request).reach == kNoReach);
  request.reach = 0;  // a limit like any other
  CHECK(searcher.limits(request).most == 3);
  CHECK(searcher.limits(request).reach == 0);
  request.probes.reset();
  request.reach = 0.25;
  CHECK(searcher.limits(request).most == 40);
  CHECK(searcher.limits(request).reach == 0.25);
}

TEST_CASE("plans are spelled as the command spells them") {
  for (const Plan plan : {Plan::kAuto, Plan::kExact, Plan::kFilterFirst, Plan::kProbe, Plan::kPlainTerms})
    CHECK(plan_from_name(plan_name(plan)) == plan);
  CHECK(test::message_of<InvalidArgument>([] { plan_from_name("fast"); }) ==
        "plan must be one of auto, exact, filter-first, probe, plain-terms; was \"fast\"");
}

TEST_CASE("an option out of its range is refused with its name, its bounds and the value met") {
  SearchOptions().check();
  const auto refusal = [](auto SearchOptions::*option, auto value) {
    SearchOptions options;
    options.*option = value;
    return test::message_of<InvalidArgument>([&] { options.check(); });
  };
  CHECK(refusal(&SearchOptions::k, 0) == "k must be in [1, 1000000]; was 0");
  CHECK(refusal(&SearchOptions::offset, 1000001) == "offset must be in [0, 1000000]; was 1000001");
  CHECK(refusal(&SearchOptions::min_score, std::nan("")) == "min_score must be a finite number; was nan");
  CHECK(refusal(&SearchOptions::min_cosine, 1.5) == "min_cosine must be in [-1, 1]; was 1.5");
  CHECK(refusal(&SearchOptions::recall, 0.0) == "recall must be in (0, 1]; was 0");
  CHECK(refusal(&SearchOptions::recall, 1.5) == "recall must be in (0, 1]; was 1.5");
  CHECK(refusal(&SearchOptions::probes, 0) == "probes must be at least 1; was 0");
  CHECK(refusal(&SearchOptions::reach, -0.5) == "reach must be at least 0; was -0.5");
}
