// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "analyzers/version.h"

namespace vecterm {

/// A file that is replaced as a whole: written to a temporary name beside it, synced, renamed over it, and the
/// directory synced, so that after a crash the old or the new file is there. It has the permissions of the file that it
/// replaces, otherwise those of any new file of the process. All but the destructor: @throws DiskError naming the file
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  /// Without finish() before it, the old file stays.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends; nothing is buffered.
  void write(std::string_view content);
  void finish();

 private:
  [[noreturn]] void fail(int error) const;

  std::string path_;
  std::optional<mode_t> replaced_;  ///< the permissions of the file that was there
  std::string temporary_;
  int file_ = -1;
};

/// The name of the file that a temporary one would have become, without '.' and six letters or digits; empty where
/// `name` is none of a temporary file.
std::string_view without_temporary_ending(std::string_view name);

/// Replaces a file by `content`, parts that follow one another. @throws DiskError naming the file
VECTERM_INTERNAL_API void write_file_atomically(const std::string& path,
                                                std::initializer_list<std::string_view> content);

inline void write_file_atomically(const std::string& path, std::string_view content) {
  write_file_atomically(path, {content});
}

}  // namespace vecterm
