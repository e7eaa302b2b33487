// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "analyzers/numbers/random.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::uint64_t kWords = 20000;
constexpr std::size_t kBuffers = std::size_t{64} << 20;

/// Memory of the process that is no file's.
std::size_t anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10) * 1024;
  return 0;
}

std::size_t pairs_wanted() {
  const char* wanted = std::getenv("VECTERM_STREAM_PAIRS");
  return wanted == nullptr ? 300000 : std::strtoull(wanted, nullptr, 10);
}

/// Pairs of texts of which hardly any two are the same, six words each.
void write_pairs(const std::string& path, std::size_t pairs) {
  std::ofstream out(path);
  Random random(1);
  std::string line;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::uint64_t topic = random.below(kWords / 8);
    line.clear();
    for (int side = 0; side < 2; ++side) {
      for (int word = 0; word < 6; ++word)
        fmt::format_to(std::back_inserter(line), "w{} ", topic * 8 + random.below(8));
      line += side == 0 ? '\t' : '\n';
    }
    out << line;
  }
}

}  // namespace

// VECTERM_STREAM_PAIRS=100000000 makes it a long campaign; the disk then needs about 40 GB for temporary files.
TEST_CASE("pairs stream from a pipe through files: memory does not grow with their number") {
  const test::TemporaryDirectory directory;
  const std::size_t pairs = pairs_wanted();
  const std::string pipe = directory / "pairs.tsv";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const std::size_t before = anonymous_bytes();
  std::size_t peak = before;
  const auto note = [&] { peak = std::max(peak, anonymous_bytes()); };

  std::jthread writer([&] { write_pairs(pipe, pairs); });
  TrainingFiles files;
  files.text_pairs = {pipe};
  TrainingSummary summary;
  const TrainingData data = read_training_files(files, XapianTokenizer(), summary, [&](const Progress&) { note(); });
  writer.join();
  note();
  CHECK(summary.pairs == pairs);
  TrainingOptions options;
  options.epochs = 1;
  TrainingRun run;
  run.progress = [&](const TrainingProgress&) { note(); };
  run.epoch = [&](const EpochReport&) { note(); };
  const auto result = train(data, options, run);
  note();
  const std::size_t dictionary = result.dictionary.vectors.size() * sizeof(float);
  MESSAGE(fmt::format("{} pairs, {} running words: {:.1f} MB of memory, {:.1f} MB of it three times the vectors", pairs,
                      summary.pair_words, static_cast<double>(peak - before) / 1e6,
                      3 * static_cast<double>(dictionary) / 1e6));
  CHECK(result.dictionary.words.size() == kWords);
#ifdef VECTERM_SANITIZED
  MESSAGE("the bound on memory is not checked: sanitizers keep what was freed");
#else
  CHECK(peak - before <= 3 * dictionary + kBuffers);
#endif
}
