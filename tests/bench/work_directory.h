// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace vecterm::bench {

/// Where built things lie: a directory of the user's, whose contents the next run with the same texts and dictionary
/// takes up, or a temporary one, which is removed.
class WorkDirectory {
 public:
  /// @param path  "" = a temporary directory
  explicit WorkDirectory(const std::string& path);
  ~WorkDirectory();
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  /// A directory below, made where there is none.
  std::string below(const std::string& name) const;

 private:
  std::string path_;
  bool temporary_;
};

}  // namespace vecterm::bench
