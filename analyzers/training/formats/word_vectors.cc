// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_vectors.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/base/little_endian.h"
#include "analyzers/errors.h"
#include "analyzers/training/formats/vector_formats.h"
#include "analyzers/training/training_data.h"

namespace vecterm {
namespace {

struct ForeignFormat {
  std::string_view start;
  std::string_view advice;
};

// What people have at hand and we do not read.
constexpr ForeignFormat kForeign[] = {
    {"PK\x03\x04", "a zip archive, perhaps of PyTorch or NumPy; unpack it and import the vectors in it"},
    {"BZh91AY&SY", "bzip2 data; decompress it first"},
    {"\xFD"
     "7zXZ",
     "xz data; decompress it first"},
    {"\x28\xB5\x2F\xFD", "zstd data; decompress it first"},
    {"\x80\x02", "a Python pickle; save the vectors as word2vec text"},
    {"\x80\x03", "a Python pickle; save the vectors as word2vec text"},
    {"\x80\x04", "a Python pickle; save the vectors as word2vec text"},
    {"\x80\x05", "a Python pickle; save the vectors as word2vec text"},
    {"\x93NUMPY", "a NumPy array; save it as safetensors"},
    {"\x89HDF", "an HDF5 file; save the vectors as word2vec text"},
    {"\xFF\xFE", "UTF-16 text; convert it to UTF-8 first"},
    {"\xFE\xFF", "UTF-16 text; convert it to UTF-8 first"},
};

bool is_fasttext(std::string_view start) {
  return start.size() >= 4 && number_at<std::uint32_t>(start, 0) == kFastTextMagic;
}

// The length of a header of JSON, which no text can be: its last byte is zero.
bool is_safetensors(std::string_view start) { return start.size() >= 9 && start[7] == '\0' && start[8] == '{'; }

VectorFormat recognise(std::string_view start) {
  if (is_fasttext(start)) return VectorFormat::kFastText;
  if (is_safetensors(start)) return VectorFormat::kSafetensors;
  return looks_like_word2vec_binary(start) ? VectorFormat::kWord2vecBinary : VectorFormat::kWord2vecText;
}

// The format to read, checked against what the content cannot be.
VectorFormat choose_format(ByteReader& bytes, VectorFormat wanted) {
  constexpr std::size_t kLookedAt = std::size_t{64} * 1024;
  const std::string_view start = bytes.peek(kLookedAt);
  for (const ForeignFormat& foreign : kForeign)
    if (start.starts_with(foreign.start))
      throw DataError(fmt::format("{}: the format is not read: this is {}", bytes.name(), foreign.advice));
  const VectorFormat found = recognise(start);
  if (wanted == VectorFormat::kAutomatic) return found;
  const bool certain = found == VectorFormat::kFastText || found == VectorFormat::kSafetensors;
  if (found != wanted && certain)
    throw DataError(fmt::format("{}: this is {}; read it as such or let the format be recognised", bytes.name(),
                                found == VectorFormat::kFastText ? "a fastText model" : "a safetensors file"));
  return wanted;
}

void check_options(const WordVectorOptions& options, VectorFormat format) {
  if (format == VectorFormat::kSafetensors) return;
  if (!options.word_list.empty())
    throw InvalidArgument(fmt::format("only safetensors need a list of words; was {}", options.word_list));
  if (!options.tensor.empty())
    throw InvalidArgument(fmt::format("only safetensors have tensors to choose from; was {}", options.tensor));
}

// How likely each word is: by the counts, or by the rank and Zipf's law.
std::vector<double> probabilities(std::size_t size, const std::vector<std::uint64_t>& counts) {
  std::vector<double> shares(size);
  for (std::size_t i = 0; i < size; ++i)
    shares[i] = counts.empty() ? 1.0 / static_cast<double>(i + 1) : static_cast<double>(counts[i]);
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total > 0)
    for (double& share : shares) share /= total;
  return shares;
}

}  // namespace

VectorFormat vector_format_from_name(std::string_view name) {
  constexpr std::pair<std::string_view, VectorFormat> kNames[] = {{"auto", VectorFormat::kAutomatic},
                                                                  {"text", VectorFormat::kWord2vecText},
                                                                  {"word2vec", VectorFormat::kWord2vecBinary},
                                                                  {"fasttext", VectorFormat::kFastText},
                                                                  {"safetensors", VectorFormat::kSafetensors}};
  for (const auto& [known, format] : kNames)
    if (name == known) return format;
  throw InvalidArgument(fmt::format("format must be auto, text, word2vec, fasttext or safetensors; was \"{}\"", name));
}

WordVectors read_word_vectors(const std::string& path, const WordVectorOptions& options) {
  ByteReader bytes(path);
  const VectorFormat format = choose_format(bytes, options.format);
  check_options(options, format);
  switch (format) {
    case VectorFormat::kWord2vecBinary:
      return read_word2vec_binary(std::move(bytes), options);
    case VectorFormat::kFastText:
      return read_fasttext_model(std::move(bytes), options);
    case VectorFormat::kSafetensors:
      return read_safetensors(std::move(bytes), options);
    default:
      return read_word2vec_text(std::move(bytes), options);
  }
}

std::vector<std::uint64_t> count_words(std::span<const std::string> words, const TrainingData& data) {
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < words.size(); ++i) numbers.emplace(words[i], i);
  std::vector<std::uint64_t> totals(data.words().size());
  for (std::size_t entity = 0; entity < data.size(); ++entity)
    for (const auto& [word, wdf] : data.bag(entity)) totals[word] += wdf;
  std::vector<std::uint64_t> counts(words.size());
  for (std::size_t word = 0; word < totals.size(); ++word)
    if (const auto found = numbers.find(data.words()[word]); found != numbers.end())
      counts[found->second] = totals[word];
  return counts;
}

DictionaryContents dictionary_contents(WordVectors vectors, double sif) {
  const std::size_t size = vectors.words.size();
  std::vector<std::uint64_t>& counts = vectors.counts;
  if (!(sif > 0 && sif <= 1)) throw InvalidArgument(fmt::format("sif must be in (0, 1]; was {}", sif));
  if (!counts.empty() && counts.size() != size)
    throw InvalidArgument(fmt::format("counts must be one a word, {}; were {}", size, counts.size()));
  if (vectors.vectors.size() != size * vectors.dimensions)
    throw InvalidArgument(
        fmt::format("vectors must have {} x {} values; had {}", size, vectors.dimensions, vectors.vectors.size()));
  Json left_out;
  for (const auto& [reason, count] : vectors.left_out) left_out.set(reason, count);
  const Json provenance{{"method", "import"},   {"words", size}, {"duplicates", vectors.duplicates},
                        {"left_out", left_out}, {"sif", sif},    {"frequencies", counts.empty() ? "zipf" : "counts"}};
  DictionaryContents contents;
  contents.weights.reserve(size);
  for (const double p : probabilities(size, counts)) contents.weights.push_back(static_cast<float>(sif / (sif + p)));
  contents.dimensions = vectors.dimensions;
  contents.words = std::move(vectors.words);
  contents.vectors = std::move(vectors.vectors);
  contents.counts = counts.empty() ? std::vector<std::uint64_t>(size) : std::move(counts);
  contents.provenance = provenance.exact_text();
  return contents;
}

std::vector<float> weighted_mean(const DictionaryContents& contents) {
  const std::size_t d = contents.dimensions;
  std::vector<double> sum(d);
  double total = 0;
  for (std::size_t i = 0; i < contents.words.size(); ++i) {
    const auto row = std::span(contents.vectors).subspan(i * d, d);
    double squares = 0;
    for (std::size_t j = 0; j < d; ++j) {
      sum[j] += double{contents.weights[i]} * double{row[j]};
      squares += double{row[j]} * double{row[j]};
    }
    total += double{contents.weights[i]} * std::sqrt(squares);
  }
  std::vector<float> mean(d);
  for (std::size_t j = 0; j < d && total > 0; ++j) mean[j] = static_cast<float>(sum[j] / total);
  return mean;
}

}  // namespace vecterm
