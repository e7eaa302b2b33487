// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>

#include "analyzers/errors.h"
#include "analyzers/training/trainer.h"
#include "tests/support/damage.h"
#include "tests/support/support.h"
#include "tests/support/text.h"
#include "tests/support/training.h"

using namespace vecterm;

TEST_CASE("a checkpoint that was cut off or damaged anywhere is a data error") {
  const test::TemporaryDirectory directory;
  const TrainingData data = test::topics();
  auto options = test::small();
  options.epochs = 1;
  options.threads = 1;
  TrainingRun run;
  run.checkpoint = directory / "run.ckpt";
  run.checkpoint_seconds = 0;
  train(data, options, run);
  const std::string good = test::read_file(run.checkpoint);
  const auto is_refused = [&](const std::string& content) {
    std::filesystem::remove(run.checkpoint);  // writing over a file waits for the disk
    test::write_file(run.checkpoint, content);
    return test::is_thrown<DataError>([&] { train(data, options, run); });
  };
  test::Random random(1);
  const std::size_t arrays = good.find('\n', good.find('\n') + 1);
  for (int i = 0; i < 150; ++i) {
    // Every second time in the lines of text, which are the smaller part.
    std::string damaged = test::damaged(good.substr(0, i % 2 == 0 ? good.size() : arrays), random);
    damaged += good.substr(damaged.size());
    if (damaged != good) CHECK(is_refused(damaged));
  }
  for (std::size_t length = 0; length < good.size(); length += length < arrays + 2 ? 31 : 4001)
    CHECK(is_refused(good.substr(0, length)));
  CHECK(is_refused(good + "x"));
  CHECK_FALSE(is_refused(good));
}

TEST_CASE("the time between two checkpoints must be a number of seconds") {
  TrainingRun run;
  for (const double seconds : {-1.0, double(NAN), double(INFINITY)}) {
    run.checkpoint_seconds = seconds;
    CHECK(test::is_thrown<InvalidArgument>([&] { train(test::topics(), test::small(), run); }));
  }
}
