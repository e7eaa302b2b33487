// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/subwords/text_steps.h"

#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/regex.h>
#include <unicode/uchar.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "analyzers/errors.h"
#include "analyzers/subwords/tokenizer_json.h"
#include "analyzers/text/unicode.h"

namespace vecterm {
namespace {

using icu::UnicodeString;

/// Steps of ICU's regular expressions for one word before it is left as it is: a pattern may take forever.
constexpr std::int32_t kMostRegexSteps = 1000;
constexpr char16_t kMetaspace = u'\u2581';

/// A part of a chunk.
struct Span {
  std::int32_t begin;
  std::int32_t end;
  bool is_match;
};
using Spans = std::vector<Span>;
/// Covers a text by spans.
using SpanFinder = std::function<Spans(const UnicodeString&)>;

enum class Behavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

Behavior behavior_of(const std::string& name) {
  constexpr std::pair<std::string_view, Behavior> kNames[] = {{"Removed", Behavior::kRemoved},
                                                              {"Isolated", Behavior::kIsolated},
                                                              {"MergedWithPrevious", Behavior::kMergedWithPrevious},
                                                              {"MergedWithNext", Behavior::kMergedWithNext},
                                                              {"Contiguous", Behavior::kContiguous}};
  for (const auto& [known, behavior] : kNames)
    if (name == known) return behavior;
  throw DataError(fmt::format("\"behavior\" {} of a split is not known", in_quotes(name)));
}

// Calls visit(code point, where it begins, where it ends).
template <class Visit>
void each_code_point(const UnicodeString& text, const Visit& visit) {
  for (std::int32_t i = 0; i < text.length();) {
    const std::int32_t next = text.moveIndex32(i, 1);
    visit(text.char32At(i), i, next);
    i = next;
  }
}

/// What is kept of the spans, by what becomes of matches.
Spans kept(const Spans& spans, Behavior behavior) {
  Spans result;
  for (const Span& span : spans) {
    const bool joins =
        !result.empty() && (behavior == Behavior::kContiguous && result.back().is_match == span.is_match);
    const bool follows =
        !result.empty() && behavior == Behavior::kMergedWithPrevious && span.is_match && !result.back().is_match;
    const bool leads =
        !result.empty() && behavior == Behavior::kMergedWithNext && result.back().is_match && !span.is_match;
    if (behavior == Behavior::kRemoved && span.is_match) continue;
    if (!joins && !follows && !leads) {
      result.push_back(span);
      continue;
    }
    result.back().end = span.end;
    result.back().is_match = joins ? span.is_match : follows;
  }
  return result;
}

TextStep split_step(SpanFinder find, Behavior behavior) {
  return [find = std::move(find), behavior](TextChunks& chunks) {
    TextChunks result;
    for (const UnicodeString& chunk : chunks)
      for (const Span& span : kept(find(chunk), behavior))
        if (span.end > span.begin) result.push_back(UnicodeString(chunk, span.begin, span.end - span.begin));
    chunks = std::move(result);
  };
}

template <class IsMatch>
SpanFinder characters(const IsMatch& is_match) {
  return [is_match](const UnicodeString& text) {
    Spans spans;
    each_code_point(text, [&](UChar32 c, std::int32_t begin, std::int32_t end) {
      if (is_match(c)) return spans.push_back({begin, end, true});
      if (spans.empty() || spans.back().is_match) spans.push_back({begin, begin, false});
      spans.back().end = end;
    });
    return spans;
  };
}

std::shared_ptr<const icu::RegexPattern> pattern_of(const std::string& regex) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  std::shared_ptr<const icu::RegexPattern> pattern(
      icu::RegexPattern::compile(unicode::from_utf8(regex), 0, where, status));
  if (U_FAILURE(status)) throw DataError(fmt::format("{} is no regular expression", in_quotes(regex)));
  return pattern;
}

/// @param invert  whether what is between the matches counts as one
SpanFinder matches(std::shared_ptr<const icu::RegexPattern> pattern, bool invert) {
  return [pattern = std::move(pattern), invert](const UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern->matcher(text, status));
    Spans spans;
    std::int32_t end = 0;
    if (U_SUCCESS(status)) matcher->setTimeLimit(kMostRegexSteps, status);
    while (U_SUCCESS(status) && matcher->find(status) && U_SUCCESS(status)) {
      const std::int32_t begin = matcher->start(status);
      if (begin > end) spans.push_back({end, begin, invert});
      end = matcher->end(status);
      if (end > begin) spans.push_back({begin, end, !invert});
    }
    if (end < text.length()) spans.push_back({end, text.length(), invert});
    return spans;
  };
}

/// {"String": "..."} or {"Regex": "..."}
std::shared_ptr<const icu::RegexPattern> pattern_in(JsonValue part) {
  const JsonValue pattern = tokenizer_json::member(part, "pattern", &JsonValue::is_object, "an object");
  if (tokenizer_json::find(pattern, "Regex")) return pattern_of(tokenizer_json::string(pattern, "Regex", ""));
  const std::string text = tokenizer_json::member(pattern, "String", &JsonValue::is_string, "a string").string();
  if (text.find("\\E") != std::string::npos) throw DataError("the pattern of a step must not have \\E");
  return pattern_of("\\Q" + text + "\\E");
}

// Those of BERT: all ASCII characters that are neither letters nor digits count, too.
bool is_bert_punctuation(UChar32 c) {
  const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return ascii || u_ispunct(c);
}

bool is_white_space(UChar32 c) { return u_isUWhiteSpace(c); }

template <class Change>
TextStep each_chunk(const Change& change) {
  return [change](TextChunks& chunks) {
    for (UnicodeString& chunk : chunks) chunk = change(chunk);
  };
}

/// Every code point becomes what `change` appends for it.
template <class Change>
TextStep each_character(const Change& change) {
  return each_chunk([change](const UnicodeString& text) {
    UnicodeString result;
    each_code_point(text, [&](UChar32 c, std::int32_t, std::int32_t) { change(c, result); });
    return result;
  });
}

const icu::Normalizer2& normalizer(const char* form) {
  UErrorCode status = U_ZERO_ERROR;
  const std::string_view name(form);
  const icu::Normalizer2* found = name == "NFC"    ? icu::Normalizer2::getNFCInstance(status)
                                  : name == "NFD"  ? icu::Normalizer2::getNFDInstance(status)
                                  : name == "NFKC" ? icu::Normalizer2::getNFKCInstance(status)
                                                   : icu::Normalizer2::getNFKDInstance(status);
  if (U_FAILURE(status)) throw Error("ICU's data for normal forms is missing");
  return *found;
}

TextStep normal_form(const char* form) {
  return each_chunk([&found = normalizer(form)](const UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    UnicodeString result = found.normalize(text, status);
    return U_SUCCESS(status) ? result : text;
  });
}

void append_lower(UChar32 c, UnicodeString& to) {
  UnicodeString one(c);
  to.append(one.toLower(icu::Locale::getRoot()));
}

TextStep without_marks() {
  return each_character([](UChar32 c, UnicodeString& to) {
    if (u_charType(c) != U_NON_SPACING_MARK) to.append(c);
  });
}

bool is_chinese(UChar32 c) {
  constexpr std::pair<UChar32, UChar32> kRanges[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                                     {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                                     {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  for (const auto& [first, last] : kRanges)
    if (c >= first && c <= last) return true;
  return false;
}

void append_cleaned(UChar32 c, UnicodeString& to) {
  const bool is_space = c == '\t' || c == '\n' || c == '\r';
  if (c == 0 || c == 0xFFFD || (!is_space && ((U_MASK(u_charType(c)) & U_GC_C_MASK) != 0))) return;
  to.append(is_space || is_white_space(c) ? UChar32{' '} : c);
}

void read_bert_normalizer(JsonValue part, std::vector<TextStep>& steps) {
  const bool lowercase = tokenizer_json::boolean(part, "lowercase", true);
  if (tokenizer_json::boolean(part, "clean_text", true)) steps.push_back(each_character(append_cleaned));
  if (tokenizer_json::boolean(part, "handle_chinese_chars", true))
    steps.push_back(each_character([](UChar32 c, UnicodeString& to) {
      is_chinese(c) ? to.append(UChar32{' '}).append(c).append(UChar32{' '}) : to.append(c);
    }));
  if (tokenizer_json::boolean(part, "strip_accents", lowercase)) {
    steps.push_back(normal_form("NFD"));
    steps.push_back(without_marks());
  }
  if (lowercase) steps.push_back(each_character(append_lower));
}

// What SentencePiece's rules for machine translation remove, and what they turn into spaces.
void append_nmt(UChar32 c, UnicodeString& to) {
  const bool removed =
      (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  const bool space = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
                     c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  if (!removed) to.append(space ? UChar32{' '} : c);
}

TextStep replace_step(JsonValue part) {
  const auto pattern = pattern_in(part);
  const UnicodeString content = unicode::from_utf8(tokenizer_json::string(part, "content", ""));
  return each_chunk([find = matches(pattern, false), content](const UnicodeString& text) {
    UnicodeString result;
    for (const Span& span : find(text))
      span.is_match ? result.append(content) : result.append(text, span.begin, span.end - span.begin);
    return result;
  });
}

void read_metaspace(JsonValue part, std::vector<TextStep>& steps) {
  const UnicodeString replacement = unicode::from_utf8(tokenizer_json::string(part, "replacement", "\u2581"));
  if (replacement.countChar32() != 1) throw DataError("\"replacement\" of Metaspace must be one character");
  const UChar32 mark = replacement.char32At(0);
  const bool prefix =
      tokenizer_json::string(part, "prepend_scheme",
                             tokenizer_json::boolean(part, "add_prefix_space", true) ? "always" : "never") == "always";
  steps.push_back(each_chunk([mark, prefix](const UnicodeString& text) {
    UnicodeString result;
    if (prefix && text.char32At(0) != ' ' && text.char32At(0) != mark) result.append(mark);
    each_code_point(text, [&](UChar32 c, std::int32_t, std::int32_t) { result.append(c == ' ' ? mark : c); });
    return result;
  }));
  if (tokenizer_json::boolean(part, "split", true))
    steps.push_back(split_step(characters([mark](UChar32 c) { return c == mark; }), Behavior::kMergedWithNext));
}

void read_byte_level(JsonValue part, std::vector<TextStep>& steps) {
  constexpr const char* kWords = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
  if (tokenizer_json::boolean(part, "use_regex", true))
    steps.push_back(split_step(matches(pattern_of(kWords), false), Behavior::kIsolated));
  steps.push_back(each_chunk([](const UnicodeString& text) {
    std::string bytes;
    text.toUTF8String(bytes);
    UnicodeString result;
    for (const char byte : bytes) result.append(byte_character(static_cast<unsigned char>(byte)));
    return result;
  }));
}

template <class Read>
void read_sequence(JsonValue part, std::string_view name, const Read& read, std::vector<TextStep>& steps) {
  for (const JsonValue step : tokenizer_json::member(part, name, &JsonValue::is_array, "a list").elements())
    read(step, steps);
}

}  // namespace

char16_t byte_character(unsigned char byte) {
  static const std::array<char16_t, 256> kCharacters = [] {
    std::array<char16_t, 256> characters{};
    char16_t next = 0x100;
    for (unsigned b = 0; b < 256; ++b) {
      const bool printable = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      characters[b] = printable ? static_cast<char16_t>(b) : next++;
    }
    return characters;
  }();
  return kCharacters[byte];
}

void read_normalizer(JsonValue part, std::vector<TextStep>& steps) {
  const std::string type = tokenizer_json::type_of(part);
  if (type == "Sequence") return read_sequence(part, "normalizers", read_normalizer, steps);
  if (type == "BertNormalizer") return read_bert_normalizer(part, steps);
  if (type == "Lowercase") return steps.push_back(each_character(append_lower));
  if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD")
    return steps.push_back(normal_form(type.c_str()));
  if (type == "Precompiled") return steps.push_back(normal_form("NFKC"));
  if (type == "StripAccents") return steps.push_back(without_marks());
  if (type == "Replace") return steps.push_back(replace_step(part));
  if (type == "Nmt") return steps.push_back(each_character(append_nmt));
  if (type == "ByteLevel") return read_byte_level(JsonDocument(R"({"use_regex": false})").root(), steps);
  if (type == "Prepend" || type == "Strip") return;
  throw DataError(fmt::format("a normalizer of type {} is not known", in_quotes(type)));
}

void read_pre_tokenizer(JsonValue part, std::vector<TextStep>& steps) {
  const std::string type = tokenizer_json::type_of(part);
  const auto split = [&](const SpanFinder& find, Behavior behavior) { steps.push_back(split_step(find, behavior)); };
  if (type == "Sequence") return read_sequence(part, "pretokenizers", read_pre_tokenizer, steps);
  if (type == "Metaspace") return read_metaspace(part, steps);
  if (type == "ByteLevel") return read_byte_level(part, steps);
  if (type == "WhitespaceSplit") return split(characters(is_white_space), Behavior::kRemoved);
  if (type == "Whitespace") return split(matches(pattern_of(R"(\w+|[^\w\s]+)"), true), Behavior::kRemoved);
  if (type == "Punctuation")
    return split(characters(is_bert_punctuation), behavior_of(tokenizer_json::string(part, "behavior", "Isolated")));
  if (type == "Digits")
    return split(
        characters([](UChar32 c) { return (U_MASK(u_charType(c)) & U_GC_N_MASK) != 0; }),
        tokenizer_json::boolean(part, "individual_digits", false) ? Behavior::kIsolated : Behavior::kContiguous);
  if (type == "Split")
    return split(matches(pattern_in(part), tokenizer_json::boolean(part, "invert", false)),
                 behavior_of(tokenizer_json::string(part, "behavior", "Isolated")));
  if (type == "BertPreTokenizer") {
    split(characters(is_white_space), Behavior::kRemoved);
    return split(characters(is_bert_punctuation), Behavior::kIsolated);
  }
  throw DataError(fmt::format("a pre_tokenizer of type {} is not known", in_quotes(type)));
}

}  // namespace vecterm
