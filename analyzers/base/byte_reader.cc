// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/byte_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <optional>

#include "analyzers/base/file_descriptor.h"

namespace vecterm {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} * 1024;
constexpr std::size_t kMaxInflatedBytes = std::size_t{256} * 1024 * 1024;  // at once, for zlib counts in 32 bits
constexpr std::string_view kGzipMagic = "\x1F\x8B";

// A Failure without its place.
struct Trouble {
  std::string reason;
};

// One that errno names.
struct ReadingError {
  int error;
};

// A path as messages show it.
std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

class Inflater {
 public:
  Inflater() {
    constexpr int kGzipFormat = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipFormat) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

// The bytes of a file, inflated where they are gzip. Not by zlib's gzread, which takes a damaged member after the
// first for padding and drops it without a word.
class ByteReader::Source {
 public:
  explicit Source(const std::string& path)
      : file_(path == "-" ? FileDescriptor::copy_of(STDIN_FILENO) : open_file(path, O_RDONLY)), input_(kChunkBytes) {
    struct stat status {};
    if (!file_ || fstat(file_.number(), &status) != 0) throw ReadingError{errno};
    if (S_ISDIR(status.st_mode)) throw Trouble{"is a directory"};
    if (S_ISREG(status.st_mode)) file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  }

  // Gives at least one byte, or 0 at the end.
  std::size_t read(char* out, std::size_t capacity) {
    if (!looked_) look();
    return inflater_ ? inflate_some(out, capacity) : copy_some(out, capacity);
  }

  // See ByteReader::most_bytes_left(); of the whole content. REQUIRES: read() was called.
  std::uint64_t most_bytes() const {
    constexpr std::uint64_t kMostGzipRatio = 1032;
    if (file_bytes_ == 0) return std::numeric_limits<std::uint64_t>::max();
    return inflater_ ? file_bytes_ * kMostGzipRatio : file_bytes_;
  }

  double progress() const {
    if (file_bytes_ == 0) return 0;
    return std::min(1.0, static_cast<double>(bytes_read_ - available_) / static_cast<double>(file_bytes_));
  }

 private:
  std::string_view rest() const { return {input_.data() + position_, available_}; }

  // Adds what the file gives to the input; false at its end.
  bool fill() {
    if (available_ == 0) {
      position_ = 0;
    } else if (position_ > 0) {
      std::memmove(input_.data(), input_.data() + position_, available_);
      position_ = 0;
    }
    ssize_t got = 0;
    do {
      got = ::read(file_.number(), input_.data() + available_, input_.size() - available_);
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw ReadingError{errno};
    available_ += static_cast<std::size_t>(got);
    bytes_read_ += static_cast<std::uint64_t>(got);
    return got > 0;
  }

  void look() {
    while (available_ < kGzipMagic.size() && fill()) {
    }
    if (rest().starts_with(kGzipMagic)) inflater_.emplace();
    looked_ = true;
  }

  std::size_t copy_some(char* out, std::size_t capacity) {
    if (available_ == 0 && !fill()) return 0;
    const std::size_t count = std::min(capacity, available_);
    std::memcpy(out, input_.data() + position_, count);
    consume(count);
    return count;
  }

  std::size_t inflate_some(char* out, std::size_t capacity) {
    z_stream& stream = inflater_->stream();
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(capacity, kMaxInflatedBytes));
    const uInt wanted = stream.avail_out;
    while (stream.avail_out == wanted) {
      if (failure_ != Z_OK) fail();
      if (member_ended_ && !next_member()) return 0;
      if (available_ == 0 && !fill()) throw Trouble{"the gzip data is truncated"};
      stream.next_in = reinterpret_cast<Bytef*>(input_.data() + position_);
      stream.avail_in = static_cast<uInt>(available_);
      const int result = inflate(&stream, Z_NO_FLUSH);
      consume(available_ - stream.avail_in);
      member_ended_ = result == Z_STREAM_END;
      if (result != Z_OK && !member_ended_) {
        failure_ = result;
        if (stream.avail_out != wanted) break;  // what was inflated before the damage is still good
      }
    }
    return wanted - stream.avail_out;
  }

  // Gzip files may be several members one after the other, and tapes pad them with zeros.
  bool next_member() {
    while (true) {
      while (available_ > 0 && input_[position_] == '\0') consume(1);
      if (available_ >= kGzipMagic.size()) break;
      if (!fill()) {
        if (available_ == 0) return false;
        break;
      }
    }
    if (!rest().starts_with(kGzipMagic)) throw Trouble{"the gzip data is damaged: more bytes after its end"};
    inflateReset(&inflater_->stream());
    member_ended_ = false;
    return true;
  }

  [[noreturn]] void fail() {
    if (failure_ == Z_MEM_ERROR) throw std::bad_alloc();
    const char* message = inflater_->stream().msg;
    throw Trouble{fmt::format("the gzip data is damaged: {}", message != nullptr ? message : zError(failure_))};
  }

  void consume(std::size_t count) {
    position_ += count;
    available_ -= count;
  }

  FileDescriptor file_;
  std::vector<char> input_;
  std::size_t position_ = 0;   // of the unread input
  std::size_t available_ = 0;  // its length
  std::uint64_t bytes_read_ = 0;
  std::uint64_t file_bytes_ = 0;  // 0 = unknown
  std::optional<Inflater> inflater_;
  bool looked_ = false;
  bool member_ended_ = false;
  int failure_ = Z_OK;  // met, but not reported yet
};

ByteReader::ByteReader(const std::string& path) try
    : path_(path), source_(std::make_unique<Source>(path)), buffer_(kChunkBytes) {
} catch (const Trouble& trouble) {
  throw Failure("cannot read " + shown(path), trouble.reason);
} catch (const ReadingError& met) {
  throw_reading_error("cannot read " + shown(path), met.error);
}

ByteReader::~ByteReader() = default;
ByteReader::ByteReader(ByteReader&&) noexcept = default;
ByteReader& ByteReader::operator=(ByteReader&&) noexcept = default;

bool ByteReader::read_more() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  try {
    const std::size_t got = source_->read(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    return got > 0;
  } catch (const Trouble& trouble) {
    throw Failure(where(offset_ + buffered().size()), trouble.reason);
  } catch (const ReadingError& met) {
    throw_reading_error(where(offset_ + buffered().size()), met.error);
  }
}

std::string_view ByteReader::peek(std::size_t count) {
  while (buffered().size() < count && read_more()) {
  }
  return buffered().substr(0, count);
}

void ByteReader::take(std::size_t count) {
  begin_ += count;
  offset_ += count;
}

std::uint64_t ByteReader::most_bytes_left() const {
  const std::uint64_t most = source_->most_bytes();
  return most > offset_ ? most - offset_ : 0;
}

double ByteReader::progress() const { return source_->progress(); }
std::string ByteReader::name() const { return shown(path_); }
std::string ByteReader::where(std::uint64_t offset) const { return fmt::format("{}, byte {}", name(), offset); }

}  // namespace vecterm
