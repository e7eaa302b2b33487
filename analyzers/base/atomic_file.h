// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "analyzers/base/file_descriptor.h"
#include "analyzers/version.h"

namespace vecterm {

/// A file that is replaced as a whole, the one way in which vecterm writes files: written without a name, or where the
/// file system has no such files to a temporary name beside it, synced, put in place of the old one, and the directory
/// synced. After a crash the old or the new file is there, and where files may be nameless nothing else, but for the
/// moment in which a new file with a name of its own takes the old one's place. Who has the old file open keeps it.
///
/// A symbolic link is followed. The new file has the owner, where the process may give it away, and the permissions of
/// the file that it replaces, otherwise those of any new file of the process. A device, a pipe or a socket is written
/// to as it is. All but the destructor: @throws DiskError naming the file, SystemError where too many files are open
class VECTERM_INTERNAL_API AtomicFile {
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
  void create(mode_t mode);
  void take_over();
  void give_name();
  void put_in_place();
  [[noreturn]] void fail(int error) const;

  std::string path_;
  std::string target_;                   ///< where symbolic links lead
  std::optional<struct stat> replaced_;  ///< the file that was there
  std::string temporary_;                ///< empty while the file has no name
  FileDescriptor file_;
  bool in_place_ = false;  ///< a device or its like
};

/// Looks whether a file can be made or replaced, or a device written to, before work begins whose result it gets.
/// @throws DiskError
VECTERM_INTERNAL_API void check_can_write(const std::string& path);

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
