// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <zlib.h>

#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace vecterm::test {

/// `content` as one gzip member.
inline std::string gzipped(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

/// Up to `limit` bytes, each any of the 256 values.
inline std::string random_bytes(std::mt19937& random, std::size_t limit) {
  std::string bytes(random() % (limit + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() & 0xFF);
  return bytes;
}

/// What `call` throws as an Expected, "" where it throws nothing.
template <class Expected, class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Expected& error) {
    return error.what();
  }
  return "";
}

/// Whether `call` throws an Expected; another exception passes through.
template <class Expected, class Call>
bool is_thrown(const Call& call) {
  try {
    call();
  } catch (const Expected&) {
    return true;
  }
  return false;
}

}  // namespace vecterm::test
