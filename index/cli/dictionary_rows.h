// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "analyzers/dictionary.h"
#include "index/cli/output.h"

namespace vecterm::cli {

/// Appends how many words a dictionary has, and how many n-grams and components where it has such.
void append_entries(const Dictionary& dictionary, std::string_view indent, Rows& rows);

}  // namespace vecterm::cli
