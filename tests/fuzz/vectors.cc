// SPDX-License-Identifier: GPL-2.0-or-later
// Files of word vectors, the lists of words that belong to them, and checkpoints of training.
#include <algorithm>
#include <cmath>

#include "analyzers/base/checksum.h"
#include "analyzers/base/line_reader.h"
#include "analyzers/training/learn/checkpoint.h"
#include "analyzers/training/word_vectors.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/text.h"
#include "tests/support/training.h"
#include "tests/support/vectors.h"

using namespace vecterm;
using fuzz::require;

namespace {

void check(const WordVectors& vectors) {
  require(vectors.dimensions >= 1);
  require(vectors.vectors.size() == vectors.words.size() * vectors.dimensions);
  require(vectors.counts.empty() || vectors.counts.size() == vectors.words.size());
  require(std::ranges::all_of(vectors.vectors, [](float number) { return std::isfinite(number); }));
  if (!vectors.words.empty()) weighted_mean(dictionary_contents(vectors));
}

// A byte for the format, a list of words, and the file.
void feed_vectors(std::string_view bytes) {
  static constexpr VectorFormat kFormats[] = {VectorFormat::kAutomatic, VectorFormat::kWord2vecText,
                                              VectorFormat::kWord2vecBinary, VectorFormat::kFastText,
                                              VectorFormat::kSafetensors};
  fuzz::Input input(bytes);
  WordVectorOptions options;
  options.format = kFormats[input.byte() % std::size(kFormats)];
  const std::string_view list = input.text();
  const fuzz::MemoryFile words(list);
  if (!list.empty() && list.size() < 4) options.words = {std::string(list), "abab"};
  if (list.size() >= 4) options.word_list = words.path();
  const fuzz::MemoryFile file(input.rest());
  check(read_word_vectors(file.path(), options));
}

std::vector<std::string> vectors_seeds() {
  const auto seed = [](int format, const std::string& list, const std::string& file) {
    return std::string(1, static_cast<char>(format)) + list + fuzz::Input::kBetween + file;
  };
  const std::string text = "2 3\napple 1 0 -0.5\npear 1e-3 .25 2\n";
  const std::string tensor = R"({"t":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}})";
  const std::string tokenizer = R"({"model":{"type":"WordPiece","vocab":{"[CLS]":0,"ab":1,"##c":2}},)"
                                R"("added_tokens":[{"id":0,"content":"[CLS]","special":true}]})";
  return {
      seed(0, "", text),
      seed(1, "", text.substr(4)),
      seed(0, "", "/c/en/apple 1 2\n/c/de/apfel 3 4\n"),
      seed(0, "", test::gzipped(text)),
      seed(2, "", test::word2vec_binary({{"apple", {1, 2}}, {"pear", {3, 4}}})),
      seed(0, "", test::word2vec_binary({{"apple", {1, 2}}}, "")),
      seed(0, "ab", test::small_fasttext().bytes()),
      seed(4, "apple\npear\n", test::safetensors(tensor, std::string(8, 'a'))),
      seed(0, tokenizer,
           test::safetensors(R"({"t":{"dtype":"F32","shape":[3,1],"data_offsets":[0,12]}})", std::string(12, 'a')))};
}

const fuzz::Registered kVectors("vectors", feed_vectors, vectors_seeds);

// Any bytes as a file that may be gzip.
void feed_lines(std::string_view bytes) {
  const fuzz::MemoryFile file(bytes);
  LineReader lines(file.path());
  std::uint64_t numbers = 0;
  for (std::string_view line; lines.next(line);)
    require(lines.line_number() == ++numbers && line.find('\n') == line.npos);
}

std::vector<std::string> lines_seeds() {
  return {"a\nb\r\n\xEF\xBB\xBF", test::gzipped("a line\nand another\n"), test::gzipped("a") + test::gzipped("b\n"),
          test::gzipped(std::string(100000, '\n')) + std::string(20, '\0')};
}

const fuzz::Registered kLines("lines", feed_lines, lines_seeds);

constexpr std::string_view kCheckpointStart = "vecterm training checkpoint 3 ";

// A checkpoint without its first line, which is made here.
void feed_checkpoint(std::string_view bytes) {
  const fuzz::MemoryFile file(std::string(kCheckpointStart) + to_hex(checksum(bytes)) + "\n" + std::string(bytes));
  WordRows::State words;
  words.rows.resize(4);
  words.squares.resize(1);
  read_checkpoint(file.path(), "run", {words, 1, 4});
}

std::vector<std::string> checkpoint_seeds() {
  return {R"({"best_epoch":1,"best_mixing":0,"best_rows":4,"epoch":1,"epochs":[[1,0.5,[["t",0.25]],)"
          R"([["t",[0.5,1,1,0.75,4],[0.5,1,1,0.75,4],3,2,1.0]]]],"first_loss":2.5,"least_loss":1.5,"losses":[0.5],)"
          R"("mixing":0,"mixing_squares":0,"pairs":[3],"rate_factor":1.0,"rollbacks":0,"rows":4,"run":"run",)"
          R"("squares":1,"step":0})"
          "\n" +
          std::string(40, 'a')};
}

const fuzz::Registered kCheckpoint("checkpoint", feed_checkpoint, checkpoint_seeds);

}  // namespace
