// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace vecterm {

/// Text as every tokenizer and query parser should get it: normalised to Unicode NFC, and with a space put at
/// each word boundary (ICU's dictionary-based word breaking) inside runs of scripts that are written without
/// spaces: Han, Hiragana, Katakana, Thai, Lao, Khmer, Burmese. All other text is left as it is.
///
/// Thread-safe. Never throws for bad input: invalid UTF-8 becomes U+FFFD, one for each maximal ill-formed part.
std::string segmented(std::string_view text);

}  // namespace vecterm
