// SPDX-License-Identifier: GPL-2.0-or-later
// Tests file_array.cc, too.
#include "analyzers/training/training_data.h"

#include <algorithm>
#include <limits>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/training/data/task_pairs.h"
#include "analyzers/training/data/vocabulary.h"
#include "analyzers/training/numbers/permutation.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

TaskPairs pairs_of(const TrainingData& data, std::uint32_t cap = 0, std::uint64_t seed = 1) {
  return TaskPairs(
      data, data.tasks()[0], [](std::uint32_t) { return true; }, cap, seed);
}

/// `queries` queries and `items` items; query q leads to item (q * 7 + i) % items for i < each.
TrainingData ring(std::uint32_t queries, std::uint32_t items, std::uint32_t each) {
  TrainingData data;
  for (std::uint32_t i = 0; i < queries + items; ++i) data.add(TermList{{"w" + std::to_string(i), 1}});
  for (std::uint32_t q = 0; q < queries; ++q)
    for (std::uint32_t i = 0; i < each; ++i) data.add_pair("t", {q, queries + (q * 7 + i) % items});
  return data;
}

}  // namespace

TEST_CASE("arrays in files keep their values while they grow, and new values are zero") {
  FileArray<std::uint64_t> values;
  CHECK(values.empty());
  for (std::uint64_t i = 0; i < 100000; ++i) values.push_back(i * i);
  values.resize(100010);
  std::size_t wrong = 0;
  for (std::uint64_t i = 0; i < 100000; ++i) wrong += values[i] == i * i ? 0 : 1;
  CHECK(wrong == 0);
  CHECK(values[100009] == 0);
  FileArray<std::uint64_t> moved(std::move(values));
  CHECK(moved.size() == 100010);
  CHECK(moved[3] == 9);
  FileArray<int> nowhere("/nonexistent");
  CHECK_THROWS_AS(nowhere.push_back(1), DiskError);
}

TEST_CASE("entities are bags of numbered words or fixed unit vectors") {
  TrainingData data;
  CHECK(data.add(TermList{{"a", 2}, {"b", 1}, {"ghost", 0}}) == 0);
  CHECK(data.add(TermList{{"b", 3}}) == 1);
  const std::vector<float> vector{3, 4};
  CHECK(data.add(vector) == 2);
  CHECK(data.words().size() == 2);
  CHECK(data.bag(0).size() == 2);
  CHECK(data.bag(1)[0].word == 1);
  CHECK(data.bag(1)[0].wdf == 3);
  CHECK(data.length(0) == 3);
  CHECK(data.bag(2).empty());
  CHECK(data.vector(0).empty());
  CHECK(data.vector(2)[1] == 0.8F);
  CHECK(data.dimensions() == 2);
  const auto refused = [&](std::vector<float> bad) { CHECK_THROWS_AS(data.add(bad), InvalidArgument); };
  refused({1, 2, 3});
  refused({0, 0});
  refused({1, std::numeric_limits<float>::quiet_NaN()});
  CHECK(data.size() == 3);
}

TEST_CASE("held-out items are in no training pair, and the same seed holds out the same") {
  for (const std::uint64_t seed : {1U, 2U}) {
    TrainingData data = ring(40, 200, 20);
    hold_out(data, 0.2, seed);
    const auto& task = data.tasks()[0];
    std::set<std::uint32_t> held, learned;
    for (const auto& pair : task.held_out) held.insert(pair.item);
    for (const auto& pair : task.pairs) learned.insert(pair.item);
    CHECK(held.size() > 20);
    CHECK(held.size() < 65);
    CHECK(task.held_out.size() + task.pairs.size() == 800);
    for (const std::uint32_t item : held) CHECK(learned.count(item) == 0);
    TrainingData again = ring(40, 200, 20);
    hold_out(again, 0.2, seed);
    CHECK(again.tasks()[0].held_out.size() == task.held_out.size());
  }
  TrainingData data = ring(2, 2, 1);
  CHECK_THROWS_WITH_AS(hold_out(data, 0.6, 1), "share must be in (0, 0.5]; was 0.6", InvalidArgument);
}

TEST_CASE("orders hold every number once, for every size") {
  for (const std::uint64_t n : {1UL, 2UL, 3UL, 1000UL, 1024UL, 1025UL, (1UL << 20) + 5, (3UL << 20) + 12345}) {
    WindowedOrder order(n, 7, 3);
    std::vector<bool> met(n);
    std::uint64_t moved = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t value = order(i);
      REQUIRE(value < n);
      REQUIRE(!met[value]);
      met[value] = true;
      moved += value != i ? 1 : 0;
    }
    if (n > 100) CHECK(moved > n * 9 / 10);
  }
}

TEST_CASE("each pass has every pair once, in another order") {
  const TrainingData data = ring(50, 40, 6);
  const TaskPairs pairs = pairs_of(data);
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> passes(2);
  for (std::uint64_t pass = 0; pass < 2; ++pass) {
    std::vector<TrainingData::Pair> slice;
    for (std::size_t first = 0; first < pairs.size(); first += 64) {
      pairs.copy_slice(pass, first, 64, slice);
      for (const auto& pair : slice) passes[pass].push_back({pair.query, pair.item});
    }
  }
  CHECK(passes[0].size() == 300);
  CHECK(passes[0] != passes[1]);
  std::ranges::sort(passes[0]);
  std::ranges::sort(passes[1]);
  CHECK(passes[0] == passes[1]);
  CHECK(pairs.candidates().size() == 40);
  CHECK(pairs.known(3).size() == 6);
  CHECK(std::ranges::is_sorted(pairs.known(3)));
  CHECK(pairs.candidates()[pairs.candidate(60)] == 60);
}

TEST_CASE("a cap on the pairs of an item keeps that many of them, and all positives stay known") {
  const TrainingData data = ring(50, 10, 4);
  const TaskPairs capped = pairs_of(data, 3);
  CHECK(capped.size() == 30);
  for (std::size_t i = 0; i < capped.candidates().size(); ++i) CHECK(capped.count(i) == 3);
  CHECK(capped.known(0).size() == 4);
  const TaskPairs again = pairs_of(data, 3), other = pairs_of(data, 3, 2);
  const auto query = &TrainingData::Pair::query;
  CHECK(std::ranges::equal(again.pairs(), capped.pairs(), {}, query, query));
  CHECK(!std::ranges::equal(other.pairs(), capped.pairs(), {}, query, query));
}

TEST_CASE("an epoch holds every batch once, interleaves the tasks, and ratios change how often a task comes") {
  const auto plan = plan_epoch({100, 31}, {1, 1}, 10, 0);
  REQUIRE(plan.size() == 14);
  std::set<std::pair<std::size_t, std::size_t>> met;
  for (const BatchRange& range : plan) met.insert({range.task, range.first});
  CHECK(met.size() == 14);
  CHECK(std::ranges::count(std::span(plan).first(4), 1U, &BatchRange::task) > 0);
  CHECK(std::ranges::count(std::span(plan).last(4), 1U, &BatchRange::task) > 0);

  const auto mixed = plan_epoch({100, 31}, {0.5, 2}, 10, 3);
  CHECK(std::ranges::count(mixed, 0U, &BatchRange::task) == 5);
  CHECK(std::ranges::count(mixed, 1U, &BatchRange::task) == 8);
  // The fourth epoch at half a pass each goes on in the middle of the second pass.
  const auto first = std::ranges::find(mixed, 0U, &BatchRange::task);
  CHECK(first->pass == 1);
  CHECK(first->first == 50);
  CHECK(std::ranges::count(plan_epoch({100, 31}, {0, 1}, 10, 0), 0U, &BatchRange::task) == 0);
}

TEST_CASE("the vocabulary has the words of pairs, and what only held-out pairs name is not counted") {
  TrainingData data;
  data.add(TermList{{"q", 1}});
  data.add(TermList{{"once", 1}, {"x", 3}});
  data.add(TermList{{"secret", 5}, {"x", 1}});
  data.add(TermList{{"unpaired", 1}});
  data.add_pair("t", {0, 1});
  data.task("t").held_out.push_back({0, 2});
  TrainingOptions options;
  options.min_count = 2;
  options.sif = 0.5;
  const Vocabulary vocabulary(data, options);
  CHECK(vocabulary.entries == std::vector<std::string>{"x", "q"});
  CHECK(vocabulary.counts == std::vector<std::uint64_t>{3, 1});
  CHECK(vocabulary.weights[0] == doctest::Approx(0.5 / (0.5 + 3.0 / 6)));
  options.min_count = 1;
  options.sif = std::nullopt;
  CHECK(Vocabulary(data, options).weights == std::vector<float>{1, 1, 1});
}
