// SPDX-License-Identifier: GPL-2.0-or-later
// Tests byte_reader.cc, too.
#include "analyzers/base/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "analyzers/errors.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of_file(const std::string& path) {
  LineReader reader(path);
  Lines lines;
  double progress = 0;
  for (std::string_view line; reader.next(line);) {
    lines.emplace_back(line);
    CHECK(reader.line_number() == lines.size());
    CHECK(reader.progress() >= progress);
    progress = reader.progress();
  }
  CHECK(progress <= 1);
  return lines;
}

Lines lines_of(const std::string& content) {
  const TemporaryDirectory directory;
  return lines_of_file(write_file(directory / "file", content));
}

std::string failure_of(const std::string& content) {
  const TemporaryDirectory directory;
  const std::string path = write_file(directory / "file", content);
  return message_of<DataError>([&] { lines_of_file(path); });
}

// Lines of very different lengths, longer than any buffer among them.
std::string long_text(Lines& lines) {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < 300; ++i) {
    std::string line(i % 100 == 50 ? 700'000 : random() % 3000, '\0');
    for (char& c : line) c = static_cast<char>('a' + random() % 26);
    text += line + '\n';
    lines.push_back(std::move(line));
  }
  return text;
}

}  // namespace

TEST_CASE("lines end in LF or CRLF and the last needs no end") {
  CHECK(lines_of("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_of("a\r\nb\r\n") == Lines{"a", "b"});
  CHECK(lines_of("a\n\nb") == Lines{"a", "", "b"});
  CHECK(lines_of("\n") == Lines{""});
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\rb\r\r\n") == Lines{"a\rb\r"});
  CHECK(lines_of(std::string("a\0b\n", 4)) == Lines{std::string("a\0b", 3)});
}

TEST_CASE("the reader says whether a line had an end") {
  const TemporaryDirectory directory;
  LineReader reader(write_file(directory / "file", "a\nb"));
  std::string_view line;
  REQUIRE(reader.next(line));
  CHECK(reader.terminated());
  REQUIRE(reader.next(line));
  CHECK_FALSE(reader.terminated());
  CHECK_FALSE(reader.next(line));
  CHECK_FALSE(reader.terminated());
}

TEST_CASE("a byte order mark is dropped at the start only") {
  CHECK(lines_of("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n") == Lines{"one", "\xEF\xBB\xBFtwo"});
  CHECK(lines_of("\xEF\xBB\xBF").empty());
  CHECK(lines_of(gzipped("\xEF\xBB\xBFone")) == Lines{"one"});
}

TEST_CASE("gzip gives the lines of its content, whatever the file is called") {
  Lines expected;
  const std::string text = long_text(expected);
  CHECK(lines_of(text) == expected);
  CHECK(lines_of(gzipped(text)) == expected);
  const TemporaryDirectory directory;
  CHECK(lines_of_file(write_file(directory / "plain.gz", "no gzip\n")) == Lines{"no gzip"});
}

TEST_CASE("gzip members one after the other are one text") {
  CHECK(lines_of(gzipped("one\ntw") + gzipped("") + gzipped("o\nthree")) == Lines{"one", "two", "three"});
  CHECK(lines_of(gzipped("one\n") + std::string(1000, '\0')) == Lines{"one"});
}

TEST_CASE("every truncation of gzip data is an error that names file and line") {
  const std::string whole = gzipped("first\nsecond\n");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    CAPTURE(size);
    for (const std::string& message : {failure_of(whole.substr(0, size)), failure_of(whole + whole.substr(0, size))}) {
      CHECK(message.find("/file, line ") != std::string::npos);
      CHECK(message.find(": the gzip data is truncated") != std::string::npos);
    }
  }
  CHECK(failure_of(whole).empty());
}

TEST_CASE("damaged gzip gives the lines before the damage and then an error with the line's number") {
  Lines expected;
  std::string damaged = gzipped(long_text(expected));
  damaged.resize(damaged.size() - 8);  // the checksum
  damaged += std::string(8, 'x');
  const TemporaryDirectory directory;
  LineReader reader(write_file(directory / "file", damaged));
  std::string_view line;
  for (const std::string& text : expected) {
    REQUIRE(reader.next(line));
    REQUIRE(line == text);
  }
  const std::string message = message_of<DataError>([&] { reader.next(line); });
  CHECK(message.find("/file, line 301: the gzip data is damaged") != std::string::npos);
}

TEST_CASE("no flipped bit of gzip data passes unnoticed") {
  const std::string whole = gzipped("first\nsecond\n") + gzipped("third\n");
  const Lines expected{"first", "second", "third"};
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CAPTURE(bit);
    // A damaged magic number makes it a text file; the header's time and system do not matter to the content.
    if (bit < 16) continue;
    const TemporaryDirectory directory;
    const std::string path = write_file(directory / "file", flipped);
    Lines lines;
    const std::string message = message_of<DataError>([&] { lines = lines_of_file(path); });
    CHECK((!message.empty() || lines == expected));
  }
}

TEST_CASE("what cannot be opened is an error that names the file") {
  const TemporaryDirectory directory;
  const std::string missing = directory / "missing";
  CHECK(message_of<NotFound>([&] { LineReader reader(missing); }) ==
        "cannot read " + missing + ": No such file or directory");
  CHECK(message_of<DataError>([&] { LineReader reader(directory / "."); }).find("is a directory") != std::string::npos);
}

TEST_CASE("a line over 256 MiB is an error and not an exhausted memory") {
  std::string bomb;
  const std::string part = gzipped(std::string(std::size_t{1} << 24, 'a'));
  for (int i = 0; i < 17; ++i) bomb += part;
  CHECK(failure_of(bomb).find("/file, line 1: is longer than 256 MiB") != std::string::npos);
}

TEST_CASE("where() names the line that was given last and progress ends at 1") {
  const TemporaryDirectory directory;
  const std::string path = write_file(directory / "file", gzipped("a\nb\n"));
  LineReader reader(path);
  std::string_view line;
  CHECK(reader.where() == path);
  CHECK(reader.progress() == 0);
  while (reader.next(line)) {
  }
  CHECK(reader.where() == path + ", line 2");
  CHECK(reader.progress() == 1);
  CHECK_FALSE(reader.next(line));
}

TEST_CASE("a hyphen reads standard input") {
  const TemporaryDirectory directory;
  const std::string path = write_file(directory / "file", gzipped("from\nstdin\n"));
  const int kept = dup(STDIN_FILENO);
  const int file = open(path.c_str(), O_RDONLY);
  dup2(file, STDIN_FILENO);
  close(file);
  const Lines lines = lines_of_file("-");
  dup2(kept, STDIN_FILENO);
  close(kept);
  CHECK(lines == Lines{"from", "stdin"});
}
