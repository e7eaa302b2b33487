// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/training/formats/binary_input.h"
#include "analyzers/training/formats/row_collector.h"
#include "analyzers/training/formats/vector_formats.h"

// fastText's .bin, as its FastText::saveModel writes it:
//
//     i32 magic, i32 version
//     i32 dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate; f64 t
//     i32 size, nwords, nlabels; i64 ntokens, pruneidx_size (-1 = not pruned)
//     size entries: the word, 0, i64 count, i8 type (0 = word, 1 = label); words come first
//     u8 quantised; the input matrix: i64 rows = nwords + bucket, i64 columns = dim, f32[rows][columns]
//     u8 quantised; the output matrix: i64 rows, i64 columns = dim, f32[rows][columns]
namespace vecterm {
namespace {

constexpr std::int32_t kVersion = 12;
constexpr std::string_view kEndOfSentence = "</s>";
constexpr std::string_view kPrintVectors =
    "fastText itself can write its vectors as text: fasttext print-word-vectors MODEL < WORDS > VECTORS";

// Which n-grams are subwords, and how many rows they share.
struct Subwords {
  std::int32_t bucket = 0;
  std::int32_t least = 0;  // characters; minn
  std::int32_t most = 0;   // characters; maxn

  // Calls use(row) for each n-gram of "<word>" from `least` to `most` characters, but not for "<" and ">". The hash is
  // FNV-1a over signed bytes, a slip in fastText's first release that all its models rely on.
  template <class Use>
  void for_each(std::string_view word, const Use& use) const {
    if (word == kEndOfSentence) return;
    const std::string marked = fmt::format("<{}>", word);
    const auto continues = [&](std::size_t i) { return i < marked.size() && (marked[i] & 0xC0) == 0x80; };
    for (std::size_t begin = 0; begin < marked.size(); ++begin) {
      if (continues(begin)) continue;
      std::uint32_t hash = 2166136261U;
      std::size_t end = begin;
      for (std::int32_t length = 1; length <= most && end < marked.size(); ++length) {
        do {
          hash = (hash ^ static_cast<std::uint32_t>(static_cast<std::int8_t>(marked[end]))) * 16777619U;
        } while (continues(++end));
        const bool mark = length == 1 && (begin == 0 || end == marked.size());
        if (length >= least && !mark) use(hash % static_cast<std::uint32_t>(bucket));
      }
    }
  }
};

class ModelParser {
 public:
  ModelParser(ByteReader bytes, const WordVectorOptions& options)
      : input_(std::move(bytes)),
        options_(options),
        rows_(input_.name(), options.language, [this] { return input_.where(place_); }) {}

  WordVectors parse() {
    take_start();
    take_arguments();
    take_dictionary();
    add_given_words();
    take_input_matrix();
    take_output_matrix();
    input_.expect_end();
    return rows_.finish();
  }

 private:
  template <class Number>
  Number take(std::string_view what) {
    place_ = input_.offset();
    return input_.take_number<Number>(what);
  }

  // A whole number in [least, most].
  template <class Number>
  Number take(std::string_view what, Number least, Number most) {
    const auto number = take<Number>(what);
    if (number < least || number > most)
      rows_.fail(fmt::format("{} must be in [{}, {}]; was {}", what, least, most, number));
    return number;
  }

  void take_start() {
    if (take<std::uint32_t>("the magic number") != kFastTextMagic)
      rows_.fail("this is no fastText model; it must begin with the bytes BA 16 4F 2F");
    const auto version = take<std::int32_t>("the version");
    if (version != kVersion)
      rows_.fail(fmt::format("the version of the model must be {}; was {}. {}", kVersion, version, kPrintVectors));
  }

  void take_arguments() {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    constexpr std::int32_t kLongestSubword = 64;
    rows_.set_dimensions(static_cast<std::uint64_t>(take<std::int32_t>("dim", 1, kMost)));
    row_.resize(rows_.dimensions());
    for (const char* unused : {"ws", "epoch", "minCount", "neg", "wordNgrams", "loss"}) take<std::int32_t>(unused);
    take<std::int32_t>("model", 1, 3);
    subwords_.bucket = take<std::int32_t>("bucket", 0, kMost);
    subwords_.least = take<std::int32_t>("minn", 0, kMost);
    subwords_.most = take<std::int32_t>("maxn", 0, kLongestSubword);
    if (subwords_.bucket == 0 && subwords_.most > 0 && subwords_.most >= subwords_.least)
      rows_.fail("bucket must not be 0 where maxn is not; the model has subwords without rows");
    take<std::int32_t>("lrUpdateRate");
    take<double>("t");
  }

  void take_dictionary() {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    const auto size = take<std::int32_t>("the number of entries", 0, kMost);
    const std::uint64_t start = place_;
    word_rows_ = static_cast<std::uint32_t>(take<std::int32_t>("the number of words", 0, size));
    const auto labels = take<std::int32_t>("the number of labels", 0, size);
    if (std::int64_t{word_rows_} + labels != size)
      rows_.fail(fmt::format("words and labels must be {} together; were {} and {}", size, word_rows_, labels));
    take<std::int64_t>("the number of tokens", 0, std::numeric_limits<std::int64_t>::max());
    if (take<std::int64_t>("the number of pruned subwords") != -1) fail_quantised();
    constexpr std::uint64_t kLeastEntryBytes = 11;
    input_.require(static_cast<std::uint64_t>(size), kLeastEntryBytes, start, "the entries of the dictionary");
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(size); ++i) take_entry(i);
    rows_.leave_out("labels", static_cast<std::uint64_t>(labels));
  }

  void take_entry(std::uint32_t i) {
    const std::uint64_t start = input_.offset();
    const std::string word(input_.take_until('\0', "a word of the dictionary"));
    const auto count = take<std::int64_t>("the count of a word", 0, std::numeric_limits<std::int64_t>::max());
    const auto type = static_cast<int>(take<std::int8_t>("the type of an entry"));
    const int expected = i < word_rows_ ? 0 : 1;
    if (type != expected) rows_.fail(fmt::format("the type of entry {} must be {}; was {}", i, expected, type));
    place_ = start;
    if (expected == 1 || !rows_.add_word(word)) return;
    row_numbers_.push_back(i);
    rows_.result().counts.push_back(static_cast<std::uint64_t>(count));
    parts_.push_back(1 + note_subwords(word));
  }

  void add_given_words() {
    for (const std::string& word : options_.words) {
      if (rows_.has(word)) continue;
      std::uint32_t subwords = 0;
      subwords_.for_each(word, [&](std::uint32_t) { ++subwords; });
      if (subwords == 0) {
        rows_.leave_out("given words without subwords");
      } else if (rows_.add_word(word)) {
        rows_.result().counts.push_back(0);
        parts_.push_back(note_subwords(word));
      }
    }
  }

  // Of the word that was added last.
  std::uint32_t note_subwords(std::string_view word) {
    const std::uint64_t number = rows_.result().words.size() - 1;
    std::uint32_t subwords = 0;
    subwords_.for_each(word, [&](std::uint32_t row) {
      uses_.push_back(std::uint64_t{row} << 32 | number);
      ++subwords;
    });
    return subwords;
  }

  // Takes the start of a matrix. Returns the number of its rows.
  std::uint64_t take_shape(std::string_view what) {
    const auto rows = take<std::int64_t>("the number of rows", 0, std::numeric_limits<std::int64_t>::max());
    const std::uint64_t start = place_;
    const auto dimensions = static_cast<std::int64_t>(row_.size());
    take<std::int64_t>("the number of columns", dimensions, dimensions);
    input_.require(static_cast<std::uint64_t>(rows), sizeof(float) * row_.size(), start, what);
    return static_cast<std::uint64_t>(rows);
  }

  // Its rows are added to the words they belong to as they come, because with all its buckets the matrix of a public
  // model is twice as large as the vectors of its words.
  void take_input_matrix() {
    if (take<std::uint8_t>("the quantisation mark", 0, 1) != 0) fail_quantised();
    const std::uint64_t rows = take_shape("the rows of the input matrix");
    const std::uint64_t expected = std::uint64_t{word_rows_} + static_cast<std::uint64_t>(subwords_.bucket);
    if (rows != expected) rows_.fail(fmt::format("the input matrix must have {} rows; had {}", expected, rows));
    rows_.result().vectors.resize(rows_.result().words.size() * row_.size());
    std::sort(uses_.begin(), uses_.end());
    std::size_t word = 0;
    for (std::uint32_t i = 0; i < word_rows_; ++i) {
      take_row();
      if (word < row_numbers_.size() && row_numbers_[word] == i) add_row_to(word++);
    }
    auto use = uses_.begin();
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(subwords_.bucket); ++i) {
      take_row();
      for (; use != uses_.end() && *use >> 32 == i; ++use) add_row_to(*use & 0xFFFFFFFFU);
    }
    divide_by_parts();
  }

  void take_row() {
    place_ = input_.offset();
    input_.take_floats(row_, "the input matrix");
    rows_.check_row(row_);
  }

  void add_row_to(std::size_t word) {
    float* const sum = rows_.result().vectors.data() + word * row_.size();
    for (std::size_t j = 0; j < row_.size(); ++j) sum[j] += row_[j];
  }

  void divide_by_parts() {
    std::vector<float>& vectors = rows_.result().vectors;
    for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] /= static_cast<float>(parts_[i / row_.size()]);
    rows_.check_row(vectors);
  }

  // Only its length matters: a model that was cut is no model.
  void take_output_matrix() {
    take<std::uint8_t>("the quantisation mark", 0, 1);
    const std::uint64_t rows = take_shape("the rows of the output matrix");
    input_.skip(rows * sizeof(float) * row_.size(), "the output matrix");
  }

  [[noreturn]] void fail_quantised() const {
    rows_.fail(fmt::format("quantised and pruned models (.ftz) are not read; give the .bin it was made of, or text. {}",
                           kPrintVectors));
  }

  BinaryInput input_;
  const WordVectorOptions& options_;
  std::uint64_t place_ = 0;  // of what is being read, for messages
  RowCollector rows_;
  Subwords subwords_;
  std::uint32_t word_rows_ = 0;             // rows of the input matrix that belong to words
  std::vector<float> row_;                  // of the input matrix
  std::vector<std::uint32_t> row_numbers_;  // of the words that are in the model
  std::vector<std::uint32_t> parts_;        // rows that each word is the mean of
  std::vector<std::uint64_t> uses_;         // row among the buckets << 32 | number of the word
};

}  // namespace

WordVectors read_fasttext_model(ByteReader bytes, const WordVectorOptions& options) {
  return ModelParser(std::move(bytes), options).parse();
}

}  // namespace vecterm
