// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/line_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "analyzers/base/byte_reader.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{256} * 1024 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

class LineReader::State {
 public:
  explicit State(ByteReader bytes) : bytes_(std::move(bytes)) {}

  bool next(std::string_view& line) {
    bool terminated = true;
    std::size_t length = find_line_end();
    if (length == kNotFound) {
      terminated = false;
      length = bytes_.buffered().size();
      if (length == 0) return false;
    }
    line = bytes_.buffered().substr(0, length);
    bytes_.take(length + (terminated ? 1 : 0));
    if (terminated && line.ends_with('\r')) line.remove_suffix(1);
    if (line_number_ == 0 && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
      if (line.empty() && !terminated) return false;
    }
    ++line_number_;
    terminated_ = terminated;
    return true;
  }

  std::uint64_t line_number() const { return line_number_; }
  bool terminated() const { return terminated_; }
  const ByteReader& bytes() const { return bytes_; }
  std::string where(std::uint64_t line) const {
    return line == 0 ? bytes_.name() : fmt::format("{}, line {}", bytes_.name(), line);
  }

 private:
  static constexpr std::size_t kNotFound = static_cast<std::size_t>(-1);

  // The length of the next line without LF, reading on as needed; kNotFound where the file ends before an LF.
  std::size_t find_line_end() {
    std::size_t searched = 0;
    while (true) {
      const std::string_view held = bytes_.buffered();
      const std::size_t found = held.find('\n', searched);
      const std::size_t length = found == std::string_view::npos ? held.size() : found;
      if (length > kMaxLineBytes) fail("is longer than 256 MiB");
      if (found != std::string_view::npos) return length;
      searched = held.size();
      if (!read_more()) return kNotFound;
    }
  }

  bool read_more() {
    try {
      return bytes_.read_more();
    } catch (const ByteReader::Failure& failure) {
      fail(failure.reason);
    }
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw DataError(fmt::format("{}: {}", where(line_number_ + 1), reason));
  }

  ByteReader bytes_;
  std::uint64_t line_number_ = 0;
  bool terminated_ = true;
};

LineReader::LineReader(const std::string& path) : LineReader(ByteReader(path)) {}
LineReader::LineReader(ByteReader bytes) : state_(std::make_unique<State>(std::move(bytes))) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::next(std::string_view& line) { return state_->next(line); }
std::uint64_t LineReader::line_number() const { return state_->line_number(); }
bool LineReader::terminated() const { return state_->terminated(); }
const std::string& LineReader::path() const { return state_->bytes().path(); }
double LineReader::progress() const { return state_->bytes().progress(); }
std::string LineReader::where() const { return state_->where(state_->line_number()); }

}  // namespace vecterm
