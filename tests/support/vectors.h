// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/numbers/little_endian.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

/// The bytes of small files of word vectors, as the programs that the formats come from would write them.
namespace vecterm::test {

inline void append_floats(std::string& out, const std::vector<float>& numbers) {
  for (const float number : numbers) append_number<float>(out, number);
}

/// A word of a file and its row; in a fastText model also its count, and whether it is a label.
struct FileRow {
  std::string word;
  std::vector<float> numbers;
  std::int64_t count = 1;
  bool label = false;
};

inline std::string word2vec_binary(const std::vector<FileRow>& rows, const std::string& after_row = "\n") {
  std::string out = std::to_string(rows.size()) + ' ' + std::to_string(rows[0].numbers.size()) + '\n';
  for (const FileRow& row : rows) {
    out += row.word + ' ';
    append_floats(out, row.numbers);
    out += after_row;
  }
  return out;
}

/// A fastText model. Each number can be made wrong.
struct FastTextFile {
  std::int32_t magic = 793712314;
  std::int32_t version = 12;
  std::int32_t dimensions = 2;
  std::int32_t model = 2;  // skip-gram
  std::int32_t bucket = 4;
  std::int32_t minn = 2;
  std::int32_t maxn = 3;
  std::int64_t pruned = -1;
  std::uint8_t quantised = 0;
  std::vector<FileRow> entries;             // words, then labels
  std::vector<std::vector<float>> buckets;  // one row each
  std::int64_t more_rows = 0;               // than there are
  std::int64_t more_columns = 0;

  std::string bytes() const {
    std::string out;
    for (const std::int32_t number : {magic, version, dimensions, 5, 1, 1, 5, 1, 2, model, bucket, minn, maxn, 100})
      append_number<std::int32_t>(out, number);
    append_number<double>(out, 1e-4);
    std::int32_t words = 0;
    for (const FileRow& entry : entries) words += entry.label ? 0 : 1;
    const auto size = static_cast<std::int32_t>(entries.size());
    for (const std::int32_t number : {size, words, size - words}) append_number<std::int32_t>(out, number);
    append_number<std::int64_t>(out, 100);
    append_number<std::int64_t>(out, pruned);
    for (const FileRow& entry : entries) {
      out += entry.word + '\0';
      append_number<std::int64_t>(out, entry.count);
      append_number<std::int8_t>(out, entry.label ? 1 : 0);
    }
    append_number<std::uint8_t>(out, quantised);
    append_shape(out, words + static_cast<std::int64_t>(buckets.size()) + more_rows);
    for (const FileRow& entry : entries)
      if (!entry.label) append_floats(out, entry.numbers);
    for (const std::vector<float>& row : buckets) append_floats(out, row);
    append_number<std::uint8_t>(out, 0);
    append_shape(out, 1);
    append_floats(out, std::vector<float>(static_cast<std::size_t>(dimensions)));
    return out;
  }

 private:
  void append_shape(std::string& out, std::int64_t rows) const {
    append_number<std::int64_t>(out, rows);
    append_number<std::int64_t>(out, dimensions + more_columns);
  }
};

inline FastTextFile small_fasttext() {
  FastTextFile file;
  file.entries = {{"ab", {1, 2}, 7}, {"\xC3\xA9", {3, 4}, 5}, {"__label__x", {}, 9, true}};
  file.buckets = {{10, 20}, {30, 40}, {50, 60}, {70, 80}};
  return file;
}

/// Header and data of a safetensors file.
inline std::string safetensors(const std::string& header, const std::string& data) {
  std::string out;
  append_number<std::uint64_t>(out, header.size());
  return out + header + data;
}

/// What `read` throws for each piece of `whole` from its start is a DataError. Single flipped bytes are one too, or
/// vectors: never a crash. `read` takes the content of a file.
template <class Error, class Read>
void check_damage(const std::string& whole, [[maybe_unused]] const Read& read) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(message_of<Error>([&] { read(whole.substr(0, size)); }).empty());
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      CAPTURE(i);
      CAPTURE(flip);
      CHECK_NOTHROW(message_of<Error>([&] { read(damaged); }));
    }
  }
}

}  // namespace vecterm::test
