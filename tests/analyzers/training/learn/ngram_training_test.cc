// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>
#include <numeric>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/training/data/vocabulary.h"
#include "analyzers/training/learn/folding.h"
#include "analyzers/training/learn/word_rows.h"
#include "analyzers/training/trainer.h"
#include "analyzers/words/dictionary_difference.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/training.h"

using namespace vecterm;

namespace {

const std::vector<std::string> kNames{"editor",  "compiler", "network", "database",
                                      "picture", "keyboard", "printer", "calendar"};

/// The words of a text between spaces, and its bigrams.
TermList terms_of(std::string_view text) {
  TermList words;
  std::vector<PlacedTerm> places;
  for (std::uint32_t position = 0; !text.empty(); ++position) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string word(text.substr(0, space));
    const auto found = std::ranges::find(words, word, &TermCount::term);
    places.push_back({position, static_cast<std::uint32_t>(found - words.begin())});
    if (found == words.end())
      words.push_back({word, 1});
    else
      ++found->wdf;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return with_bigrams(words, places);
}

/// Each name is asked for by queries of several words, and leads to items with words of its topic.
TrainingData named_topics() {
  TrainingData data;
  for (std::size_t topic = 0; topic < kNames.size(); ++topic)
    for (const char* query : {"{} tool", "small {}", "{}"}) {
      const std::uint32_t asked = data.add(terms_of(fmt::format(fmt::runtime(query), kNames[topic])));
      for (int i = 0; i < 6; ++i)
        data.add_pair("search",
                      {asked, data.add(terms_of(fmt::format("common{} common{} item{}x{}", i, i, topic, i / 2)))});
    }
  return data;
}

enum class Form { kPlain, kHashed };

TrainingOptions with_ngrams(Form form = Form::kPlain) {
  TrainingOptions options = test::small();
  options.bigrams = options.trigrams = true;
  options.ngram_min_count = 1;
  if (form == Form::kHashed) options.hash_rows = 60;
  return options;
}

std::shared_ptr<const Dictionary> completed(DictionaryContents contents) {
  if (!contents.hash_space) contents.hash_space = test::small_hyperplanes(contents.dimensions);
  return Dictionary::parse(serialise_dictionary(contents));
}

std::shared_ptr<const Dictionary> learned(const TrainingOptions& options, const TrainingData& data = named_topics()) {
  return completed(train(data, options).dictionary);
}

double cosine(const UnitVector& a, const UnitVector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The topic whose items are nearest to a text.
std::size_t nearest_topic(const Embedder& embedder, const std::string& text) {
  const auto unit = embedder.embed(terms_of(text));
  REQUIRE(unit);
  std::vector<double> cosines;
  for (std::size_t topic = 0; topic < kNames.size(); ++topic)
    cosines.push_back(cosine(*unit, embedder.embed(terms_of(fmt::format("item{0}x0 item{0}x1", topic))).value()));
  return static_cast<std::size_t>(std::ranges::max_element(cosines) - cosines.begin());
}

TermList terms_of_entity(const TrainingData& data, std::size_t entity) {
  TermList terms;
  for (const auto& [word, wdf] : data.bag(entity)) terms.push_back({data.words()[word], wdf});
  return terms;
}

}  // namespace

TEST_CASE("with trigrams misspelled words find what the words themselves find; without, they have no vector") {
  const std::vector<std::string> misspelled{"edtior",  "compller", "netvork", "databse",
                                            "pictuer", "keybaord", "prnter",  "calender"};
  for (const Form form : {Form::kPlain, Form::kHashed}) {
    TrainingOptions options = with_ngrams(form);
    if (form == Form::kHashed) options.hash_rows = 150;
    const Embedder embedder(learned(options));
    for (std::size_t topic = 0; topic < kNames.size(); ++topic) {
      CAPTURE(kNames[topic]);
      CHECK(nearest_topic(embedder, kNames[topic]) == topic);
      CHECK(nearest_topic(embedder, misspelled[topic]) == topic);
    }
  }
  CHECK_FALSE(Embedder(learned(test::small())).embed(terms_of("edtior")));
}

TEST_CASE("training with n-grams gives the same bytes for any number of threads, and says how in the provenance") {
  for (const Form form : {Form::kPlain, Form::kHashed}) {
    TrainingOptions options = with_ngrams(form);
    options.epochs = 3;
    options.threads = 1;
    const auto one = learned(options);
    for (const unsigned threads : {2U, 3U}) {
      options.threads = threads;
      CHECK(learned(options)->bytes() == one->bytes());
    }
    CHECK(one->components() == options.hash_rows);
    CHECK((one->ngrams() == NGramKinds{true, true}));
    CHECK((one->provenance().find("\"max_trigrams\":64000") != std::string_view::npos));
  }
}

TEST_CASE("a run with n-grams that was interrupted goes on from its checkpoint to the same bytes") {
  const test::TemporaryDirectory directory;
  TrainingData data = named_topics();
  hold_out(data, 0.2, 1);
  for (const Form form : {Form::kPlain, Form::kHashed}) {
    TrainingOptions options = with_ngrams(form);
    options.epochs = 5;
    struct Interrupted {};
    TrainingRun run;
    run.checkpoint = directory / fmt::format("{}.ckpt", static_cast<int>(form));
    run.checkpoint_seconds = 0;
    run.epoch = [](const EpochReport& epoch) {
      if (epoch.epoch == 4) throw Interrupted{};
    };
    CHECK_THROWS_AS(train(data, options, run), Interrupted);
    run.epoch = {};
    const TrainingResult resumed = train(data, options, run);
    CHECK(resumed.resumed);
    CHECK(completed(resumed.dictionary)->bytes() == learned(options, data)->bytes());
  }
}

TEST_CASE("what training sees of an entity is what the dictionary gives it, be its words known or not") {
  const TrainingData data = named_topics();
  for (const Form form : {Form::kPlain, Form::kHashed}) {
    TrainingOptions options = with_ngrams(form);
    options.epochs = 2;
    options.max_words = 12;  // so that most words are unknown
    const auto dictionary = learned(options, data);
    REQUIRE(dictionary->entries().words == 12);
    const Vocabulary vocabulary(data, options);
    const Bags bags(data, vocabulary);
    WordRows rows(vocabulary, options, Random(options.seed, 0));
    const OldRows stored = unfolded(*dictionary, "");
    std::vector<std::uint32_t> numbers;
    for (const std::string& entry : vocabulary.entries) numbers.push_back(dictionary->find(entry).value());
    rows.anchor(stored, numbers, 0);
    const Embedder embedder(dictionary);
    for (std::size_t entity = 0; entity < data.size(); ++entity) {
      AlignedFloats sum(rows.dimensions());
      rows.sum(bags[entity], sum);
      const double norm = std::sqrt(lane_dot<float>(sum, sum));
      const auto unit = embedder.embed(terms_of_entity(data, entity));
      REQUIRE(unit);
      double largest = 0;
      for (std::size_t i = 0; i < unit->size(); ++i)
        largest = std::max(largest, std::abs(double{sum[i]} / norm - double{(*unit)[i]}));
      CHECK(largest < 1e-5);
    }
  }
}

TEST_CASE("steps of components and of their weights go against the gradient that finite differences tell") {
  const TrainingData data = named_topics();
  TrainingOptions options = with_ngrams(Form::kHashed);
  options.hash_rows = 20;  // so that many entries share each
  const Vocabulary vocabulary(data, options);
  const Bags of_all(data, vocabulary);
  const std::vector<std::span<const Share<float>>> bags{of_all[0], of_all[8], of_all[9], of_all[20]};
  WordRows rows(vocabulary, options, Random(3, 0));
  test::Random random(5);
  AlignedFloats gradients(bags.size() * rows.dimensions());
  for (float& value : gradients) value = random.number();
  const auto loss = [&] {
    double total = 0;
    AlignedFloats sum(rows.dimensions());
    for (std::size_t b = 0; b < bags.size(); ++b) {
      if (b == 2) continue;
      rows.sum(bags[b], sum);
      total += lane_dot<float>(sum, std::span(gradients).subspan(b * sum.size(), sum.size()));
    }
    return total;
  };
  const auto slopes = [&](auto& values) {
    std::vector<double> result;
    for (float& value : values) {
      const float before = value;
      value = before + 0.5F;
      const double high = loss();
      value = before - 0.5F;
      result.push_back(high - loss());
      value = before;
    }
    return result;
  };
  WordRows::State& state = rows.state();
  const std::vector<double> row_slopes = slopes(state.rows), mixing_slopes = slopes(state.mixing);
  const WordRows::State before = state;
  rows.collect(bags);
  ThreadPool threads(2);
  const std::vector<std::uint8_t> active{1, 1, 0, 1};
  constexpr double kRate = 0.25;
  CHECK(rows.step(gradients.data(), active, kRate, 1000, threads) == 0);
  // AdaGrad's first step has the length of the rate.
  const auto check_steps = [](const auto& after, const auto& start, const std::vector<double>& slope, std::size_t width,
                              double rate) {
    std::size_t wrong = 0, moved = 0;
    for (std::size_t first = 0; first < slope.size(); first += width) {
      double squares = 0;
      for (std::size_t i = first; i < first + width; ++i) squares += slope[i] * slope[i];
      for (std::size_t i = first; i < first + width; ++i) {
        const double step = squares > 1e-6 ? -rate * slope[i] / std::sqrt(squares) : 0;
        wrong += std::abs(double{after[i]} - double{start[i]} - step) < 1e-3 * rate ? 0 : 1;
        moved += after[i] == start[i] ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
    CHECK(moved > width);
  };
  check_steps(state.mixing, before.mixing, mixing_slopes, 2, kRate * WordRows::kMixingRate);
  check_steps(state.rows, before.rows, row_slopes, rows.dimensions(), kRate);
}

TEST_CASE("of each kind the most frequent entries are in, of equals the first, and weights go by shares of the kind") {
  TrainingData data;
  data.add(terms_of("ab ab cd"));
  data.add(terms_of("ab cd e"));
  data.add_pair("t", {0, 1});
  TrainingOptions options = with_ngrams();
  options.sif = 0.5;
  const Vocabulary all(data, options);
  CHECK(all.entries ==
        std::vector<std::string>{"ab", "cd", "e", "ab cd", "ab ab", "cd e", " <ab", " ab>", " <cd", " cd>", " <e>"});
  CHECK(all.first_bigram == 3);
  CHECK(all.first_trigram == 6);
  CHECK(all.weights[0] == doctest::Approx(0.5 / (0.5 + 3.0 / 6)));
  CHECK(all.weights[3] == doctest::Approx(0.5 / (0.5 + 2.0 / 4)));
  CHECK(all.weights[6] == doctest::Approx(0.5 / (0.5 + 3.0 / 11)));
  CHECK(data.length(0) == 3);
  options.max_words = 2;
  options.max_bigrams = 1;
  options.max_trigrams = 3;
  CHECK(Vocabulary(data, options).entries == std::vector<std::string>{"ab", "cd", "ab cd", " <ab", " ab>", " <cd"});
  options.ngram_min_count = 6;
  CHECK(Vocabulary(data, options).entries == std::vector<std::string>{"ab", "cd"});
  options.bigrams = options.trigrams = false;
  options.max_words = 100;
  CHECK(Vocabulary(data, options).entries == std::vector<std::string>{"ab", "ab cd", "cd", "ab ab", "cd e", "e"});
  options.trigrams = true;
  CHECK(Vocabulary(data, options).entries == std::vector<std::string>{"ab", "cd", "e"});
}

TEST_CASE("an update with the strongest anchor leaves all old entries as they were, bit for bit") {
  TrainingData later = named_topics();
  const std::uint32_t query = later.add(terms_of("spreadsheet"));
  later.add_pair("search", {query, later.add(terms_of("common1 cells"))});
  for (const Form form : {Form::kPlain, Form::kHashed})
    for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kInt8}) {
      TrainingOptions options = with_ngrams(form);
      options.epochs = 3;
      DictionaryContents contents = train(named_topics(), options).dictionary;
      contents.hash_space = test::small_hyperplanes(16);
      contents.codec = codec;
      options.update.old = Dictionary::parse(serialise_dictionary(contents));
      options.update.anchor = 1e9;
      options.update.epsilon = 1e-4;
      const Dictionary& old = *options.update.old;
      const auto recent = learned(options, later);
      std::size_t moved = 0;
      std::vector<float> before(16), after(16);
      for (std::size_t i = 0; i < old.size(); ++i) {
        old.copy_vector(i, before);
        recent->copy_vector(recent->find(old.word(i)).value(), after);
        moved += before == after && recent->weight(*recent->find(old.word(i))) == old.weight(i) ? 0 : 1;
      }
      CHECK(recent->find("spreadsheet"));
      CHECK(recent->find(" <sp"));
      // A word of which a trigram was unknown has that now.
      CHECK(moved <= (form == Form::kPlain ? 0 : old.entries().words));
      CHECK(recent->hash_space().fingerprint() == old.hash_space().fingerprint());
    }
}

TEST_CASE("rows of an update that moved at most epsilon keep their values, others move") {
  for (const Form form : {Form::kPlain, Form::kHashed}) {
    TrainingOptions options = with_ngrams(form);
    options.epochs = 3;
    options.update.old = learned(options);
    options.update.anchor = 0;
    options.update.epsilon = 1e9;
    CHECK(difference(*options.update.old, *learned(options)).moved.empty());
    options.update.epsilon = 0;
    CHECK(!difference(*options.update.old, *learned(options)).moved.empty());
    options.learning_rate = 1e-9;
    options.update.epsilon = 1e-4;
    CHECK(difference(*options.update.old, *learned(options)).moved.empty());
  }
}

TEST_CASE("updates that would change what a dictionary has vectors of are refused, and so are options out of range") {
  const auto refused = [](TrainingOptions options, const char* message) {
    CHECK_THROWS_WITH_AS(train(named_topics(), options), message, InvalidArgument);
  };
  TrainingOptions options = with_ngrams();
  options.epochs = 1;
  options.update.old = learned(options);
  options.bigrams = false;
  refused(options, "bigrams must be true, as the old dictionary has; was false");
  options.bigrams = true;
  options.hash_rows = 7;
  refused(options, "hash_rows must be 0, as the old dictionary has; was 7");
  TrainingOptions words = test::small();
  words.epochs = 1;
  options = with_ngrams();
  options.update.old = learned(words);
  refused(options, "bigrams must be false, as the old dictionary has; was true");
  options = with_ngrams();
  options.max_trigrams = 0;
  refused(options, "max_trigrams must be in [1, 268435456]; was 0");
  options = with_ngrams();
  options.ngram_min_count = 0;
  refused(options, "ngram_min_count must be in [1, 2147483647]; was 0");
}
