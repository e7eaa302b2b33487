// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>

#include "analyzers/base/checksum.h"
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

namespace {

// A checkpoint file whose checksum is right: its line of JSON, and the arrays behind it.
struct Checkpoint {
  explicit Checkpoint(const std::string& file) {
    const std::size_t begin = file.find('\n') + 1;
    const std::size_t end = file.find('\n', begin) + 1;
    start = file.substr(0, file.find_last_of(' ', begin) + 1);
    header = file.substr(begin, end - begin);
    arrays = file.substr(end);
  }
  std::string file() const { return start + to_hex(checksum(header + arrays)) + '\n' + header + arrays; }

  // The same with another value of a member.
  Checkpoint with(const std::string& name, const std::string& value) const {
    Checkpoint other = *this;
    const std::size_t begin = header.find("\"" + name + "\":") + name.size() + 3;
    REQUIRE(begin > name.size() + 3);
    const bool is_list = header[begin] == '[';
    const std::size_t end = is_list ? header.find(']', begin) + 1 : header.find_first_of(",}", begin);
    other.header.replace(begin, end - begin, value);
    return other;
  }

  std::string start;
  std::string header;
  std::string arrays;
};

}  // namespace

TEST_CASE("a checkpoint that does not fit the run is a data error though its checksum is right") {
  const test::TemporaryDirectory directory;
  const TrainingData data = test::topics();
  for (const std::uint32_t hash_rows : {0U, 64U}) {
    auto options = test::small();
    options.epochs = 2;
    options.threads = 1;
    options.hash_rows = hash_rows;
    TrainingRun run;
    run.checkpoint = directory / ("run" + std::to_string(hash_rows));
    run.checkpoint_seconds = 0;
    train(data, options, run);
    const Checkpoint good(test::read_file(run.checkpoint));
    const auto is_refused = [&](const Checkpoint& checkpoint) {
      std::filesystem::remove(run.checkpoint);
      test::write_file(run.checkpoint, checkpoint.file());
      return test::is_thrown<Damaged>([&] { train(data, options, run); });
    };
    for (const char* name : {"epoch", "best_epoch", "step", "rollbacks", "rows", "squares", "mixing", "mixing_squares",
                             "best_rows", "best_mixing"})
      for (const char* value : {"4000000000", "4294967298", "18446744073709551615", "-1", "1.5", "null", "1"}) {
        CAPTURE(name);
        CAPTURE(value);
        if (std::string_view(name) == "rollbacks" && std::string_view(value) != "-1") continue;
        CHECK(is_refused(good.with(name, value)));
      }
    for (const char* name : {"losses", "pairs", "epochs"}) CHECK(is_refused(good.with(name, "[]")));
    for (const char* value : {"0", "-1", "1e300", "2"}) CHECK(is_refused(good.with("rate_factor", value)));

    Checkpoint empty = good;
    for (const char* name : {"rows", "squares", "mixing", "mixing_squares"}) empty = empty.with(name, "0");
    empty.arrays.clear();
    CHECK(is_refused(empty));
    Checkpoint shorter = good.with("rows", "16");
    shorter.arrays.resize(64);
    CHECK(is_refused(shorter));
    Checkpoint infinite = good;
    infinite.arrays.replace(0, 4, std::string("\0\0\x80\x7f", 4));
    CHECK(is_refused(infinite));
    Checkpoint longer = good;
    longer.arrays += "more";
    CHECK(is_refused(longer));
    CHECK_FALSE(is_refused(good));
  }
}

TEST_CASE("the time between two checkpoints must be a number of seconds") {
  TrainingRun run;
  for (const double seconds : {-1.0, double(NAN), double(INFINITY)}) {
    run.checkpoint_seconds = seconds;
    CHECK(test::is_thrown<InvalidArgument>([&] { train(test::topics(), test::small(), run); }));
  }
}
