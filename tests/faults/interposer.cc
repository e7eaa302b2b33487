// SPDX-License-Identifier: GPL-2.0-or-later
// Loaded before libxapian and libc (LD_PRELOAD), it stands between vecterm and what it calls there: kills the process
// at a step, lets the disk be full or the system refuse, and notes what was acknowledged. plan.h says how it is told.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xapian.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "tests/faults/plan.h"

namespace {

using namespace vecterm::faults;

constexpr std::time_t kNow = 1800000000;

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Plan {
  std::string root = setting(kRoot);
  std::string step = setting(kStep);
  std::string moment = setting(kMoment);
  std::uint64_t number = std::strtoull(setting(kNumber).c_str(), nullptr, 10);
  std::string acknowledged = setting(kAcknowledged);
  std::string counts = setting(kCounts);
  bool boasts = !setting(kBoasts).empty();
  std::string call = setting(kCall);
  std::uint64_t call_number = std::strtoull(setting(kCallNumber).c_str(), nullptr, 10);
  int error = static_cast<int>(std::strtol(setting(kErrno).c_str(), nullptr, 10));
  bool lasting = !setting(kLasting).empty();
  bool is_short = !setting(kShort).empty();
  bool is_interrupted = !setting(kInterrupted).empty();
  bool clock_goes_back = !setting(kClockGoesBack).empty();
};

struct State {
  std::array<std::atomic<std::uint64_t>, kCallNames.size()> calls{};  ///< but for memory
  std::atomic<std::uint64_t> disturbed{0};                            ///< calls that might have been interrupted
  std::atomic<std::uint64_t> looks{0};                                ///< at the clock
  std::array<std::atomic<std::uint64_t>, kStepNames.size()> counts{};
  std::atomic<std::uint64_t> written{0};  ///< bytes
  std::atomic<std::uint64_t> room{setting(kRoom).empty() ? std::numeric_limits<std::uint64_t>::max()
                                                         : std::strtoull(setting(kRoom).c_str(), nullptr, 10)};
  std::atomic<bool> committing{false};
  bool writes_record = false;  ///< the transaction under way does
  std::string pending;         ///< lines about what it wrote
};

// Never destroyed: threads and destructors of the program may still write when it ends.
const Plan& plan() {
  static const Plan& plan = *new Plan;
  return plan;
}

State& state() {
  static State& state = *new State;
  return state;
}

// Of malloc(), which may not use what allocates by itself.
constinit std::atomic<bool> armed{false};
constinit std::atomic<std::uint64_t> allocations{0};
constinit std::atomic<std::uint64_t> first_without_memory{0};  ///< 0 = none
constinit std::atomic<bool> lasting_without_memory{false};
// How deep the thread is in work of the interposer itself, for which there is memory.
constinit thread_local int own_work __attribute__((tls_model("initial-exec"))) = 0;

class OwnWork {
 public:
  OwnWork() { ++own_work; }
  ~OwnWork() { --own_work; }
  OwnWork(const OwnWork&) = delete;
  OwnWork& operator=(const OwnWork&) = delete;
};

bool is_refused(std::uint64_t number, std::uint64_t first, bool lasting) {
  return first > 0 && (number == first || (lasting && number > first));
}

/// Whether a call fails; errno says why.
bool refuses(Call call) {
  if (!armed || own_work > 0) return false;
  const std::uint64_t number = ++state().calls[static_cast<std::size_t>(call)];
  if (plan().call != name_of(call) || !is_refused(number, plan().call_number, plan().lasting)) return false;
  errno = plan().error;
  return true;
}

/// Whether a signal comes in between.
bool is_interrupted() {
  if (!plan().is_interrupted || own_work > 0 || ++state().disturbed % 3 != 0) return false;
  errno = EINTR;
  return true;
}

std::size_t shortened(std::size_t size) { return plan().is_short && own_work == 0 && size > 1 ? size / 2 : size; }

void arm() {
  if (armed) return;
  if (plan().call == name_of(Call::kMemory)) {
    lasting_without_memory = plan().lasting;
    first_without_memory = plan().call_number;
  }
  armed = true;
}

/// The function that the process would have called.
template <class Function>
Function* real(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
}

[[noreturn]] void die() {
  std::raise(SIGKILL);
  std::abort();
}

/// One occurrence of a step: what is done while it lives.
class Occurrence {
 public:
  explicit Occurrence(Step step, bool has_within = false)
      : planned_(++state().counts[static_cast<std::size_t>(step)] == plan().number && name_of(step) == plan().step) {
    if (is(Moment::kBefore) || (!has_within && is(Moment::kWithin))) die();
  }
  ~Occurrence() {
    if (is(Moment::kAfter)) die();
  }
  Occurrence(const Occurrence&) = delete;
  Occurrence& operator=(const Occurrence&) = delete;

  /// Whether the process is to be killed at this moment of it.
  bool is(Moment moment) const { return planned_ && name_of(moment) == plan().moment; }

 private:
  bool planned_;
};

std::optional<Step> step_of_term(const std::string& term) {
  const auto digit_at = [&](std::size_t at) { return term.size() > at && term[at] >= '0' && term[at] <= '9'; };
  if (!term.starts_with("XLSH")) return std::nullopt;
  if (digit_at(4)) return Step::kToken;
  return term[4] == 'M' && digit_at(5) ? std::optional(Step::kMarker) : std::nullopt;
}

bool is_vector_slot(Xapian::valueno slot) { return slot == 1001 || slot == 1002; }

bool is_on_disk(std::string_view path) { return !plan().root.empty() && path.starts_with(plan().root); }

std::string path_of(int file) {
  const OwnWork work;
  std::string path(4096, '\0');
  const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(), path.size());
  path.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return path;
}

Step step_of_file(std::string_view path) {
  if (path.find(".rows") != path.npos) return Step::kPublication;
  if (path.find(".dict") != path.npos) return Step::kInstallation;
  if (!state().committing) return Step::kDisk;
  return state().writes_record ? Step::kRecordFlush : Step::kFlush;
}

/// Takes up to `wanted` bytes of the disk's room. @returns how many there were
std::size_t take_room(std::size_t wanted) {
  std::uint64_t room = state().room;
  while (!state().room.compare_exchange_weak(room, room - std::min<std::uint64_t>(room, wanted))) continue;
  const std::size_t taken = std::min<std::uint64_t>(room, wanted);
  state().written += taken;
  return taken;
}

/// `write_first` writes so many bytes from the beginning.
template <class WriteFirst>
ssize_t write_to(int file, std::size_t size, const WriteFirst& write_first) {
  const std::string path = path_of(file);
  if (!is_on_disk(path)) return write_first(size);
  if (refuses(Call::kWrite) || is_interrupted()) return -1;
  size = shortened(size);
  const Occurrence write(step_of_file(path), true);
  if (write.is(Moment::kWithin)) {
    write_first(size / 2);
    die();
  }
  const std::size_t room = take_room(size);
  if (room == 0 && size > 0) {
    errno = ENOSPC;
    return -1;
  }
  return write_first(room);
}

template <class Read>
ssize_t read_from(int file, std::size_t size, const Read& read_first) {
  if (!is_on_disk(path_of(file))) return read_first(size);
  if (refuses(Call::kRead) || is_interrupted()) return -1;
  return read_first(shortened(size));
}

// What a killed process has written is there without being synced, so syncing would only cost time.
int pretend_to_sync(int file, const char* symbol) {
  const std::string path = path_of(file);
  if (!is_on_disk(path)) return real<int(int)>(symbol)(file);
  if (refuses(Call::kSync)) return -1;
  const Occurrence sync(step_of_file(path));
  return 0;
}

std::string hash_of(const std::string& content) { return std::to_string(std::hash<std::string>()(content)); }

void note_document(Xapian::docid docid, const Xapian::Document& document) {
  const OwnWork work;
  state().pending += "document " + std::to_string(docid) + ' ' + hash_of(document.serialise()) + '\n';
}

void acknowledge() {
  const OwnWork work;
  if (plan().acknowledged.empty()) return;
  const int file = open(plan().acknowledged.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const std::string& lines = state().pending;
  if (file < 0 || write(file, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) std::abort();
  close(file);
}

__attribute__((destructor)) void write_counts() {
  const OwnWork work;
  if (plan().counts.empty()) return;
  state().calls[static_cast<std::size_t>(Call::kMemory)] = allocations.load();
  std::ofstream out(plan().counts);
  for (std::size_t i = 0; i < kStepNames.size(); ++i) out << kStepNames[i] << ' ' << state().counts[i] << '\n';
  for (std::size_t i = 0; i < kCallNames.size(); ++i) out << kCallNames[i] << ' ' << state().calls[i] << '\n';
  out << kBytes << ' ' << state().written << '\n';
}

}  // namespace

// Names below are those of Xapian and of POSIX. Methods are found under their mangled names.

void Xapian::Document::add_term(const std::string& term, Xapian::termcount wdf) {
  static const auto next = real<void(Document*, const std::string&, Xapian::termcount)>(
      "_ZN6Xapian8Document8add_termERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEj");
  std::optional<Occurrence> occurrence;
  if (const auto step = step_of_term(term)) occurrence.emplace(*step);
  next(this, term, wdf);
}

void Xapian::Document::remove_term(const std::string& term) {
  static const auto next = real<void(Document*, const std::string&)>(
      "_ZN6Xapian8Document11remove_termERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE");
  std::optional<Occurrence> occurrence;
  if (const auto step = step_of_term(term)) occurrence.emplace(*step);
  next(this, term);
}

void Xapian::Document::add_value(Xapian::valueno slot, const std::string& value) {
  static const auto next = real<void(Document*, Xapian::valueno, const std::string&)>(
      "_ZN6Xapian8Document9add_valueEjRKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE");
  std::optional<Occurrence> occurrence;
  if (is_vector_slot(slot)) occurrence.emplace(Step::kVector);
  next(this, slot, value);
}

Xapian::docid Xapian::WritableDatabase::replace_document(const std::string& term, const Xapian::Document& document) {
  static const auto next = real<Xapian::docid(WritableDatabase*, const std::string&, const Xapian::Document&)>(
      "_ZN6Xapian16WritableDatabase16replace_documentERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKNS_"
      "8DocumentE");
  const Occurrence occurrence(Step::kDocument);
  const Xapian::docid docid = next(this, term, document);
  note_document(docid, document);
  return docid;
}

void Xapian::WritableDatabase::replace_document(Xapian::docid docid, const Xapian::Document& document) {
  static const auto next = real<void(WritableDatabase*, Xapian::docid, const Xapian::Document&)>(
      "_ZN6Xapian16WritableDatabase16replace_documentEjRKNS_8DocumentE");
  const Occurrence occurrence(Step::kDocument);
  next(this, docid, document);
  note_document(docid, document);
}

void Xapian::WritableDatabase::set_metadata(const std::string& key, const std::string& value) {
  static const auto next = real<void(WritableDatabase*, const std::string&, const std::string&)>(
      "_ZN6Xapian16WritableDatabase12set_metadataERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEES8_");
  next(this, key, value);
  const OwnWork work;
  state().writes_record |= key == "vecterm.index";
  state().pending += "metadata " + key + ' ' + hash_of(value) + '\n';
}

void Xapian::WritableDatabase::begin_transaction(bool flushed) {
  static const auto next = real<void(WritableDatabase*, bool)>("_ZN6Xapian16WritableDatabase17begin_transactionEb");
  state().pending.clear();
  state().writes_record = false;
  next(this, flushed);
}

void Xapian::WritableDatabase::commit_transaction() {
  static const auto next = real<void(WritableDatabase*)>("_ZN6Xapian16WritableDatabase18commit_transactionEv");
  const Occurrence occurrence(state().writes_record ? Step::kRecord : Step::kCommit);
  state().committing = true;
  try {
    next(this);
  } catch (...) {
    state().committing = false;
    throw;
  }
  state().committing = false;
  acknowledge();
}

extern "C" {

void* __libc_malloc(std::size_t size) noexcept;

ssize_t write(int file, const void* data, std::size_t size) {
  static const auto next = real<ssize_t(int, const void*, std::size_t)>("write");
  return write_to(file, size, [&](std::size_t first) { return next(file, data, first); });
}

ssize_t pwrite(int file, const void* data, std::size_t size, off_t offset) {
  static const auto next = real<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  return write_to(file, size, [&](std::size_t first) { return next(file, data, first, offset); });
}

int fsync(int file) { return pretend_to_sync(file, "fsync"); }

int fdatasync(int file) { return pretend_to_sync(file, "fdatasync"); }

ssize_t read(int file, void* data, std::size_t size) {
  static const auto next = real<ssize_t(int, void*, std::size_t)>("read");
  return read_from(file, size, [&](std::size_t first) { return next(file, data, first); });
}

ssize_t pread(int file, void* data, std::size_t size, off_t offset) {
  static const auto next = real<ssize_t(int, void*, std::size_t, off_t)>("pread");
  return read_from(file, size, [&](std::size_t first) { return next(file, data, first, offset); });
}

int open(const char* path, int flags, ...) {
  static const auto next = real<int(const char*, int, mode_t)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (is_on_disk(path)) arm();
  if (refuses(Call::kOpen)) return -1;
  if (is_on_disk(path) && (flags & O_ACCMODE) != O_RDONLY && refuses(Call::kChange)) return -1;
  return next(path, flags, mode);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = real<int(const char*, mode_t)>("mkdir");
  return is_on_disk(path) && refuses(Call::kChange) ? -1 : next(path, mode);
}

void* malloc(std::size_t size) noexcept {
  if (armed && own_work == 0 && is_refused(++allocations, first_without_memory, lasting_without_memory)) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(size);
}

int ftruncate(int file, off_t size) noexcept {
  static const auto next = real<int(int, off_t)>("ftruncate");
  std::optional<Occurrence> occurrence;
  if (const std::string path = path_of(file); is_on_disk(path)) {
    if (refuses(Call::kChange)) return -1;
    occurrence.emplace(step_of_file(path));
  }
  return next(file, size);
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int(const char*, const char*)>("rename");
  std::optional<Occurrence> occurrence;
  if (is_on_disk(to)) {
    if (refuses(Call::kChange)) return -1;
    occurrence.emplace(step_of_file(to));
  }
  return next(from, to);
}

int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) noexcept {
  static const auto next = real<int(int, const char*, int, const char*, int)>("linkat");
  std::optional<Occurrence> occurrence;
  if (is_on_disk(to)) {
    if (refuses(Call::kChange)) return -1;
    occurrence.emplace(step_of_file(to));
  }
  return next(from_directory, from, to_directory, to, flags);
}

int remove(const char* path) noexcept {
  static const auto next = real<int(const char*)>("remove");
  std::optional<Occurrence> occurrence;
  if (is_on_disk(path)) {
    if (refuses(Call::kChange)) return -1;
    occurrence.emplace(step_of_file(path));
  }
  return next(path);
}

int unlink(const char* path) noexcept {
  static const auto next = real<int(const char*)>("unlink");
  std::optional<Occurrence> occurrence;
  if (is_on_disk(path)) {
    if (refuses(Call::kChange)) return -1;
    occurrence.emplace(step_of_file(path));
  }
  return next(path);
}

// vecterm pauses for the sake of other programs; here are none.
int nanosleep(const struct timespec*, struct timespec*) { return 0; }

// Metadata say since when something stands; all runs are of one second, so that they can be compared.
int clock_gettime(clockid_t clock, struct timespec* result) noexcept {
  static const auto next = real<int(clockid_t, struct timespec*)>("clock_gettime");
  const int failed = next(clock, result);
  constexpr std::time_t kMinute = 60;
  const auto back = plan().clock_goes_back ? static_cast<std::time_t>(++state().looks) * kMinute : 0;
  if (failed == 0 && clock == CLOCK_REALTIME) *result = {kNow - back, 0};
  return failed;
}

int statvfs(const char* path, struct statvfs* result) noexcept {
  static const auto next = real<int(const char*, struct statvfs*)>("statvfs");
  const int failed = next(path, result);
  if (failed == 0 && plan().boasts) result->f_bavail = std::uint64_t{1} << 30U;
  return failed;
}
}
