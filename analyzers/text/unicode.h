// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unicode/unistr.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/version.h"

/// What vecterm needs of ICU. Internal: this header has ICU's types in it and is not installed. All functions are
/// thread-safe.
namespace vecterm::unicode {

VECTERM_INTERNAL_API bool is_valid_utf8(std::string_view text);

/// Whether `text` is its own NFC. REQUIRES: valid UTF-8 of less than 2^31 bytes.
bool is_nfc(std::string_view text);
icu::UnicodeString to_nfc(const icu::UnicodeString& text);

/// Invalid UTF-8 becomes U+FFFD, one for each maximal ill-formed part. REQUIRES: less than 2^31 bytes.
icu::UnicodeString from_utf8(std::string_view text);

/// The ends of the pieces between word boundaries (UAX #29, with ICU's dictionaries), ascending; the last one is
/// text.size(). @throws Error where ICU's data files are missing
std::vector<std::int32_t> word_ends(std::u16string_view text);

/// Takes a piece off the front of `text`, short enough for ICU's 32-bit lengths; cut after white space where there
/// is any. Only texts of more than 256 MiB have a second piece. REQUIRES: `text` is not empty.
std::string_view take_piece(std::string_view& text);

}  // namespace vecterm::unicode
