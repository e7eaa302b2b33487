// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/label_classifier.h"

#include <cmath>
#include <limits>

#include "analyzers/errors.h"
#include "analyzers/training/judge/label_evaluation.h"
#include "tests/support/dictionary.h"
#include "tests/support/labels.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr float kNone = -std::numeric_limits<float>::infinity();

class Fixture {
 public:
  Fixture() {
    labels.add("first", "x");
    labels.add("second", "y");
    labels.add("nameless", "unknown words");
    labels.add("first", "z");
  }

  std::vector<float> scores(std::string_view text, std::span<const LabelledText> examples = {},
                            const LabelVoteOptions& options = {}) const {
    const LabelClassifier classifier(embedder, tokenizer, labels, examples, options);
    return classifier.scores(*embedder.embed(tokenizer.terms(text)));
  }

  Embedder embedder{test::axes_dictionary()};
  test::SpaceTokenizer tokenizer;
  LabelSet labels;
};

}  // namespace

TEST_CASE("without labelled texts a label scores the cosine of its nearest description") {
  const Fixture fixture;
  const float half = std::sqrt(0.5F);
  const std::vector<float> between = fixture.scores("x y");
  CHECK(between[0] == doctest::Approx(half));
  CHECK(between[1] == doctest::Approx(half));
  CHECK(between[2] == kNone);
  CHECK(fixture.scores("z") == std::vector<float>{1, 0, kNone});
}

TEST_CASE("labelled texts vote with the exponential of their cosine, for each of their labels") {
  const Fixture fixture;
  const std::vector<LabelledText> examples{{"y", {1, 2}}, {"x", {0}}, {"unknown", {0}}};
  const double weight = std::exp(-1 / 0.5);
  const std::vector<float> scores = fixture.scores("y", examples, {5, 0.5, 0, 1});
  CHECK(scores[0] == doctest::Approx(weight / (1 + weight)));
  CHECK(scores[1] == doctest::Approx(1 / (1 + weight)));
  CHECK(scores[2] == doctest::Approx(1 / (1 + weight)));
  CHECK(fixture.scores("y", examples, {1, 0.5, 0, 1}) == std::vector<float>{0, 1, 1});
  CHECK(fixture.scores("y", examples, {1, 0.5, 0.25, 1}) == std::vector<float>{0, 1.25F, 1});
}

TEST_CASE("labels that no text has are ranked by their descriptions, and those without any vector not at all") {
  const Fixture fixture;
  const std::vector<LabelledText> examples{{"x", {0}}};
  const std::vector<float> scores = fixture.scores("x y", examples);
  CHECK(scores[1] > 0);
  CHECK(scores[2] == kNone);
  CHECK(LabelClassifier::best(scores, 3) == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("the best labels come in descending order, equal ones by their number") {
  const std::vector<float> scores{0.5F, 0.9F, kNone, 0.9F, 0.1F};
  CHECK(LabelClassifier::best(scores, 3) == std::vector<std::uint32_t>{1, 3, 0});
  CHECK(LabelClassifier::best(scores, 9) == std::vector<std::uint32_t>{1, 3, 0, 4});
  CHECK(LabelClassifier::best(scores, 0).empty());
}

TEST_CASE("options of a vote out of their range are refused") {
  const Fixture fixture;
  const auto make = [&](const LabelVoteOptions& options, std::vector<LabelledText> examples = {}) {
    LabelClassifier(fixture.embedder, fixture.tokenizer, fixture.labels, examples, options);
  };
  CHECK_THROWS_WITH_AS(make({.neighbours = 0}), "neighbours must be in [1, 2147483647]; was 0", InvalidArgument);
  CHECK_THROWS_WITH_AS(make({.temperature = 0}), "temperature must be in (0, 1000]; was 0", InvalidArgument);
  CHECK_THROWS_AS(make({.temperature = NAN}), InvalidArgument);
  CHECK_THROWS_AS(make({.description_weight = -1}), InvalidArgument);
  CHECK_THROWS_WITH_AS(make({}, {{"x", {3}}}), "a labelled text's label must be less than 3; was 3", InvalidArgument);
}

TEST_CASE("the smallest temperature still gives finite scores") {
  const Fixture fixture;
  const std::vector<LabelledText> examples{{"y", {1}}};
  for (const float score : fixture.scores("x", examples, {1, 1e-300, 0.1, 1})) CHECK(!std::isnan(score));
}

TEST_CASE("label metrics are those computed by hand") {
  const Fixture fixture;
  const LabelClassifier classifier(fixture.embedder, fixture.tokenizer, fixture.labels);
  const std::vector<LabelledText> queries{{"x", {0}}, {"y x x", {1, 2}}, {"unknown", {0}}, {"z", {2}}};
  const std::vector<std::uint32_t> depths{1, 2};
  const LabelEvaluation evaluation =
      evaluate_labels(classifier, fixture.embedder, fixture.tokenizer, queries, depths, 1);
  const LabelMetrics& metrics = evaluation.metrics;
  CHECK(evaluation.best == std::vector<std::vector<std::uint32_t>>{{0, 1}, {0, 1}, {}, {0, 1}});
  CHECK(metrics.at[0].precision == doctest::Approx(1.0 / 4));
  CHECK(metrics.at[1].precision == doctest::Approx((0.5 + 0.5) / 4));
  CHECK(metrics.at[0].recall == doctest::Approx(1.0 / 4));
  CHECK(metrics.at[1].recall == doctest::Approx((1 + 0.5) / 4));
  CHECK(metrics.mrr == doctest::Approx((1 + 0.5) / 4));
  CHECK(metrics.queries == 4);
  CHECK(metrics.without_vector == 1);
  CHECK(metrics.query_coverage == doctest::Approx(5.0 / 6));
  CHECK(metrics.label_coverage == doctest::Approx(3.0 / 5));
  CHECK(!is_wrong(queries[0], evaluation.best[0]));
  CHECK(is_wrong(queries[1], evaluation.best[1]));
  CHECK(is_wrong(queries[2], evaluation.best[2]));
}

TEST_CASE("a label that ties with another has the better rank, but the smaller number is given first") {
  const Fixture fixture;
  const LabelClassifier classifier(fixture.embedder, fixture.tokenizer, fixture.labels);
  const std::vector<LabelledText> queries{{"x y", {1}}};
  const std::vector<std::uint32_t> depths{1};
  const auto evaluation = evaluate_labels(classifier, fixture.embedder, fixture.tokenizer, queries, depths);
  CHECK(evaluation.metrics.at[0].precision == 0);
  CHECK(evaluation.metrics.mrr == 1);
}

TEST_CASE("label metrics are the same for every number of threads") {
  const Fixture fixture;
  const std::vector<LabelledText> examples{{"x z", {0}}, {"y y z", {1}}, {"z", {2}}};
  const LabelClassifier classifier(fixture.embedder, fixture.tokenizer, fixture.labels, examples);
  std::vector<LabelledText> queries;
  for (std::uint32_t i = 0; i < 200; ++i)
    queries.push_back({std::string(i % 5, 'x') + " y z " + (i % 3 == 0 ? "x" : "y"), {i % 3}});
  const std::vector<std::uint32_t> depths{1, 3};
  const auto one = evaluate_labels(classifier, fixture.embedder, fixture.tokenizer, queries, depths, 1);
  const auto many = evaluate_labels(classifier, fixture.embedder, fixture.tokenizer, queries, depths, 3);
  CHECK(one.best == many.best);
  CHECK(one.metrics.mrr == many.metrics.mrr);
  CHECK(one.metrics.at[1].recall == many.metrics.at[1].recall);
}

TEST_CASE("an evaluation of labels needs a query and depths of at least 1") {
  const Fixture fixture;
  const LabelClassifier classifier(fixture.embedder, fixture.tokenizer, fixture.labels);
  const auto run = [&](std::vector<LabelledText> queries, std::vector<std::uint32_t> depths) {
    evaluate_labels(classifier, fixture.embedder, fixture.tokenizer, queries, depths);
  };
  CHECK_THROWS_AS(run({}, {1}), InvalidArgument);
  CHECK_THROWS_AS(run({{"x", {0}}}, {}), InvalidArgument);
  CHECK_THROWS_AS(run({{"x", {0}}}, {1, 0}), InvalidArgument);
}
