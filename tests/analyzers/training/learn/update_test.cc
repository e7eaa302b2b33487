// SPDX-License-Identifier: GPL-2.0-or-later
// Tests dictionary_update.cc, too.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/trainer.h"
#include "analyzers/training/updates/update_cost.h"
#include "analyzers/words/dictionary_difference.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/training.h"

using namespace vecterm;
using test::small;
using test::topics;

namespace {

/// Learned from topics(), in hyperplanes, with some changes.
std::shared_ptr<const Dictionary> old_dictionary(VectorCodec codec = VectorCodec::kFloat32) {
  DictionaryContents contents = train(topics(), small()).dictionary;
  contents.hash_space = test::small_hyperplanes(16);
  contents.tokenizer = "xapian";
  contents.codec = codec;
  return Dictionary::parse(serialise_dictionary(contents));
}

/// topics() without the last topic's second name, and with one more topic.
TrainingData later() {
  TrainingData data;
  for (std::uint32_t topic = 0; topic < 9; ++topic) {
    const std::uint32_t a = data.add(TermList{{fmt::format("a{}", topic), 1}});
    const std::uint32_t b = data.add(TermList{{fmt::format("{}{}", topic == 7 ? "z" : "b", topic), 1}});
    for (std::uint32_t i = 0; i < 6; ++i) {
      const std::uint32_t item =
          data.add(TermList{{fmt::format("common{}", i), 2}, {fmt::format("word{}x{}", topic, i / 2), 1}});
      data.add_pair("first", {a, item});
      data.add_pair("second", {b, item});
    }
  }
  return data;
}

TrainingOptions update_options(std::shared_ptr<const Dictionary> old, double anchor, double epsilon = 0) {
  TrainingOptions options = small();
  options.epochs = 5;
  options.update.old = std::move(old);
  options.update.anchor = anchor;
  options.update.epsilon = epsilon;
  return options;
}

std::shared_ptr<const Dictionary> updated(const TrainingOptions& options) {
  return Dictionary::parse(serialise_dictionary(train(later(), options).dictionary));
}

std::vector<float> row_of(const Dictionary& dictionary, std::string_view word) {
  std::vector<float> row(dictionary.dimensions());
  dictionary.copy_vector(dictionary.find(word).value(), row);
  return row;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(double{a[i]} - double{b[i]}, 2);
  return std::sqrt(squares);
}

/// How far the old words moved, on average.
double mean_distance(const Dictionary& old, const Dictionary& recent) {
  double sum = 0;
  for (std::size_t i = 0; i < old.size(); ++i) sum += distance(row_of(old, old.word(i)), row_of(recent, old.word(i)));
  return sum / static_cast<double>(old.size());
}

}  // namespace

TEST_CASE("an update goes on from the old vectors, and the stronger the anchor the less they move") {
  const auto old = old_dictionary();
  double farther = std::numeric_limits<double>::infinity();
  for (const double anchor : {0.0, 0.5, 5.0, 50.0}) {
    CAPTURE(anchor);
    const double moved = mean_distance(*old, *updated(update_options(old, anchor)));
    CHECK(moved > 0);
    CHECK(moved < farther);
    farther = moved;
  }
  TrainingOptions still = update_options(old, 0);
  still.learning_rate = 1e-9;
  CHECK(mean_distance(*old, *updated(still)) < 1e-6);
  CHECK(mean_distance(*old, *updated(update_options(old, 1e-9))) ==
        doctest::Approx(mean_distance(*old, *updated(update_options(old, 0)))).epsilon(0.01));
}

TEST_CASE("a loss that rises because anchors pull rows back is not taken for one that got out of hand") {
  TrainingOptions options = small();
  options.epochs = 2;
  DictionaryContents contents = train(topics(), options).dictionary;
  contents.hash_space = test::small_hyperplanes(16);
  options = update_options(Dictionary::parse(serialise_dictionary(contents)), 0.5);
  options.epochs = 20;
  const TrainingResult result = train(topics(), options);
  const auto loss = [](const EpochReport& epoch) { return epoch.losses[0].loss + epoch.losses[1].loss; };
  CHECK(loss(*std::ranges::max_element(result.epochs, {}, loss)) > 2 * loss(result.epochs.front()));
  CHECK(result.rollbacks == 0);
}

TEST_CASE("the strongest anchor leaves every old row as it was, bit for bit, also those longer than max_norm") {
  for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8}) {
    const auto old = old_dictionary(codec);
    TrainingOptions options = update_options(old, 1e9);
    options.max_norm = 0.01;
    const auto recent = updated(options);
    const DictionaryDifference found = difference(*old, *recent);
    CHECK(found.moved.empty());
    CHECK(found.removed.empty());
    CHECK(recent->codec() == codec);
  }
}

TEST_CASE("no row gets longer than max_norm, or than its old row") {
  const auto old = old_dictionary();
  TrainingOptions options = update_options(old, 0.1);
  options.max_norm = 0.5;
  const auto recent = updated(options);
  const std::vector<float> zero(recent->dimensions());
  std::size_t too_long = 0;
  for (std::size_t i = 0; i < recent->size(); ++i) {
    const bool is_old = old->find(recent->word(i)).has_value();
    const double longest = is_old ? std::max(0.5, distance(row_of(*old, recent->word(i)), zero)) : 0.5;
    too_long += distance(row_of(*recent, recent->word(i)), zero) > longest + 1e-5 ? 1 : 0;
  }
  CHECK(too_long == 0);
}

TEST_CASE("an update has all old words, new ones beside them, and keeps hash space, tokenizer, codec and weights") {
  const auto old = old_dictionary(VectorCodec::kFloat16);
  TrainingOptions options = update_options(old, 0.1);
  options.min_count = 1000;  // new words are rarer; old ones are in all the same
  CHECK(updated(options)->size() == old->size());
  options.min_count = 1;
  const auto recent = updated(options);
  CHECK(difference(*old, *recent).added == std::vector<std::string>{"a8", "b8", "word8x0", "word8x1", "word8x2", "z7"});
  CHECK(recent->hash_space().bytes() == old->hash_space().bytes());
  CHECK(recent->tokenizer() == old->tokenizer());
  CHECK(recent->codec() == VectorCodec::kFloat16);
  CHECK(row_of(*recent, "b7") == row_of(*old, "b7"));  // which the new data lacks
  std::size_t other_weights = 0;
  for (std::size_t i = 0; i < old->size(); ++i) {
    const auto number = recent->find(old->word(i));
    REQUIRE(number);
    other_weights += recent->weight(*number) != old->weight(i) || recent->count(*number) != old->count(i) ? 1 : 0;
  }
  CHECK(other_weights == 0);
  options.update.keep_weights = false;
  const auto reweighted = updated(options);
  CHECK(reweighted->count(reweighted->find("common0").value()) == 18);
  CHECK(reweighted->weight(reweighted->find("a0").value()) != old->weight(old->find("a0").value()));
  CHECK(reweighted->weight(reweighted->find("b7").value()) == old->weight(old->find("b7").value()));
}

TEST_CASE("words that no step touches keep their rows without an anchor, in texts of no pair as well as in none") {
  const auto old = old_dictionary(VectorCodec::kInt8);
  TrainingData data = later();
  data.add(TermList{{"b7", 3}});
  const auto recent = Dictionary::parse(serialise_dictionary(train(data, update_options(old, 0)).dictionary));
  const auto moved = difference(*old, *recent).moved;
  CHECK(moved.size() == old->size() - 1);
  CHECK(std::ranges::count(moved, "b7") == 0);
}

TEST_CASE("new words of an update are weighted by their share of the new data's words") {
  const auto recent = updated(update_options(old_dictionary(), 1));
  const double share = 1.0 / (9 * 2 + 9 * 6 * 3);
  CHECK(recent->weight(recent->find("z7").value()) == doctest::Approx(0.01 / (0.01 + share)));
  CHECK(recent->count(recent->find("z7").value()) == 1);
}

TEST_CASE("rows that moved at most epsilon are the old ones, and those that moved farther are what they were") {
  const auto old = old_dictionary();
  const auto moved = updated(update_options(old, 0.5));
  std::vector<double> distances;
  for (std::size_t i = 0; i < old->size(); ++i)
    distances.push_back(distance(row_of(*old, old->word(i)), row_of(*moved, old->word(i))));
  std::ranges::sort(distances);
  const double epsilon = (distances[distances.size() / 2] + distances[distances.size() / 2 + 1]) / 2;
  const auto recent = updated(update_options(old, 0.5, epsilon));
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < old->size(); ++i) {
    const std::string_view word = old->word(i);
    const auto before = row_of(*old, word), after = row_of(*moved, word);
    wrong += row_of(*recent, word) != (distance(before, after) <= epsilon ? before : after) ? 1 : 0;
  }
  CHECK(wrong == 0);
  CHECK(difference(*old, *recent).moved.size() == distances.size() - distances.size() / 2 - 1);
  CHECK(row_of(*recent, "a8") == row_of(*moved, "a8"));
}

TEST_CASE("an update gives the same bytes for any number of threads, and says in its provenance what it updated") {
  const auto old = old_dictionary();
  TrainingOptions options = update_options(old, 0.5, 0.01);
  options.threads = 1;
  const auto one = updated(options);
  for (const unsigned threads : {2U, 3U}) {
    options.threads = threads;
    CHECK(updated(options)->bytes() == one->bytes());
  }
  const auto provenance = nlohmann::json::parse(one->provenance());
  CHECK(provenance["words"] == one->size());
  CHECK(provenance["options"]["update"] ==
        nlohmann::json{{"parent", old->fingerprint()}, {"anchor", 0.5}, {"epsilon", 0.01}, {"keep_weights", true}});
  CHECK(!nlohmann::json::parse(train(topics(), small()).dictionary.provenance)["options"].contains("update"));
}

TEST_CASE("an interrupted update goes on to the same bytes; the checkpoint of another one is refused") {
  const test::TemporaryDirectory directory;
  const auto old = old_dictionary();
  const TrainingOptions options = update_options(old, 0.5, 0.01);
  struct Interrupted {};
  TrainingRun run;
  run.checkpoint = directory / "run.ckpt";
  run.checkpoint_seconds = 0;
  run.epoch = [](const EpochReport& epoch) {
    if (epoch.epoch == 3) throw Interrupted{};
  };
  CHECK_THROWS_AS(train(later(), options, run), Interrupted);
  run.epoch = {};
  run.checkpoint_seconds = 1000;  // so that the next runs find the same file
  TrainingOptions other = options;
  other.update.old = old_dictionary(VectorCodec::kFloat16);
  CHECK_THROWS_AS(train(later(), other, run), DataError);
  other = options;
  other.update.anchor = 0.25;
  CHECK_THROWS_AS(train(later(), other, run), DataError);
  other.update.old = nullptr;
  CHECK_THROWS_AS(train(later(), other, run), DataError);
  const TrainingResult resumed = train(later(), options, run);
  CHECK(resumed.resumed);
  CHECK(serialise_dictionary(resumed.dictionary) == updated(options)->bytes());
}

TEST_CASE("options of an update out of range are refused with bound and value") {
  const auto old = old_dictionary();
  TrainingOptions options = update_options(old, -1);
  CHECK_THROWS_WITH_AS(train(later(), options), "anchor must be in [0, 1000000000]; was -1", InvalidArgument);
  options = update_options(old, 1, std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS_WITH_AS(train(later(), options), "epsilon must be in [0, 1000000000]; was nan", InvalidArgument);
  options = update_options(old, 1);
  options.dimensions = 8;
  CHECK_THROWS_WITH_AS(train(later(), options), "dimensions must be 16, as the old dictionary has; was 8",
                       InvalidArgument);
}

TEST_CASE("the cost of an update is what comparing all documents' tokens and vectors finds") {
  const auto old = old_dictionary();
  const auto recent = updated(update_options(old, 0.5, 0.3));
  TrainingData data = later();
  data.add(TermList{{"unknown", 1}});
  const auto changed_words = difference(*old, *recent).words();
  const std::set<std::string> changed(changed_words.begin(), changed_words.end());
  UpdateCost expected;
  for (std::size_t document = 0; document < data.size(); ++document) {
    TermList terms;
    bool has_changed_word = false;
    for (const auto& [word, wdf] : data.bag(document)) {
      terms.push_back({data.words()[word], wdf});
      has_changed_word = has_changed_word || changed.contains(data.words()[word]);
    }
    const auto before = Embedder(old).embed(terms), after = Embedder(recent).embed(terms);
    if (!before && !after) continue;
    ++expected.documents;
    expected.with_changed_word += has_changed_word ? 1 : 0;
    std::vector<Bucket> old_tokens, new_tokens;
    std::string old_value, new_value;
    if (before) old_tokens = old->hash_space().hash(*before), append_row(VectorCodec::kFloat16, *before, old_value);
    if (after) new_tokens = old->hash_space().hash(*after), append_row(VectorCodec::kFloat16, *after, new_value);
    expected.changed += old_tokens != new_tokens || old_value != new_value ? 1 : 0;
    expected.tokens += old_tokens.size();
    for (const Bucket& token : old_tokens) expected.kept_tokens += std::ranges::count(new_tokens, token) > 0 ? 1U : 0U;
  }
  REQUIRE(expected.kept_tokens < expected.tokens);
  REQUIRE(expected.with_changed_word < expected.documents);
  for (const unsigned threads : {1U, 3U}) {
    const UpdateCost cost = update_cost(old, recent, data, data.size(), threads);
    CHECK(cost.documents == expected.documents);
    CHECK(cost.with_changed_word == expected.with_changed_word);
    CHECK(cost.changed == expected.changed);
    CHECK(cost.tokens == expected.tokens);
    CHECK(cost.kept_tokens == expected.kept_tokens);
  }
  CHECK(update_cost(old, old, data, data.size()).changed == 0);
}

TEST_CASE("with another hash space no token is kept and every document changes") {
  const auto old = old_dictionary();
  DictionaryContents contents = train(topics(), small()).dictionary;
  contents.hash_space = test::small_hyperplanes(16, 4, 5, 2);
  contents.tokenizer = "xapian";
  const auto recent = Dictionary::parse(serialise_dictionary(contents));
  const TrainingData data = topics();
  const UpdateCost cost = update_cost(old, recent, data, data.size());
  CHECK(cost.documents == data.size());
  CHECK(cost.with_changed_word == 0);
  CHECK(cost.changed == data.size());
  CHECK(cost.tokens == 4 * data.size());
  CHECK(cost.kept_tokens == 0);
}
