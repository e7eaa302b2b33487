// SPDX-License-Identifier: GPL-2.0-or-later
// read_word_vectors() of word_vectors.h, in a source without a header of its own: it knows the formats, which return
// what word_vectors.h declares.
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/training/formats/vector_formats.h"
#include "analyzers/training/word_vectors.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModel = "model.safetensors";

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

/// Where a model lies in its folder: sentence-transformers keep some in a folder below.
fs::path model_folder(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::path& candidate : {folder, folder / "0_StaticEmbedding"})
    if (fs::exists(candidate / kModel, ignored)) return candidate;
  throw NotFound(fmt::format("{} has no {}, as a folder of a static embedding model has", folder.string(), kModel));
}

WordVectors read_file(const std::string& path, const WordVectorOptions& options) {
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

}  // namespace

WordVectors read_word_vectors(const std::string& path, const WordVectorOptions& options) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  const fs::path file = is_folder ? model_folder(path) / kModel : fs::path(path);
  WordVectorOptions completed = options;
  if (const fs::path beside = file.parent_path() / "tokenizer.json";
      options.word_list.empty() && file.extension() == ".safetensors" && fs::exists(beside, ignored))
    completed.word_list = beside.string();
  return read_file(file.string(), completed);
}

}  // namespace vecterm
