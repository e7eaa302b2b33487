// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/unicode.h"

#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/utext.h>

#include <memory>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm::unicode {
namespace {

void check(UErrorCode status, const char* what) {
  if (U_FAILURE(status)) throw Error(std::string("ICU cannot ") + what + ": " + u_errorName(status));
}

icu::StringPiece piece(std::string_view text) { return {text.data(), static_cast<std::int32_t>(text.size())}; }

const icu::Normalizer2& normalizer() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  check(status, "normalise");
  return *nfc;
}

std::unique_ptr<icu::BreakIterator> new_word_iterator() {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> iterator(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  check(status, "break words");
  return iterator;
}

// Making one loads the rules, which costs far more than breaking a short text; using one is not thread-safe.
icu::BreakIterator& word_iterator() {
  thread_local const std::unique_ptr<icu::BreakIterator> iterator = new_word_iterator();
  return *iterator;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();)
    if (next_code_point(text, i) < 0) return false;
  return true;
}

bool is_nfc(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const bool result = normalizer().isNormalizedUTF8(piece(text), status);
  check(status, "normalise");
  return result;
}

icu::UnicodeString to_nfc(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString result = normalizer().normalize(text, status);
  check(status, "normalise");
  return result;
}

icu::UnicodeString from_utf8(std::string_view text) { return icu::UnicodeString::fromUTF8(piece(text)); }

std::vector<std::int32_t> word_ends(std::u16string_view text) {
  icu::BreakIterator& iterator = word_iterator();
  UErrorCode status = U_ZERO_ERROR;
  UText source = UTEXT_INITIALIZER;
  utext_openUChars(&source, text.data(), static_cast<std::int64_t>(text.size()), &status);
  iterator.setText(&source, status);
  utext_close(&source);  // the iterator has a clone of its own
  check(status, "break words");
  std::vector<std::int32_t> ends;
  for (std::int32_t end = iterator.next(); end != icu::BreakIterator::DONE; end = iterator.next()) ends.push_back(end);
  return ends;
}

std::string_view take_piece(std::string_view& text) {
  constexpr std::size_t kLimit = std::size_t{1} << 28;
  std::size_t size = text.size();
  if (size > kLimit) {
    const std::size_t space = text.find_last_of(" \t\n", kLimit - 1);
    size = space == std::string_view::npos ? kLimit : space + 1;
  }
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

}  // namespace vecterm::unicode
