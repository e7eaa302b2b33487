// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/atomic_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <functional>
#include <set>
#include <thread>

#include "analyzers/errors.h"
#include "tests/support/support.h"

using namespace vecterm;
namespace fs = std::filesystem;

/// In place of the C library's: what it sets is there long enough for other threads to meet it.
extern "C" mode_t umask(mode_t mask) noexcept {
  const auto before = static_cast<mode_t>(::syscall(SYS_umask, mask));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return before;
}

namespace {

std::atomic<bool> has_nameless_files = true;

}  // namespace

/// In place of the C library's: can be a file system without nameless files.
extern "C" int open(const char* path, int flags, ...) {
  if ((flags & O_TMPFILE) == O_TMPFILE && !has_nameless_files) {
    errno = EOPNOTSUPP;
    return -1;
  }
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

namespace {

/// While it lives, files have names.
struct NamedFiles {
  NamedFiles() { has_nameless_files = false; }
  ~NamedFiles() { has_nameless_files = true; }
  NamedFiles(const NamedFiles&) = delete;
  NamedFiles& operator=(const NamedFiles&) = delete;
};

/// Sets the process's umask while it lives.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

mode_t mode_of(const std::string& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777U;
}

std::set<std::string> files_beside(const std::string& path) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(path).parent_path()))
    names.insert(entry.path().filename().string());
  return names;
}

/// Replaces files of several permissions, which must stay; `look` is called while both files are there.
void replace_by_new(const std::string& path, const std::function<void()>& look) {
  const Umask umask(022);
  for (const mode_t mode : {0600U, 0664U, 0444U}) {
    test::write_file(path, "old");
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    AtomicFile file(path);
    file.write("new");
    look();
    file.finish();
    CHECK(test::read_file(path) == "new");
    CHECK(mode_of(path) == mode);
    CHECK(files_beside(path) == std::set<std::string>{"a"});
    fs::remove(path);
  }
}

}  // namespace

TEST_CASE("files that another thread makes meanwhile have the permissions of the process's umask") {
  const test::TemporaryDirectory directory;
  const Umask umask(027);
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> made = 0;
  std::size_t wrong = 0;
  std::thread other([&, path = directory / "other"] {
    while (!stopping) {
      const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      struct stat found {};
      ++made;
      wrong += ::fstat(file, &found) == 0 && (found.st_mode & 0777U) == 0640U ? 0 : 1;
      ::close(file);
      ::unlink(path.c_str());
    }
  });
  for (int i = 0; i < 20 || made < 100; ++i) write_file_atomically(directory / "a", "x");
  stopping = true;
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("a new file has the permissions that the umask leaves to it") {
  const test::TemporaryDirectory directory;
  for (const mode_t mask : {0U, 022U, 027U, 077U}) {
    const Umask umask(mask);
    const std::string path = directory / std::to_string(mask);
    write_file_atomically(path, "x");
    CHECK(mode_of(path) == (0666U & ~mask));
  }
}

TEST_CASE("a file that replaces another has its permissions, and nobody sees it before") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "a";
  replace_by_new(path, [&] { CHECK(files_beside(path) == std::set<std::string>{"a"}); });
}

TEST_CASE("where files cannot be nameless, one that replaces another is private before") {
  const test::TemporaryDirectory directory;
  const NamedFiles named;
  const std::string path = directory / "a";
  replace_by_new(path, [&] {
    CHECK(files_beside(path).size() == 2);
    for (const std::string& name : files_beside(path))
      if (name != "a") CHECK(mode_of(directory / name) == 0600U);
  });
}

TEST_CASE("the name of a temporary file is the file's with an ending by which it is known") {
  const test::TemporaryDirectory directory;
  const NamedFiles named;
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const AtomicFile file(directory / "a.dict");
    const auto names = files_beside(directory / "a.dict");
    REQUIRE(names.size() == 1);
    CHECK(without_temporary_ending(*names.begin()) == "a.dict");
    seen.insert(*names.begin());
  }
  CHECK(seen.size() == 50);
  CHECK(without_temporary_ending("a.dict.XyZ123") == "a.dict");
  for (const char* other : {"", "a", ".XyZ123", "a.dict", "a.dict-XyZ123", "a.dict.XyZ12"})
    CHECK(without_temporary_ending(other).empty());
}

TEST_CASE("a file that is not finished leaves the old one, and nothing beside it") {
  const test::TemporaryDirectory directory;
  const std::string path = test::write_file(directory / "a", "old");
  const auto give_up = [&] { AtomicFile(path).write("new"); };
  give_up();
  {
    const NamedFiles named;
    give_up();
  }
  CHECK(test::read_file(path) == "old");
  CHECK(files_beside(path) == std::set<std::string>{"a"});
  CHECK_THROWS_WITH_AS(AtomicFile(directory / "none/a"),
                       (directory / "none/a: cannot be written: No such file or directory").c_str(), DiskError);
}

TEST_CASE("symbolic links are followed, to a file that is there or not") {
  const test::TemporaryDirectory directory;
  fs::create_directory(directory / "far");
  test::write_file(directory / "far/there", "old");
  for (const std::string target : {"there", "new"}) {
    const std::string link = directory / ("to " + target);
    fs::create_symlink("far/second " + target, link);
    fs::create_symlink(directory / ("far/" + target), directory / ("far/second " + target));
    write_file_atomically(link, "content");
    CHECK(fs::is_symlink(link));
    CHECK(fs::is_symlink(directory / ("far/second " + target)));
    CHECK(test::read_file(directory / ("far/" + target)) == "content");
  }
  CHECK(files_beside(directory / "far/x").size() == 4);
  fs::create_symlink("loop", directory / "loop");
  CHECK_THROWS_AS(write_file_atomically(directory / "loop", "x"), DiskError);
  CHECK(fs::is_symlink(directory / "loop"));
}

TEST_CASE("a pipe is written to, and a directory is refused") {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = test::read_file(pipe); });
  write_file_atomically(pipe, "content");
  reader.join();
  CHECK(read == "content");
  CHECK(fs::is_fifo(pipe));
  CHECK_THROWS_AS(AtomicFile(directory / "."), DiskError);
  CHECK_THROWS_AS(check_can_write(directory / "."), DiskError);
  CHECK_THROWS_AS(check_can_write(directory / "none/a"), DiskError);
  CHECK_NOTHROW(check_can_write(pipe));
  CHECK_NOTHROW(check_can_write(directory / "new"));
  CHECK_NOTHROW(check_can_write("/dev/null"));
}

TEST_CASE("who has the old file open keeps it") {
  const test::TemporaryDirectory directory;
  const std::string path = test::write_file(directory / "a", "old");
  const FileDescriptor old = open_file(path, O_RDONLY);
  write_file_atomically(path, "new");
  std::string content(3, ' ');
  REQUIRE(read_at(old, content.data(), 3, 0) == 3);
  CHECK(content == "old");
}

TEST_CASE("without a descriptor for it a file is an error of the system, and the old one stays") {
  const test::TemporaryDirectory directory;
  const std::string path = test::write_file(directory / "a", "old");
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{3, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  std::optional<SystemError> met;
  try {
    AtomicFile file(path);
  } catch (const SystemError& error) {
    met = error;
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(met);
  // Sanitizers need descriptors to look at an object.
  CHECK(met->what() == path + ": cannot be written: Too many open files; close some, or raise the limit (ulimit -n)");
  CHECK(test::read_file(path) == "old");
}

TEST_CASE("no file becomes one of the standard descriptors") {
  const test::TemporaryDirectory directory;
  const std::string path = test::write_file(directory / "a", "old");
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const FileDescriptor kept = FileDescriptor::copy_of(closed);
    ::close(closed);
    const FileDescriptor opened = open_file(path, O_RDONLY);
    const FileDescriptor copy = FileDescriptor::copy_of(opened.number());
    const bool still_closed = ::fcntl(closed, F_GETFD) < 0;
    ::dup2(kept.number(), closed);
    CHECK(still_closed);
    for (const FileDescriptor* file : {&opened, &copy}) {
      CHECK(file->number() > STDERR_FILENO);
      CHECK((::fcntl(file->number(), F_GETFD) & FD_CLOEXEC) != 0);
    }
  }
}
