// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace vecterm {

/// Replaces a file by `content`, parts that follow one another, as a whole: written to a temporary name beside it,
/// synced, renamed over it, and the directory synced, so that after a crash the old or the new file is there. @throws
/// DiskError naming the file
void write_file_atomically(const std::string& path, std::initializer_list<std::string_view> content);

inline void write_file_atomically(const std::string& path, std::string_view content) {
  write_file_atomically(path, {content});
}

}  // namespace vecterm
