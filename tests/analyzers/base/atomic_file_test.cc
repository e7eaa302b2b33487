// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
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

TEST_CASE("a file that replaces another has its permissions, and is private before") {
  const test::TemporaryDirectory directory;
  const Umask umask(022);
  const std::string path = directory / "a";
  for (const mode_t mode : {0600U, 0664U, 0444U}) {
    test::write_file(path, "old");
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    AtomicFile file(path);
    file.write("new");
    for (const std::string& name : files_beside(path))
      if (name != "a") CHECK(mode_of(directory / name) == 0600U);
    file.finish();
    CHECK(test::read_file(path) == "new");
    CHECK(mode_of(path) == mode);
    fs::remove(path);
  }
}

TEST_CASE("the name of a temporary file is the file's with an ending by which it is known") {
  const test::TemporaryDirectory directory;
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
  { AtomicFile(path).write("new"); }
  CHECK(test::read_file(path) == "old");
  CHECK(files_beside(path) == std::set<std::string>{"a"});
  CHECK_THROWS_WITH_AS(AtomicFile(directory / "none/a"),
                       (directory / "none/a: cannot be written: No such file or directory").c_str(), DiskError);
}
