// SPDX-License-Identifier: GPL-2.0-or-later
// Tests training_options.cc, row_members.cc and training_step.cc, too.
#include "analyzers/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "analyzers/errors.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/numbers/weighted_sum.h"
#include "tests/support/support.h"
#include "tests/support/training.h"

using namespace vecterm;
using test::small;
using test::topics;

namespace {

std::vector<std::uint32_t> bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> result;
  for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
  return result;
}

double cosine(const DictionaryContents& contents, const std::string& a, const std::string& b) {
  const auto row = [&](const std::string& word) {
    const auto found = std::find(contents.words.begin(), contents.words.end(), word);
    REQUIRE(found != contents.words.end());
    const auto r = static_cast<std::size_t>(found - contents.words.begin());
    return std::span(contents.vectors).subspan(r * contents.dimensions, contents.dimensions);
  };
  const auto x = row(a), y = row(b);
  return lane_dot<float>(x, y) / std::sqrt(lane_dot<float>(x, x) * lane_dot<float>(y, y));
}

DictionaryContents learned(const TrainingOptions& options) { return train(topics(), options).dictionary; }

std::vector<float> flat(const TrainingResult& result) { return result.dictionary.vectors; }

}  // namespace

TEST_CASE("names of one topic that never occur together end close, those of two topics apart") {
  for (const Objective objective : {Objective::kHinge, Objective::kSoftmax})
    for (const bool in_batch : {false, true}) {
      auto options = small();
      options.objective = objective;
      options.in_batch = in_batch;
      options.log_q = in_batch;
      const auto contents = learned(options);
      for (int topic = 0; topic < 8; ++topic) {
        CAPTURE(topic);
        CAPTURE(in_batch);
        CHECK(cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", topic)) > 0.6);
        CHECK(cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", (topic + 1) % 8)) < 0.45);
      }
    }
}

TEST_CASE("training gives the same bytes for any number of threads, and others for another seed") {
  for (const Objective objective : {Objective::kHinge, Objective::kSoftmax}) {
    auto options = small();
    options.objective = objective;
    options.in_batch = true;
    options.log_q = true;
    options.epochs = 5;
    options.threads = 1;
    const auto one = learned(options);
    for (const unsigned threads : {2U, 3U}) {
      options.threads = threads;
      const auto several = learned(options);
      CHECK(several.words == one.words);
      CHECK(bits(several.vectors) == bits(one.vectors));
      CHECK(bits(several.weights) == bits(one.weights));
      CHECK(several.provenance == one.provenance);
    }
    options.seed = 2;
    CHECK(bits(learned(options).vectors) != bits(one.vectors));
  }
}

TEST_CASE("a run that was interrupted anywhere and goes on from its checkpoint ends with the same bytes") {
  const test::TemporaryDirectory directory;
  TrainingData data = topics();
  hold_out(data, 0.2, 1);
  auto options = small();
  options.epochs = 6;
  const auto whole = train(data, options);
  struct Interrupted {};
  for (std::uint32_t ends = 1; ends < 6; ++ends) {
    TrainingRun run;
    run.checkpoint = directory / fmt::format("{}.ckpt", ends);
    run.checkpoint_seconds = 0;
    run.epoch = [&](const EpochReport& epoch) {
      // The checkpoint of the epoch before is there by now.
      if (epoch.epoch > ends) throw Interrupted{};
    };
    CHECK_THROWS_AS(train(data, options, run), Interrupted);
    run.epoch = {};
    options.threads = 1 + ends % 3;
    const auto resumed = train(data, options, run);
    CHECK(resumed.resumed);
    CHECK(bits(flat(resumed)) == bits(flat(whole)));
    CHECK(resumed.dictionary.provenance == whole.dictionary.provenance);
    CHECK(resumed.best_epoch == whole.best_epoch);
    REQUIRE(resumed.epochs.size() == whole.epochs.size());
    CHECK(resumed.epochs[0].losses[0].loss == whole.epochs[0].losses[0].loss);
  }
}

TEST_CASE("checkpoints of other runs and damaged ones are refused") {
  const test::TemporaryDirectory directory;
  TrainingRun run;
  run.checkpoint = directory / "run.ckpt";
  run.checkpoint_seconds = 0;
  auto options = small();
  options.epochs = 2;
  train(topics(), options, run);
  CHECK(train(topics(), options, run).resumed);
  options.seed = 9;
  CHECK_THROWS_WITH_AS(
      train(topics(), options, run),
      (run.checkpoint + ": the checkpoint is of other data or other options; remove it to start anew").c_str(),
      DataError);
  options.seed = 1;
  const std::string good = test::read_file(run.checkpoint);
  for (std::size_t length = 0; length < good.size(); length += 97) {
    test::write_file(run.checkpoint, good.substr(0, length));
    CHECK_THROWS_AS(train(topics(), options, run), DataError);
  }
  std::string flipped = good;
  flipped[good.size() - 5] = static_cast<char>(flipped[good.size() - 5] ^ 1);
  test::write_file(run.checkpoint, flipped);
  CHECK_THROWS_WITH_AS(train(topics(), options, run),
                       (run.checkpoint + ": the checkpoint is damaged; remove it to start anew").c_str(), DataError);
}

TEST_CASE("rows are finite and within the largest norm at every rate, also where words cancel") {
  for (const double rate : {1e-6, 1.0, 10.0}) {
    auto options = small();
    options.learning_rate = rate;
    options.max_norm = 0.5;
    const auto contents = learned(options);
    CHECK(contents.vectors.size() == contents.words.size() * contents.dimensions);
    std::size_t bad = 0;
    for (std::size_t r = 0; r < contents.words.size(); ++r) {
      const auto row = std::span(contents.vectors).subspan(r * contents.dimensions, contents.dimensions);
      const double norm = std::sqrt(lane_dot<float>(row, row));
      bad += std::isfinite(norm) && norm <= 0.5 + 1e-5 ? 0 : 1;
    }
    CHECK(bad == 0);
  }
}

TEST_CASE(
    "a loss that gets out of hand is undone and tried again at half the rate; one that cannot settle is an error") {
  auto options = small();
  options.objective = Objective::kSoftmax;
  options.learning_rate = 10;
  options.max_norm = 1000;
  options.dimensions = 2;
  options.negatives = 2;
  std::uint32_t rollbacks = 0;
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    const auto result = train(topics(), options);
    CHECK(result.epochs.size() == options.epochs);
    CHECK(result.epochs.back().losses[0].loss < result.epochs[0].losses[0].loss);
    rollbacks += result.rollbacks;
  }
  CHECK(rollbacks > 0);

  TrainingData data = topics();
  data.tasks()[0].pairs[5].weight = 3e38F;
  CHECK_THROWS_AS(train(data, small()), DataError);
}

TEST_CASE("pairs with an empty side change nothing, and without any other pair there is nothing to learn") {
  const auto plain = train(topics(), small()).dictionary;
  TrainingData data = topics();
  const std::uint32_t empty = data.add(TermList{});
  const std::uint32_t ghost = data.add(TermList{{"ghost", 0}});
  for (const std::uint32_t query : {empty, ghost}) data.add_pair("first", {query, 3});
  data.add_pair("first", {0, empty});
  data.add_pair("first", {0, 4, 0.0F});
  const auto with_empty = train(data, small()).dictionary;
  CHECK(with_empty.words == plain.words);
  CHECK(bits(with_empty.vectors) == bits(plain.vectors));

  TrainingData useless;
  useless.add(TermList{});
  useless.add_pair("empty", {0, 0});
  CHECK_THROWS_AS(train(useless, small()), DataError);
  CHECK_THROWS_AS(train(TrainingData(), small()), DataError);
}

TEST_CASE("weights of tasks and pairs and ratios of tasks change what is learned, and a ratio of 0 leaves a task out") {
  const auto plain = learned(small());
  auto options = small();
  options.tasks = {{"second", 1, 0.2}};
  CHECK(bits(learned(options).vectors) != bits(plain.vectors));
  options.tasks = {{"second", 2, 1}};
  CHECK(bits(learned(options).vectors) != bits(plain.vectors));
  options.tasks = {{"second", 1, 1}};
  CHECK(bits(learned(options).vectors) == bits(plain.vectors));
  TrainingData data = topics();
  data.tasks()[0].pairs[5].weight = 3;
  CHECK(bits(flat(train(data, small()))) != bits(plain.vectors));
  options.tasks = {{"second", 0, 1}};
  const auto result = train(topics(), options);
  REQUIRE(result.epochs[0].losses.size() == 1);
  CHECK(result.epochs[0].losses[0].task == "first");
  CHECK(result.dictionary.vectors != plain.vectors);
}

TEST_CASE("words learn to find items by the items' fixed vectors") {
  TrainingData data;
  std::vector<std::uint32_t> items;
  Random random(3);
  for (int topic = 0; topic < 8; ++topic) {
    std::vector<float> vector(16);
    for (float& value : vector) value = static_cast<float>(random.normal());
    items.push_back(data.add(vector));
  }
  for (std::uint32_t topic = 0; topic < 8; ++topic) {
    const std::uint32_t query = data.add(TermList{{fmt::format("a{}", topic), 1}, {"common", 1}});
    for (int i = 0; i < 4; ++i) data.add_pair("clicks", {query, items[topic]});
  }
  auto options = small();
  options.epochs = 60;
  const auto contents = train(data, options).dictionary;
  for (std::uint32_t topic = 0; topic < 8; ++topic) {
    const auto found = std::ranges::find(contents.words, fmt::format("a{}", topic));
    const auto row = static_cast<std::size_t>(found - contents.words.begin());
    const auto vector = std::span(contents.vectors).subspan(row * 16, 16);
    std::vector<double> cosines;
    for (const std::uint32_t item : items) cosines.push_back(lane_dot<float>(vector, data.vector(item)));
    CHECK(std::ranges::max_element(cosines) - cosines.begin() == topic);
  }
  options.dimensions = 8;
  CHECK_THROWS_WITH_AS(train(data, options), "dimensions must be 16, as the fixed vectors have; was 8",
                       InvalidArgument);
}

TEST_CASE("validation keeps the best epoch, and patience ends a run that gets no better") {
  TrainingData data = topics();
  hold_out(data, 0.25, 2);
  auto options = small();
  options.epochs = 40;
  options.patience = 3;
  const auto result = train(data, options);
  REQUIRE(!result.epochs.empty());
  CHECK(result.epochs.size() == std::min<std::size_t>(40, result.best_epoch + 3));
  double best = 0;
  for (const EpochReport& epoch : result.epochs) {
    REQUIRE(epoch.validation.size() == 2);
    CHECK(epoch.validation[0].coverage > 0.9);
    best = std::max(best, mean_score(epoch.validation));
  }
  CHECK(mean_score(result.epochs[result.best_epoch - 1].validation) == best);
  CHECK(best > 0.5);
}

TEST_CASE("provenance says what was learned how, and neither when nor with how many threads") {
  auto options = small();
  options.epochs = 1;
  options.threads = 2;
  const auto contents = learned(options);
  const auto provenance = nlohmann::json::parse(contents.provenance);
  CHECK(provenance["entities"] == 64);
  CHECK(provenance["words"] == contents.words.size());
  CHECK(provenance["tasks"][1] == nlohmann::json{{"name", "second"}, {"pairs", 48}, {"items", 48}});
  CHECK(provenance["options"]["margin"] == options.margin);
  CHECK(!provenance["options"].contains("threads"));
}

TEST_CASE("progress ends at 1, says what each task loses, and may cancel") {
  double last = 0;
  TrainingRun run;
  run.progress = [&](const TrainingProgress& progress) {
    CHECK(progress.done >= last);
    CHECK(progress.rate <= small().learning_rate);
    CHECK(progress.words_per_second > 0);
    last = progress.done;
    REQUIRE(!progress.losses.empty());
    CHECK(progress.losses.back().loss >= 0);
  };
  train(topics(), small(), run);
  CHECK(last == 1);
  struct Cancelled {};
  run.progress = [](const TrainingProgress&) { throw Cancelled{}; };
  CHECK_THROWS_AS(train(topics(), small(), run), Cancelled);
}

TEST_CASE("prefixes that were learned nested tell topics apart better than those of vectors that were learned whole") {
  constexpr std::uint32_t kPrefix = 3;
  const auto separation = [](DictionaryContents contents) {
    for (std::size_t row = 0; row < contents.words.size(); ++row)
      std::fill_n(contents.vectors.begin() + static_cast<std::ptrdiff_t>(row * contents.dimensions + kPrefix),
                  contents.dimensions - kPrefix, 0.0F);
    double sum = 0;
    for (int topic = 0; topic < 8; ++topic)
      sum += cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", topic)) -
             cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", (topic + 1) % 8));
    return sum / 8;
  };
  auto options = small();
  const double whole = separation(learned(options));
  options.nested = {kPrefix, 8};
  const double nested = separation(learned(options));
  CAPTURE(whole);
  CAPTURE(nested);
  CHECK(nested > whole + 0.1);
}

TEST_CASE("a step descends along the gradient of the losses of all prefixes together") {
  TrainingData data;
  for (const char* word : {"q1", "i1", "q2", "i2"}) data.add(TermList{{word, 1}});
  data.add_pair("pairs", {0, 1});
  data.add_pair("pairs", {2, 3});
  TrainingOptions options = small();
  options.dimensions = 6;
  options.nested = {2, 3};
  options.epochs = 1;
  options.in_batch = true;  // each query is compared with the other's item, by a hinge that is always open
  options.negatives = 0;
  options.margin = 2;
  options.dropout = 0;
  options.sif.reset();
  options.max_norm = 1000;
  const auto rows_at_rate = [&](double rate) {
    options.learning_rate = rate;
    const DictionaryContents contents = train(data, options).dictionary;
    std::vector<std::vector<double>> rows;
    for (const char* word : {"q1", "i1", "q2", "i2"}) {
      const auto found = std::ranges::find(contents.words, word) - contents.words.begin();
      const auto row = std::span(contents.vectors).subspan(static_cast<std::size_t>(found) * 6, 6);
      rows.emplace_back(row.begin(), row.end());
    }
    return rows;
  };
  const auto cosine_of_prefixes = [](const auto& a, const auto& b, std::size_t dimensions) {
    const auto dot = [&](const auto& x, const auto& y) {
      return std::inner_product(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(dimensions), y.begin(), 0.0);
    };
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
  };
  const auto loss = [&](const std::vector<std::vector<double>>& rows) {
    double sum = 0;
    for (const std::size_t dimensions : {2, 3, 6})
      for (const std::size_t query : {0, 2})
        sum += cosine_of_prefixes(rows[query], rows[3 - query], dimensions) -
               cosine_of_prefixes(rows[query], rows[query + 1], dimensions);
    return sum;
  };
  const auto start = rows_at_rate(1e-12);
  const auto after = rows_at_rate(1e-3);
  for (std::size_t word = 0; word < 4; ++word) {
    std::vector<double> gradient, step;
    for (std::size_t i = 0; i < 6; ++i) {
      auto above = start, below = start;
      above[word][i] += 1e-5;
      below[word][i] -= 1e-5;
      gradient.push_back((loss(above) - loss(below)) / 2e-5);
      step.push_back(start[word][i] - after[word][i]);
    }
    CHECK(cosine_of_prefixes(gradient, step, 6) > 0.99999);
  }
}

TEST_CASE("training options and pairs out of range are refused with bound and value") {
  const auto refused = [](auto change, const char* message) {
    TrainingOptions options;
    change(options);
    CHECK_THROWS_WITH_AS(train(topics(), options), message, InvalidArgument);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([](auto& o) { o.margin = 3; }, "margin must be in (0, 2]; was 3");
  refused([](auto& o) { o.margin = 0; }, "margin must be in (0, 2]; was 0");
  refused([&](auto& o) { o.margin = nan; }, "margin must be in (0, 2]; was nan");
  refused([&](auto& o) { o.temperature = 0; }, "temperature must be in [0.001, 10]; was 0");
  refused([](auto& o) { o.dimensions = 1; }, "dimensions must be in [2, 4096]; was 1");
  refused([](auto& o) { o.dimensions = 4097; }, "dimensions must be in [2, 4096]; was 4097");
  refused([](auto& o) { o.nested = {1}; },
          "nested must ascend and be in [2, 64), below the dimensions; number 1 was 1");
  refused(
      [](auto& o) {
        o.nested = {32, 32};
      },
      "nested must ascend and be in [2, 64), below the dimensions; number 2 was 32");
  refused([](auto& o) { o.nested = {64}; },
          "nested must ascend and be in [2, 64), below the dimensions; number 1 was 64");
  refused([](auto& o) { o.epochs = 0; }, "epochs must be in [1, 10000]; was 0");
  refused([](auto& o) { o.learning_rate = -1; }, "learning_rate must be in (0, 10]; was -1");
  refused([](auto& o) { o.in_batch = false, o.negatives = 0; }, "negatives must be in [1, 100000]; was 0");
  refused([](auto& o) { o.batch = 100001; }, "batch must be in [1, 100000]; was 100001");
  refused([](auto& o) { o.max_norm = 1001; }, "max_norm must be in (0, 1000]; was 1001");
  refused([](auto& o) { o.sif = 1.5; }, "sif must be in (0, 1]; was 1.5");
  refused([](auto& o) { o.min_count = 0; }, "min_count must be in [1, 2147483647]; was 0");
  refused([](auto& o) { o.tasks = {{"first", -1, 1}}; }, "ratio of task first must be in [0, 1000]; was -1");
  refused([](auto& o) { o.tasks = {{"first", 1, 0}}; }, "weight of task first must be in (0, 1000]; was 0");
  refused([](auto& o) { o.tasks = {{"third", 1, 1}}; }, "tasks must be among those of the data; there is no \"third\"");

  TrainingData data = topics();
  data.tasks()[1].pairs[0].query = 64;
  CHECK_THROWS_AS(train(data, {}), InvalidArgument);
  data = topics();
  data.tasks()[0].pairs[3].weight = -1;
  CHECK_THROWS_AS(train(data, {}), InvalidArgument);
}
