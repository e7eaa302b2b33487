// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "analyzers/training/batches.h"
#include "analyzers/training/hinge.h"
#include "analyzers/training/random.h"
#include "tests/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDimensions = 5;
constexpr std::size_t kPool = 6;

/// One query (entity kPool), its positive (kPool + 1) and a pool of negatives as bags over a table of words, in double.
struct HingeExample {
  explicit HingeExample(std::uint64_t seed) : random(seed), table(12 * kDimensions), bags(kPool + 2) {
    for (double& value : table) value = random.normal();
    for (auto& bag : bags)
      for (int i = 0; i < 4; ++i)
        bag.push_back({static_cast<std::uint32_t>(random.below(12)), 0.2 + 2 * random.uniform()});
  }

  std::span<double> unit(std::size_t entity) { return std::span(units).subspan(entity * kDimensions, kDimensions); }

  /// The mean loss over the violators; fills units, norms and the query's shares.
  double loss(double margin) {
    units.resize(bags.size() * kDimensions);
    norms.resize(bags.size());
    for (std::size_t e = 0; e < bags.size(); ++e) {
      weighted_sum<double>(table.data(), bags[e], unit(e));
      norms[e] = make_unit(unit(e));
    }
    std::vector<double> cosines;
    for (std::size_t j = 0; j < kPool; ++j) cosines.push_back(lane_dot<double>(unit(kPool), unit(j)));
    const double positive = lane_dot<double>(unit(kPool), unit(kPool + 1));
    const auto known = [](std::size_t j) { return j == 2; };
    const double sum = hinge_violators<double>(margin, positive, cosines, known, shares);
    return shares.empty() ? 0 : sum / static_cast<double>(shares.size());
  }

  /// dL/dtable as training has it; after loss().
  std::vector<double> gradient() {
    std::vector<std::vector<Share<double>>> of_entity(bags.size());
    for (const Share<double>& share : shares) of_entity[share.row] = {{kPool, share.factor}};
    of_entity[kPool] = shares;
    of_entity[kPool].push_back({kPool + 1, -1});
    of_entity[kPool + 1] = {{kPool, -1}};
    std::vector<double> result(table.size());
    for (std::size_t e = 0; e < bags.size(); ++e) {
      if (of_entity[e].empty()) continue;
      std::vector<double> row(kDimensions);
      weighted_sum<double>(units.data(), of_entity[e], row);
      cosine_gradient<double>(unit(e), norms[e], row);
      for (const Share<double>& word : bags[e])
        for (std::size_t i = 0; i < kDimensions; ++i) result[word.row * kDimensions + i] += word.factor * row[i];
    }
    return result;
  }

  Random random;
  std::vector<double> table;
  std::vector<std::vector<Share<double>>> bags;
  std::vector<double> units;
  std::vector<double> norms;
  std::vector<Share<double>> shares;
};

TermList bag(std::initializer_list<const char*> words) {
  TermList terms;
  for (const char* word : words) terms.push_back({word, 1});
  std::sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.term < b.term; });
  return terms;
}

/// Items of eight topics with words of their own; each topic is asked for by two names that occur nowhere together.
TrainingData topics() {
  TrainingData data;
  TrainingData::Task first{"first", {}};
  TrainingData::Task second{"second", {}};
  for (std::uint32_t topic = 0; topic < 8; ++topic) {
    data.queries.push_back({{fmt::format("a{}", topic), 1}});
    data.queries.push_back({{fmt::format("b{}", topic), 1}});
    for (std::uint32_t i = 0; i < 6; ++i) {
      const auto item = static_cast<std::uint32_t>(data.items.size());
      data.items.push_back({{fmt::format("common{}", i), 2}, {fmt::format("word{}x{}", topic, i / 2), 1}});
      first.pairs.push_back({2 * topic, item});
      second.pairs.push_back({2 * topic + 1, item});
    }
  }
  data.tasks = {first, second};
  return data;
}

TrainingOptions small() {
  TrainingOptions options;
  options.dimensions = 16;
  options.batch = 16;
  options.negatives = 20;
  options.epochs = 30;
  options.min_count = 1;
  return options;
}

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

bool has_word(const DictionaryContents& contents, const std::string& word) {
  return std::find(contents.words.begin(), contents.words.end(), word) != contents.words.end();
}

}  // namespace

TEST_CASE("the gradient of the hinge agrees with differences of the loss") {
  std::size_t active = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const double margin : {0.3, 2.0}) {
      HingeExample example(seed);
      if (example.loss(margin) == 0) continue;
      ++active;
      const auto gradient = example.gradient();
      double worst = 0;
      for (std::size_t i = 0; i < example.table.size(); ++i) {
        constexpr double kStep = 1e-6;
        const double value = example.table[i];
        example.table[i] = value + kStep;
        const double above = example.loss(margin);
        example.table[i] = value - kStep;
        const double below = example.loss(margin);
        example.table[i] = value;
        worst = std::max(worst, std::fabs((above - below) / (2 * kStep) - gradient[i]));
      }
      CAPTURE(seed);
      CAPTURE(margin);
      CHECK(worst < 1e-6);
    }
  CHECK(active >= 30);
}

TEST_CASE("violators share the query's gradient; known positives and satisfied negatives have none of it") {
  std::vector<Share<double>> shares{{9, 9.0}};
  const std::vector<double> cosines{0.5, 0.1, 0.9, 0.4};
  const auto known = [](std::size_t j) { return j == 2; };
  CHECK(hinge_violators<double>(0.3, 0.6, cosines, known, shares) == doctest::Approx(0.3));
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].row == 0);
  CHECK(shares[1].row == 3);
  CHECK(shares[0].factor == 0.5);
}

TEST_CASE("weighted sums in float have the bits of the plain loop for every dimension") {
  Random random(5);
  for (const std::size_t d : {1UL, 7UL, 63UL, 64UL, 65UL, 128UL, 200UL}) {
    std::vector<float> matrix(9 * d);
    for (float& value : matrix) value = static_cast<float>(random.normal());
    std::vector<Share<float>> shares;
    for (int i = 0; i < 30; ++i)
      shares.push_back({static_cast<std::uint32_t>(random.below(9)), static_cast<float>(random.normal())});
    std::vector<float> quick(d), plain(d);
    weighted_sum(matrix.data(), shares, std::span(quick));
    weighted_sum<float>(matrix.data(), shares, plain);
    CAPTURE(d);
    CHECK(bits(quick) == bits(plain));
  }
}

TEST_CASE("an epoch holds every pair once and interleaves the tasks") {
  std::vector<TaskPairs> tasks;
  tasks.emplace_back(std::vector<TrainingData::Pair>(100, {0, 1}), 1);
  tasks.emplace_back(std::vector<TrainingData::Pair>(31, {0, 1}), 1);
  std::size_t pairs[2] = {};
  std::vector<std::size_t> order;
  for (const BatchRange& range : plan_epoch(tasks, 10)) {
    pairs[range.task] += tasks[range.task].slice(range.first, 10).size();
    order.push_back(range.task);
  }
  CHECK(pairs[0] == 100);
  CHECK(pairs[1] == 31);
  CHECK(std::find(order.begin(), order.begin() + 4, 1U) != order.begin() + 4);
  CHECK(std::find(order.end() - 4, order.end(), 1U) != order.end());
}

TEST_CASE("names of one topic that never occur together end close, those of two topics apart") {
  const auto contents = train(topics(), small());
  for (int topic = 0; topic < 8; ++topic) {
    CAPTURE(topic);
    CHECK(cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", topic)) > 0.6);
    CHECK(cosine(contents, fmt::format("a{}", topic), fmt::format("b{}", (topic + 1) % 8)) < 0.4);
  }
}

TEST_CASE("training gives the same bytes for any number of threads, and others for another seed") {
  auto options = small();
  options.epochs = 5;
  options.threads = 1;
  const auto one = train(topics(), options);
  for (const unsigned threads : {2U, 3U}) {
    options.threads = threads;
    const auto several = train(topics(), options);
    CHECK(several.words == one.words);
    CHECK(bits(several.vectors) == bits(one.vectors));
    CHECK(bits(several.weights) == bits(one.weights));
    CHECK(several.provenance == one.provenance);
  }
  options.seed = 2;
  CHECK(bits(train(topics(), options).vectors) != bits(one.vectors));
}

TEST_CASE("rows are finite and within the largest norm at every rate, also where words cancel") {
  for (const double rate : {1e-6, 1.0, 10.0}) {
    auto options = small();
    options.learning_rate = rate;
    options.max_norm = 0.5;
    const auto contents = train(topics(), options);
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

TEST_CASE("pairs with an empty side change nothing, and without any other pair there is nothing to learn") {
  const auto plain = train(topics(), small());
  TrainingData data = topics();
  data.queries.push_back({});
  data.queries.push_back({{"ghost", 0}});
  data.items.push_back({});
  const auto empty = static_cast<std::uint32_t>(data.queries.size()) - 2;
  for (const std::uint32_t item : {0U, static_cast<std::uint32_t>(data.items.size()) - 1})
    for (const std::uint32_t query : {empty, empty + 1}) data.tasks[0].pairs.push_back({query, item});
  data.tasks[0].pairs.push_back({0, static_cast<std::uint32_t>(data.items.size()) - 1});
  const auto with_empty = train(data, small());
  CHECK(with_empty.words == plain.words);
  CHECK(bits(with_empty.vectors) == bits(plain.vectors));

  data.tasks = {{"empty", {{empty, 0}, {empty + 1, 0}}}};
  CHECK_THROWS_AS(train(data, small()), DataError);
  CHECK_THROWS_AS(train({}, small()), DataError);
}

TEST_CASE("a sum that vanishes has no unit and no gradient") {
  std::vector<double> zero(4);
  CHECK(make_unit<double>(zero) == 0);
  CHECK(zero == std::vector<double>(4));
  std::vector<float> tiny(4, 1e-44F);
  CHECK(make_unit<float>(tiny) == 0);
  CHECK(tiny == std::vector<float>(4));
}

TEST_CASE("the dictionary holds the words of pairs with counts and SIF weights, rare ones left out") {
  TrainingData data;
  data.queries = {bag({"q"}), bag({"unpaired", "q"})};
  data.items = {bag({"x", "once"}), bag({"x", "y"}), bag({"y", "z"}), bag({"z", "z2"}), bag({"z", "z2"})};
  data.items[1][0].wdf = 3;
  data.tasks = {{"t", {{0, 0}, {0, 1}}}};
  auto options = small();
  options.min_count = 2;
  options.sif = 0.5;
  const auto contents = train(data, options);
  REQUIRE(contents.words == std::vector<std::string>{"x", "q", "y"});
  CHECK(contents.counts == std::vector<std::uint64_t>{4, 2, 2});
  CHECK(contents.weights[0] == doctest::Approx(0.5 / (0.5 + 4.0 / 15)));
}

TEST_CASE("a word of one query is kept where the query has enough pairs") {
  TrainingData data;
  data.queries = {bag({"often"}), bag({"seldom"})};
  for (int i = 0; i < 6; ++i) data.items.push_back(bag({"item"}));
  data.tasks = {{"t", {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {1, 5}}}};
  auto options = small();
  options.min_count = 5;
  const auto contents = train(data, options);
  CHECK(has_word(contents, "often"));
  CHECK(!has_word(contents, "seldom"));
}

TEST_CASE("provenance says what was learned how, and neither when nor with how many threads") {
  auto options = small();
  options.epochs = 1;
  options.threads = 2;
  const auto contents = train(topics(), options);
  const auto provenance = nlohmann::json::parse(contents.provenance);
  CHECK(provenance["items"] == 48);
  CHECK(provenance["queries"] == 16);
  CHECK(provenance["words"] == contents.words.size());
  CHECK(provenance["tasks"][1] == nlohmann::json{{"name", "second"}, {"pairs", 48}});
  CHECK(provenance["options"]["margin"] == options.margin);
  CHECK(!provenance["options"].contains("threads"));
}

TEST_CASE("progress ends at 1 and may cancel") {
  double last = 0;
  std::string details;
  train(topics(), small(), [&](const Progress& progress) {
    CHECK(progress.step == "training");
    CHECK(progress.done >= last);
    last = progress.done;
    details = progress.details;
  });
  CHECK(last == 1);
  CHECK(details.starts_with("loss 0."));
  CHECK(details.ends_with("M words/s, 0 s left"));
  struct Cancelled {};
  CHECK_THROWS_AS(train(topics(), small(), [](const Progress&) { throw Cancelled{}; }), Cancelled);
}

TEST_CASE("options and indices out of range are refused with bound and value") {
  const auto refused = [](auto change, const char* message) {
    TrainingOptions options;
    change(options);
    CHECK_THROWS_WITH_AS(train(topics(), options), message, InvalidArgument);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  refused([](auto& o) { o.margin = 3; }, "margin must be in (0, 2]; was 3");
  refused([](auto& o) { o.margin = 0; }, "margin must be in (0, 2]; was 0");
  refused([&](auto& o) { o.margin = nan; }, "margin must be in (0, 2]; was nan");
  refused([](auto& o) { o.dimensions = 1; }, "dimensions must be in [2, 4096]; was 1");
  refused([](auto& o) { o.dimensions = 4097; }, "dimensions must be in [2, 4096]; was 4097");
  refused([](auto& o) { o.epochs = 0; }, "epochs must be in [1, 10000]; was 0");
  refused([](auto& o) { o.learning_rate = -1; }, "learning_rate must be in (0, 10]; was -1");
  refused([](auto& o) { o.negatives = 0; }, "negatives must be in [1, 100000]; was 0");
  refused([](auto& o) { o.batch = 100001; }, "batch must be in [1, 100000]; was 100001");
  refused([](auto& o) { o.max_norm = 1001; }, "max_norm must be in (0, 1000]; was 1001");
  refused([](auto& o) { o.sif = 1.5; }, "sif must be in (0, 1]; was 1.5");
  refused([](auto& o) { o.min_count = 0; }, "min_count must be in [1, 2147483647]; was 0");

  TrainingData data = topics();
  data.tasks[1].pairs[0].query = 16;
  CHECK_THROWS_WITH_AS(train(data, {}), "queries of task \"second\" must be below 16; met 16", InvalidArgument);
  data = topics();
  data.tasks[0].pairs[3].item = 48;
  CHECK_THROWS_WITH_AS(train(data, {}), "items of task \"first\" must be below 48; met 48", InvalidArgument);
}
