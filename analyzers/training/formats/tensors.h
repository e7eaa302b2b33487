// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/training/formats/binary_input.h"

// safetensors (huggingface/safetensors, README.md, "Format"):
//
//     u64 n, the length of the header, at most 100,000,000
//     n bytes of JSON: {"NAME": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [begin, end]}, ...,
//                       "__metadata__": {...}}
//     the tensors' bytes, row-major; data_offsets count from here
namespace vecterm {

/// How numbers of a tensor are stored. Internal, as all here.
struct TensorType {
  std::string_view name;
  std::size_t bytes;
  bool is_whole;  ///< an index, as of a mapping
  /// Of a whole number, too. REQUIRES: offset + bytes <= bytes.size()
  double (*read)(std::string_view bytes, std::size_t offset);
};

struct Tensor {
  std::string name;
  std::string type;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  ///< in the bytes behind the header
  std::uint64_t end = 0;

  /// "\"embeddings\" [29528, 256]"
  std::string text() const;
};

/// The tensors of a safetensors file, in the order of their names, whose header is taken from the input.
/// @throws DataError
std::vector<Tensor> take_tensors(BinaryInput& input);

/// How a tensor's numbers are read, after its bytes were checked against its shape.
/// @throws DataError naming the tensor
const TensorType& checked_type(const Tensor& tensor, const BinaryInput& input);

/// The end of the last one.
std::uint64_t end_of(const std::vector<Tensor>& tensors);

}  // namespace vecterm
