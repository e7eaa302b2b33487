// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/bench_data.h"

#include <stdlib.h>

#include <filesystem>
#include <set>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/shared_data.h"

namespace vecterm::bench {
namespace {

std::string file(const char* variable, const char* name) {
  if (const char* path = getenv(variable); path != nullptr && *path != '\0') return path;
  const auto path = test::shared_data_root() / "debian" / name;
  if (std::filesystem::exists(path)) return path.string();
  throw DataError(std::string("no data for the benchmark: set VECTERM_DATA, or ") + variable + " to a file");
}

BenchData load() {
  BenchData data;
  TrainingFiles files;
  files.corpora = {file("VECTERM_BENCH_CORPUS", "corpus.jsonl.gz")};
  files.pairs = {file("VECTERM_BENCH_PAIRS", "pairs.tsv.gz")};
  files.fields = {DocumentField{"text"}};
  LineReader lines(files.corpora.front());
  for (std::string_view line; lines.next(line);) data.documents.push_back(parse_corpus_line(line, lines.where()));

  LineReader pairs(files.pairs.front());
  std::set<std::string> distinct;
  for (std::string_view line; pairs.next(line);) {
    const std::size_t last = line.rfind('\t');
    const std::size_t first = line.find('\t');
    distinct.emplace(first == last ? line.substr(0, last) : line.substr(first + 1, last - first - 1));
  }
  data.queries.assign(distinct.begin(), distinct.end());

  TrainingSummary summary;
  data.training = read_training_files(files, XapianTokenizer(), summary);
  data.training_words = summary.pair_words;
  return data;
}

}  // namespace

const BenchData& data() {
  static const BenchData loaded = load();
  return loaded;
}

DictionaryContents learned(std::uint32_t epochs) {
  TrainingOptions options;
  options.epochs = epochs;
  DictionaryContents contents = train(data().training, options).dictionary;
  contents.tokenizer = "xapian";
  return contents;
}

std::vector<float> vectors(const DictionaryContents& contents) {
  return document_vectors(contents, data().training, data().documents.size());
}

}  // namespace vecterm::bench
