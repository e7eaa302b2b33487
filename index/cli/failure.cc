// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <xapian.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/store/disk_errors.h"

namespace vecterm::cli {

namespace {

int fail(ExitCode code, const std::string& text) {
  message(text);
  return code;
}

bool is_disk_error(int error) { return is_disk_full(error) || error == EROFS; }

bool is_disk_error(const Xapian::Error& error) { return is_disk_full(error) || has_cause(error, EROFS); }

std::string text(const Xapian::Error& error) {
  const char* reason = error.get_error_string();
  return reason == nullptr ? error.get_msg() : fmt::format("{} ({})", error.get_msg(), reason);
}

int report(const Xapian::Error& error) {
  if (is_disk_error(error)) return fail(kDisk, text(error) + "; make room and run the command again");
  return fail(kData, text(error));
}

/// What ends the program without an exception that could be asked has left its reason in errno at best.
[[noreturn]] void end_where_disk_is_full() {
  if (!is_disk_error(errno)) std::abort();
  std::_Exit(fail(kDisk, "the disk is full; what was committed before is intact: make room and run the command again"));
}

}  // namespace

void expect_full_disk() { std::set_terminate(end_where_disk_is_full); }

int report_failure() {
  try {
    throw;
  } catch (const OutputClosed&) {
    return kOk;
  } catch (const InvalidArgument& error) {
    return fail(kUsage, error.what());
  } catch (const DiskError& error) {
    return fail(kDisk, error.what());
  } catch (const Error& error) {
    return fail(kData, error.what());
  } catch (const Xapian::QueryParserError& error) {
    return fail(kUsage, fmt::format("the query cannot be used: {}", text(error)));
  } catch (const Xapian::DatabaseLockError& error) {
    return fail(kLocked, text(error) + "; another program writes to the index, try again when it has finished");
  } catch (const Xapian::DatabaseModifiedError&) {
    return fail(kData, "another program changes the index too quickly to read it; try again");
  } catch (const Xapian::Error& error) {
    return report(error);
  } catch (const std::bad_alloc&) {
    return fail(kData, "out of memory");
  } catch (const std::system_error& error) {
    return fail(is_disk_error(error.code().value()) ? kDisk : kData, error.what());
  } catch (const std::exception& error) {
    return fail(kData, error.what());
  }
}

}  // namespace vecterm::cli
