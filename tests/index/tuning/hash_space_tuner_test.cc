// SPDX-License-Identifier: GPL-2.0-or-later
// Tests simulated_search.cc, too.
#include "index/tuning/hash_space_tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "index/index.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

TuneOptions options(double recall) {
  TuneOptions wanted;
  wanted.recall = recall;
  wanted.sample = 60;
  wanted.k = 5;
  wanted.threads = 2;
  return wanted;
}

std::shared_ptr<const Dictionary> dictionary_with(std::shared_ptr<const HashSpace> hash_space,
                                                  VectorCodec codec = VectorCodec::kFloat32) {
  DictionaryContents contents = with_hash_space(*test::corpus_dictionary(), std::move(hash_space));
  contents.codec = codec;
  return Dictionary::parse(serialise_dictionary(contents));
}

class Fixture : public test::IndexFixture {
 public:
  explicit Fixture(std::shared_ptr<const HashSpace> hash_space = test::small_cells()) {
    dictionary = dictionary_with(std::move(hash_space));
    index(test::corpus_lines(0, 600));
  }

  std::string path = directory / "db";
};

}  // namespace

TEST_CASE("the hash space chosen reaches the recall and is never dearer than the index's own") {
  for (const auto& own :
       {test::small_cells(), test::small_cells(8, 2), test::small_resolutions(), test::small_hyperplanes()}) {
    const Fixture fixture(own);
    CAPTURE(hash_space_numbers(*own));
    const HashSpaceTuning tuning = tune_hash_space(fixture.path, options(0.9));
    CHECK(tuning.queries == 60);
    REQUIRE(tuning.trials.size() > 1);
    const HashSpaceTrial& best = tuning.trials[tuning.best];
    CHECK(tuning.trials[0].hash_space->fingerprint() == own->fingerprint());
    CHECK(best.reached);
    CHECK(best.point.recall >= 0.9);
    for (const HashSpaceTrial& trial : tuning.trials) {
      CHECK(trial.hash_space->family() == own->family());
      CHECK(trial.reached == (trial.point.recall >= 0.9));
      if (trial.reached) CHECK(best.point.cost() <= trial.point.cost());
    }
  }
}

TEST_CASE("the simulation of the index's own hash space finds and reads what searches of the index do") {
  // Of hyperplanes a reach means the same in both; of cells searches count it from what they have found.
  for (const auto& own : {test::small_cells(), test::small_hyperplanes()}) {
    const Fixture fixture(own);
    int compared = 0;
    for (const double recall : {0.7, 0.9, 1.0}) {
      const TuningPoint simulated = tune_hash_space(fixture.path, options(recall)).trials[0].point;
      CAPTURE(simulated.limits.most);
      CAPTURE(simulated.limits.reach);
      const Tuning measured = tune_index(fixture.path, options(recall));
      const auto same = std::ranges::find_if(measured.curve, [&](const TuningPoint& point) {
        return point.limits.most == simulated.limits.most && point.limits.reach == simulated.limits.reach;
      });
      if (own->has_centres() && std::isfinite(simulated.limits.reach)) continue;
      ++compared;
      REQUIRE(same != measured.curve.end());
      CHECK(same->recall == doctest::Approx(simulated.recall).epsilon(1e-12));
      CHECK(same->probes == doctest::Approx(simulated.probes).epsilon(1e-12));
      CHECK(same->postings == doctest::Approx(simulated.postings).epsilon(1e-12));
    }
    CHECK(compared > 0);
  }
}

TEST_CASE("trials are the same at any number of threads, and of several databases as of one") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(0, 300), "a");
  fixture.index(test::corpus_lines(300, 600), "b");
  const std::string stub = test::write_file(fixture.directory / "stub", "auto a\nauto b\n");
  const auto trials = [&](const std::string& path, unsigned threads) {
    TuneOptions wanted = options(0.9);
    wanted.threads = threads;
    std::string text;
    for (const auto& [hash_space, reached, point] : tune_hash_space(path, wanted).trials)
      text += fmt::format("{} {} {} {}\n", hash_space->fingerprint(), point.recall, point.probes, point.postings);
    return text;
  };
  CHECK(trials(fixture.path, 1) == trials(fixture.path, 5));
  CHECK(trials(stub, 1) == trials(stub, 5));
  CHECK(tune_hash_space(stub, options(0.9)).documents == tune_hash_space(fixture.path, options(0.9)).documents);
}

TEST_CASE("a dictionary with another hash space has the same words, counts, weights and vectors") {
  for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8}) {
    const auto before = dictionary_with(test::small_cells(), codec);
    const auto hash_space = test::small_cells(8, 32, 2);
    const test::TemporaryDirectory directory;
    write_dictionary(directory / "new.dict", with_hash_space(*before, hash_space));
    const auto after = Dictionary::open(directory / "new.dict");
    CHECK(after->hash_space().bytes() == hash_space->bytes());
    CHECK(after->fingerprint() != before->fingerprint());
    CHECK(after->tokenizer() == before->tokenizer());
    CHECK(after->codec() == codec);
    CHECK(after->provenance().find("cells: 32 cells, tables 1, assignments 2") != std::string_view::npos);
    REQUIRE(after->size() == before->size());
    std::vector<float> old_vector(8);
    std::vector<float> new_vector(8);
    for (std::size_t i = 0; i < before->size(); ++i) {
      CHECK(after->word(i) == before->word(i));
      CHECK(after->count(i) == before->count(i));
      CHECK(after->weight(i) == before->weight(i));
      before->copy_vector(i, old_vector);
      after->copy_vector(i, new_vector);
      CHECK(old_vector == new_vector);
    }
  }
}

TEST_CASE("an index made with the best hash space is searched with its tokens") {
  Fixture fixture;
  const HashSpaceTuning tuning = tune_hash_space(fixture.path, options(0.9));
  REQUIRE_FALSE(tuning.keeps_own());
  fixture.dictionary = dictionary_with(tuning.trials[tuning.best].hash_space);
  fixture.index(test::corpus_lines(0, 600), "anew");
  CHECK(tune_index(fixture.directory / "anew", options(0.9)).at(0.9).recall >= 0.9);
}

TEST_CASE("hash spaces are not tuned with options out of range or without documents") {
  const Fixture fixture;
  CHECK(test::refuses<InvalidArgument>([&] { tune_hash_space(fixture.path, options(0)); }, "recall must be in (0, 1]"));
  fixture.index("", "empty");
  CHECK(test::refuses<DataError>([&] { tune_hash_space(fixture.directory / "empty", options(0.9)); }, "no document"));
}
