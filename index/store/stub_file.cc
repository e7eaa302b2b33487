// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/stub_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <string_view>
#include <utility>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "index/store/database_directory.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;
using Kind = StubDatabase::Kind;

constexpr const char* kStubInDirectory = "XAPIANDB";
constexpr std::string_view kSingleFileStart = "\x0f\x0dXapian Glass";

/// Reads one stub file and those that it names.
class StubReader {
 public:
  std::vector<StubDatabase> read(const fs::path& stub) && {
    read_file(stub, 1);
    return std::move(databases_);
  }

 private:
  void read_file(const fs::path& stub, std::size_t depth) {
    if (depth > kMaxStubDepth)
      throw DataError(fmt::format("{}: stub files must name each other at most {} deep; does one name itself?",
                                  stub.string(), kMaxStubDepth));
    count(stub, files_);
    LineReader lines(stub.string());
    for (std::string_view line; lines.next(line);)
      if (!line.empty() && line.front() != '#') take_line(line, stub, depth, lines.where());
  }

  void count(const fs::path& stub, std::size_t& counted) const {
    if (counted++ == kMaxStubDatabases)
      throw DataError(
          fmt::format("{}: at most {} databases and stub files may be named", stub.string(), kMaxStubDatabases));
  }

  void add(StubDatabase database, const fs::path& stub) {
    std::size_t known = databases_.size();
    count(stub, known);
    databases_.push_back(std::move(database));
  }

  void take_line(std::string_view line, const fs::path& stub, std::size_t depth, const std::string& where) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view type = line.substr(0, space);
    const std::string_view rest = line.substr(std::min(space + 1, line.size()));
    if (type == "auto" && !rest.empty()) return take_path(stub.parent_path() / rest, stub, depth);
    if ((type == "glass" || type == "chert") && !rest.empty())
      return add({Kind::kDirectory, (stub.parent_path() / rest).string(), {}, 0}, stub);
    if (type == "inmemory" && rest.empty()) return add({Kind::kInMemory, {}, {}, 0}, stub);
    if (type == "remote" && rest.starts_with(':')) return take_program(rest.substr(1), stub, where);
    if (type == "remote" && take_server(rest, stub)) return;
    if (type != "remote" && databases_.empty() && depth == 1)
      throw DataError(
          fmt::format("{} is a file, neither a database directory nor a stub file of databases", stub.string()));
    throw DataError(fmt::format("{}: a line must be \"auto DIR\", \"glass DIR\" or \"remote HOST:PORT\"; was {}", where,
                                in_quotes(line)));
  }

  void take_path(const fs::path& path, const fs::path& stub, std::size_t depth) {
    if (const auto next = stub_at(path)) return read_file(*next, depth + 1);
    std::error_code ignored;
    const bool is_file = fs::is_regular_file(path, ignored);
    add({is_file ? Kind::kFile : Kind::kDirectory, path.string(), {}, 0}, stub);
  }

  void take_program(std::string_view rest, const fs::path& stub, const std::string& where) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    if (space == 0) throw DataError(fmt::format("{}: the name of a program is missing", where));
    add({Kind::kProgram, (stub.parent_path() / rest.substr(0, space)).string(),
         std::string(rest.substr(std::min(space + 1, rest.size()))), 0},
        stub);
  }

  bool take_server(std::string_view rest, const fs::path& stub) {
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    std::string_view host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    StubDatabase server{Kind::kServer, std::string(host), {}, 0};
    const auto [end, error] = std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), server.port);
    if (error != std::errc() || end != rest.data() + rest.size() || server.port > 65535) return false;
    add(std::move(server), stub);
    return true;
  }

  std::vector<StubDatabase> databases_;
  std::size_t files_ = 0;
};

}  // namespace

Xapian::Database StubDatabase::open() const {
  switch (kind) {
    case Kind::kServer:
      return Xapian::Remote::open(name, port);
    case Kind::kProgram:
      return Xapian::Remote::open(name, arguments);
    case Kind::kInMemory:
      return Xapian::Database(std::string(), Xapian::DB_BACKEND_INMEMORY);
    case Kind::kFile: {
      const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
      if (file < 0) throw Xapian::DatabaseOpeningError("Couldn't open " + name, errno);
      return Xapian::Database(file);  // which closes it
    }
    case Kind::kDirectory:
      break;
  }
  return open_directory(name);
}

std::optional<fs::path> stub_at(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return is_single_file_database(path) ? std::nullopt : std::optional(path);
  if (has_version_file(path.string())) return std::nullopt;
  if (fs::is_regular_file(path / kStubInDirectory, ignored)) return path / kStubInDirectory;
  return std::nullopt;
}

bool is_single_file_database(const fs::path& path) {
  std::string start(kSingleFileStart.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kSingleFileStart;
}

std::vector<StubDatabase> databases_of(const fs::path& stub) { return StubReader().read(stub); }

}  // namespace vecterm
