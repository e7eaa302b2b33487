// SPDX-License-Identifier: GPL-2.0-or-later
// codecs: what an index loses and saves by the codec of its vectors. Learns words from the pairs of debian_tasks and
// asks for held-out descriptions by their synopses: Recall@10 by exact comparison, by the first pass alone and by both;
// which share of the exact ten the first pass keeps among its best 40, 100, ...; bytes and time a document.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <numeric>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/rows/first_pass.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/bench/ann/usage.h"
#include "tests/bench/work_directory.h"
#include "tests/support/shared_data.h"

using namespace vecterm;

namespace {

constexpr std::size_t kWanted = 10;
constexpr std::size_t kSampled = 500;  // queries that are compared with the whole collection
constexpr std::size_t kDepths[] = {40, 100, 200, 400, 800};
constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};

struct Options {
  std::vector<std::size_t> dimensions{256, 512, 1024};
  std::uint32_t epochs = 6;
  std::string work;
};

using Numbers = std::vector<std::uint32_t>;

Numbers numbers_to(std::size_t n) {
  Numbers numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

/// The pairs to learn from, and whose items are asked for.
struct Texts {
  TrainingData data;
  Numbers queries;  ///< entities
  Numbers items;    ///< queries[i] asks for items[i]; those of the pairs to learn from follow
};

Texts read_texts() {
  const auto root = test::shared_data_root() / "debian_tasks";
  TrainingFiles files;
  files.text_pairs = {(root / "pairs.text.tsv.gz").string()};
  files.validation_text_pairs = {(root / "test.search.tsv.gz").string()};
  TrainingSummary summary;
  Texts texts{.data = read_training_files(files, XapianTokenizer(), summary), .queries = {}, .items = {}};
  for (const TrainingData::Task& task : texts.data.tasks())
    for (const TrainingData::Pair& pair : task.held_out) {
      texts.queries.push_back(pair.query);
      texts.items.push_back(pair.item);
    }
  Numbers others;
  for (const TrainingData::Pair& pair : texts.data.task("search").pairs) others.push_back(pair.item);
  std::ranges::sort(others);
  others.erase(std::unique(others.begin(), others.end()), others.end());
  texts.items.insert(texts.items.end(), others.begin(), others.end());
  return texts;
}

std::vector<float> units(const Embedder& embedder, const TrainingData& data, const Numbers& entities) {
  const EntityVectors vectors = entity_vectors(embedder, data);
  std::vector<float> rows(entities.size() * vectors.dimensions);
  for (std::size_t i = 0; i < entities.size(); ++i)
    vectors.embed(entities[i], std::span(rows).subspan(i * vectors.dimensions, vectors.dimensions));
  return rows;
}

std::shared_ptr<const Dictionary> learned(const Texts& texts, std::size_t dimensions, const Options& options,
                                          const bench::WorkDirectory& work) {
  const std::string path = work.below("codecs") + fmt::format("/{}-{}.dict", dimensions, options.epochs);
  if (std::filesystem::exists(path)) return Dictionary::open(path);
  fmt::print(stderr, "codecs: learning {} dimensions\n", dimensions);
  TrainingOptions training;
  training.dimensions = static_cast<std::uint32_t>(dimensions);
  training.epochs = options.epochs;
  DictionaryContents contents = train(texts.data, training).dictionary;
  contents.tokenizer = "xapian";
  HashSpaceOptions space;
  space.family = "hyperplane";
  space.tables = 1;
  space.bits = 8;
  contents.hash_space = learn_hash_space(document_vectors(contents, texts.data, texts.data.size()), dimensions, space);
  write_dictionary(path, contents);
  return Dictionary::open(path);
}

/// Descriptions as an index with this codec holds them.
class Collection {
 public:
  Collection(VectorCodec codec, const Dictionary& dictionary, std::span<const float> rows)
      : d_(dictionary.dimensions()),
        first_pass_(codec, dictionary.hash_space().centre()),
        first_rows_(rows.size() / d_ * first_pass_.row_bytes()),
        packed_(stored(codec, {rows.begin(), rows.end()}), d_),
        numbers_(numbers_to(rows.size() / d_)),
        cosines_(numbers_.size()),
        scores_(numbers_.size()) {}

  const FirstPass& first_pass() const { return first_pass_; }
  std::size_t size() const { return numbers_.size(); }
  std::span<const float> cosines() const { return cosines_; }
  std::span<const std::int32_t> scores() const { return scores_; }

  void ask(std::span<const float> unit) {
    packed_.products(unit, cosines_);
    first_pass_.query(unit).score(first_rows_.data(), numbers_, scores_);
  }

  double nanoseconds_a_row(std::span<const float> unit) {
    double least = 1e9;
    const FirstPassQuery query = first_pass_.query(unit);
    for (int i = 0; i < 20; ++i) {
      const double start = bench::thread_cpu_us();
      query.score(first_rows_.data(), numbers_, scores_);
      least = std::min(least, bench::thread_cpu_us() - start);
    }
    return 1000 * least / static_cast<double>(size());
  }

 private:
  std::vector<float> stored(VectorCodec codec, std::vector<float> rows) {
    std::string bytes;
    for (std::size_t begin = 0; begin < rows.size(); begin += d_) {
      const auto row = std::span(rows).subspan(begin, d_);
      bytes.clear();
      append_row(codec, row, bytes);
      decode_row(codec, bytes, row);
      const std::size_t size = first_pass_.row_bytes();
      first_pass_.quantise(row, std::span(first_rows_).subspan(begin / d_ * size, size));
    }
    return rows;
  }

  std::size_t d_;
  FirstPass first_pass_;
  std::vector<std::uint8_t> first_rows_;
  PackedRows packed_;
  Numbers numbers_;
  std::vector<float> cosines_;
  std::vector<std::int32_t> scores_;
};

// Whether number `own` is among the best ten; one that ties with others stands in their midst.
template <class Number>
bool found(std::span<const Number> numbers, std::size_t own) {
  const auto greater = std::ranges::count_if(numbers, [&](Number other) { return other > numbers[own]; });
  const auto same = std::ranges::count(numbers, numbers[own]) - 1;
  return static_cast<std::size_t>(greater + same / 2) < kWanted;
}

// The numbers of the `count` largest, and what ties with the last of them.
template <class Number>
Numbers largest(std::span<const Number> numbers, std::size_t count) {
  std::vector<Number> sorted(numbers.begin(), numbers.end());
  const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count, sorted.size()) - 1);
  std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
  Numbers result;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] >= *last) result.push_back(static_cast<std::uint32_t>(i));
  return result;
}

// Recall@10 of the queries' own items, which have their numbers: by cosine, by the first pass, and by the cosine of
// what the first pass leaves.
std::array<double, 3> own_recalls(Collection& items, std::span<const float> queries, std::size_t d) {
  const std::size_t compared = items.first_pass().compared(kWanted);
  std::array<double, 3> sums{};
  for (std::size_t q = 0; q < items.size(); ++q) {
    items.ask(queries.subspan(q * d, d));
    sums[0] += found(items.cosines(), q) ? 1 : 0;
    sums[1] += found(items.scores(), q) ? 1 : 0;
    const Numbers left = largest(items.scores(), compared);
    std::vector<float> cosines;
    for (const std::uint32_t number : left) cosines.push_back(items.cosines()[number]);
    const auto own = std::ranges::find(left, q);
    if (own == left.end()) continue;
    sums[2] += found(std::span<const float>(cosines), static_cast<std::size_t>(own - left.begin())) ? 1 : 0;
  }
  for (double& sum : sums) sum /= static_cast<double>(items.size());
  return sums;
}

// The share of the exact ten that is among the best of the first pass, for each depth.
std::array<double, std::size(kDepths)> kept(Collection& items, std::span<const float> queries, std::size_t d) {
  const std::size_t asked = std::min(kSampled, queries.size() / d);
  std::array<double, std::size(kDepths)> sums{};
  for (std::size_t q = 0; q < asked; ++q) {
    items.ask(queries.subspan(q * d, d));
    const Numbers nearest = largest(items.cosines(), kWanted);
    for (std::size_t depth = 0; depth < sums.size(); ++depth) {
      Numbers common;
      std::ranges::set_intersection(largest(items.scores(), kDepths[depth]), nearest, std::back_inserter(common));
      sums[depth] += static_cast<double>(common.size()) / static_cast<double>(nearest.size());
    }
  }
  for (double& sum : sums) sum /= static_cast<double>(asked);
  return sums;
}

void report(const Texts& texts, const std::shared_ptr<const Dictionary>& dictionary) {
  const Embedder embedder(dictionary);
  const std::size_t d = dictionary->dimensions();
  const std::vector<float> queries = units(embedder, texts.data, texts.queries);
  const std::vector<float> items = units(embedder, texts.data, texts.items);
  for (const VectorCodec codec : kCodecs) {
    Collection own(codec, *dictionary, std::span(items).first(queries.size()));
    Collection all(codec, *dictionary, items);
    const auto [exact, by_first_pass, both] = own_recalls(own, queries, d);
    const std::size_t first = all.first_pass().row_bytes();
    const std::size_t slot = row_bytes(codec, d);
    fmt::print("{:>5} {:<8} {:>6} {:>8} {:>7.1f} {:>8.4f} {:>8.4f} {:>8.4f}", d, codec_name(codec), 1 + slot,
               first + (FirstPass::has_rows_of(codec) ? 0 : slot) + 4,
               all.nanoseconds_a_row(std::span(queries).first(d)), exact, by_first_pass, both);
    for (const double share : kept(all, queries, d)) fmt::print(" {:>7.4f}", share);
    fmt::print("\n");
    std::fflush(stdout);
  }
}

void run(const Options& options) {
  const Texts texts = read_texts();
  const bench::WorkDirectory work(options.work);
  fmt::print("{} queries for one each of as many descriptions, {} descriptions in all\n", texts.queries.size(),
             texts.items.size());
  fmt::print("{:>5} {:<8} {:>6} {:>8} {:>7} {:>26} {:>39}\n", "", "", "bytes", "bytes", "ns", "Recall@10",
             "exact ten kept by the first pass in its");
  fmt::print("{:>5} {:<8} {:>6} {:>8} {:>7} {:>8} {:>8} {:>8}", "d", "codec", "slot", "sidecar", "a row", "exact",
             "first", "both");
  for (const std::size_t depth : kDepths) fmt::print(" {:>7}", depth);
  fmt::print("\n");
  for (const std::size_t dimensions : options.dimensions) report(texts, learned(texts, dimensions, options, work));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("What an index loses and saves by the codec of its vectors, on Debian's package descriptions.",
                 "codecs");
    Options options;
    app.option_defaults()->always_capture_default();
    app.add_option("--dims", options.dimensions, "dimensions of the words' vectors")->delimiter(',');
    app.add_option("--epochs", options.epochs, "of learning them")->check(CLI::Range(1, 1000));
    app.add_option("--work", options.work, "keep the dictionaries in this directory, and use those that are there");
    CLI11_PARSE(app, argc, argv);
    run(options);
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "codecs: {}\n", error.what());
    return 3;
  }
}
