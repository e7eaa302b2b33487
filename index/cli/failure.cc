// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xapian.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "analyzers/base/file_descriptor.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/store/disk_errors.h"

namespace vecterm::cli {

namespace {

int fail(ExitCode code, const std::string& text) {
  message(text);
  return code;
}

/// For an errno, 0 where it is not known.
ExitCode code_of(int error) {
  if (is_disk_full(error) || error == EROFS) return kDisk;
  return is_refusal(error) ? kSystem : kData;
}

std::string text(const Xapian::Error& error) {
  const char* reason = error.get_error_string();
  return reason == nullptr ? error.get_msg() : fmt::format("{} ({})", error.get_msg(), reason);
}

int report(const Xapian::Error& error) {
  const int cause = cause_of(error);
  if (code_of(cause) == kDisk) return fail(kDisk, text(error) + "; make room and run the command again");
  return fail(code_of(cause), cause == 0 ? text(error) : fmt::format("{}: {}", error.get_msg(), reason_of(cause)));
}

int report(const Xapian::DatabaseLockError& error) {
  if (is_locked(error))
    return fail(kLocked, text(error) + "; another program writes to the index, try again when it has finished");
  return report(static_cast<const Xapian::Error&>(error));
}

/// Needs no memory.
[[noreturn]] void end(ExitCode code, std::string_view message) {
  // Where nobody can be told, the exit code does.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message.data(), message.size());
  std::_Exit(code);
}

/// What ends the program without an exception that could be asked has left its reason in errno at best.
[[noreturn]] void end_in_order() {
  int error = errno;
  try {
    if (const auto met = std::current_exception()) std::rethrow_exception(met);
  } catch (const std::bad_alloc&) {
    error = ENOMEM;
  } catch (const Xapian::Error& met) {
    if (cause_of(met) != 0) error = cause_of(met);
  } catch (...) {  // what it says goes with std::abort()
    error = 0;
  }
  if (code_of(error) == kDisk)
    end(kDisk, "vecterm: the disk is full; what was committed before is intact: make room and run the command again\n");
  if (error == ENOMEM) end(kSystem, "vecterm: out of memory; what was committed before is intact\n");
  if (code_of(error) == kSystem) end(kSystem, "vecterm: the system refused to go on; what was committed is intact\n");
  std::abort();
}

}  // namespace

void expect_failures() {
  std::set_terminate(end_in_order);
  std::signal(SIGXFSZ, SIG_IGN);
}

void take_standard_files() {
  // Open for what nobody does with them.
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0 && errno == EBADF)
      ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int report_failure() {
  try {
    throw;
  } catch (const OutputClosed&) {
    return kOk;
  } catch (const InvalidArgument& error) {
    return fail(kUsage, error.what());
  } catch (const DiskError& error) {
    return fail(kDisk, error.what());
  } catch (const SystemError& error) {
    return fail(kSystem, error.what());
  } catch (const Error& error) {
    return fail(kData, error.what());
  } catch (const Xapian::QueryParserError& error) {
    return fail(kUsage, fmt::format("the query cannot be used: {}", text(error)));
  } catch (const Xapian::DatabaseLockError& error) {
    return report(error);
  } catch (const Xapian::DatabaseModifiedError&) {
    return fail(kData, "another program changes the index too quickly to read it; try again");
  } catch (const Xapian::Error& error) {
    return report(error);
  } catch (const std::bad_alloc&) {
    return fail(kSystem, "out of memory");
  } catch (const std::system_error& error) {
    return fail(code_of(error.code().value()), error.what());
  } catch (const std::exception& error) {
    return fail(kData, error.what());
  }
}

}  // namespace vecterm::cli
