// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdlib.h>

#include <filesystem>

namespace vecterm::test {

/// Where the shared data sets lie: VECTERM_DATA, else beside the checkout. Whether they are there is another question.
inline std::filesystem::path shared_data_root() {
  const char* set = getenv("VECTERM_DATA");
  return set != nullptr && *set != '\0' ? set : VECTERM_SOURCE_DIR "/../shared/data";
}

}  // namespace vecterm::test
