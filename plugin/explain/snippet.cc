// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/snippet.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/text/unicode.h"
#include "plugin/documents/vector_reader.h"
#include "plugin/explain/located_words.h"
#include "plugin/explain/word_matcher.h"

namespace vecterm {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kLeastLength = 3;  // a character between two ellipses

std::string readable(std::string_view text) {
  std::string nfc;
  while (!text.empty()) unicode::to_nfc(unicode::from_utf8(unicode::take_piece(text))).toUTF8String(nfc);
  std::string out;
  bool blank = false;
  for (Xapian::Utf8Iterator at(nfc); at != Xapian::Utf8Iterator(); ++at) {
    if (Xapian::Unicode::is_whitespace(*at)) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    Xapian::Unicode::append_utf8(out, *at);
  }
  return out;
}

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// A word with the characters about it that a passage does not part from it.
struct Segment {
  LocatedWord word;
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  std::size_t first = 0;  // characters before `begin`
  std::size_t last = 0;   // characters before `end`
  std::optional<WordMatch> match;
};

// Words part at the first blank between them, or else where the second begins.
std::vector<Segment> segments_of(std::string_view text, WordMatcher& matcher) {
  std::vector<LocatedWord> words = located_words(text);
  std::vector<Segment> segments;
  segments.reserve(words.size());
  for (LocatedWord& word : words) {
    Segment segment;
    if (!segments.empty()) {
      Segment& before = segments.back();
      const std::string_view between = text.substr(before.word.end, word.begin - before.word.end);
      const std::size_t blank = between.find(' ');
      before.end = blank < between.size() ? before.word.end + blank : word.begin;
      segment.begin = blank < between.size() ? before.end + 1 : word.begin;
      before.last = before.first + characters(text.substr(before.begin, before.end - before.begin));
      segment.first = before.last + segment.begin - before.end;
    }
    segment.match = matcher.match(word.term);
    segment.word = std::move(word);
    segments.push_back(std::move(segment));
  }
  if (!segments.empty()) {
    Segment& before = segments.back();
    before.end = text.size();
    before.last = before.first + characters(text.substr(before.begin));
  }
  return segments;
}

// A passage: segments first to last.
struct Passage {
  std::size_t first = 0;
  std::size_t last = 0;
};

// Finds the passage of at most `length` characters.
class PassageFinder {
 public:
  PassageFinder(std::string_view text, const std::vector<Segment>& segments, const std::vector<double>& worths,
                std::size_t length)
      : text_(text), segments_(segments), worths_(worths), length_(length) {}

  // Nothing where no word fits.
  std::optional<Passage> find() const {
    const std::optional<Passage> core = worthiest();
    return core ? std::optional(with_context(*core)) : std::nullopt;
  }

 private:
  bool fits(std::size_t first, std::size_t last) const {
    return segments_[last].last - segments_[first].first <= length_;
  }

  // The first of the passages with the largest sum of worths, from its first match to its last.
  std::optional<Passage> worthiest() const {
    std::vector<std::size_t> counts(worths_.size());
    std::optional<Passage> best;
    double best_worth = 0;
    double worth = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < segments_.size(); ++last) {
      const auto& match = segments_[last].match;
      if (match && counts[match->stem]++ == 0) worth += worths_[match->stem];
      for (; first <= last && !fits(first, last); ++first) {
        const auto& left = segments_[first].match;
        if (left && --counts[left->stem] == 0) worth -= worths_[left->stem];
      }
      if (first > last) continue;
      if (!best || worth > best_worth + kRounding) {
        best = {first, last};
        best_worth = worth;
      }
    }
    if (best && best_worth > 0) {
      while (!segments_[best->first].match) ++best->first;
    } else if (best) {
      best->last = best->first;
    }
    return best;
  }

  // Begins at the nearest sentence that leaves room for the core, otherwise so that about as much stands before the
  // core as after it.
  Passage with_context(const Passage& core) const {
    const std::size_t around = length_ - (segments_[core.last].last - segments_[core.first].first);
    Passage passage = core;
    for (std::size_t i = core.first + 1; i-- > 0 && fits(i, core.last);) {
      if (begins_sentence(i)) {
        passage.first = i;
        break;
      }
      if (is_parted(i) && segments_[core.first].first - segments_[i].first <= around / 2) passage.first = i;
    }
    for (std::size_t i = core.last; i < segments_.size() && fits(passage.first, i); ++i)
      if (is_parted(i + 1)) passage.last = i;
    if (passage.last + 1 == segments_.size())
      for (std::size_t i = passage.first + 1; i-- > 0 && fits(i, passage.last);)
        if (is_parted(i)) passage.first = i;
    return passage;
  }

  // Whether a passage may begin with this segment or end before it: not between "node." and "js".
  bool is_parted(std::size_t segment) const {
    if (segment == 0 || segment == segments_.size()) return true;
    const std::size_t begin = segments_[segment].begin;
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    return text_[begin - 1] == ' ' || !is_ascii(text_[begin - 1]) || !is_ascii(text_[begin]);
  }

  bool begins_sentence(std::size_t segment) const {
    const std::string_view before = text_.substr(0, segments_[segment].begin);
    return before.empty() || std::any_of(std::begin(kSentenceEnds), std::end(kSentenceEnds),
                                         [&](std::string_view end) { return before.ends_with(end); });
  }

  static constexpr double kRounding = 1e-9;  // of sums that words were added to and taken from
  static constexpr std::string_view kSentenceEnds[] = {". ", "! ", "? ", "। ", "؟ ", "。", "！", "？"};

  std::string_view text_;
  const std::vector<Segment>& segments_;
  const std::vector<double>& worths_;
  std::size_t length_;
};

// The stems that are marked as semantic matches: the worthiest of the passage.
std::set<std::size_t> marked_stems(std::span<const Segment> passage, const std::vector<double>& worths,
                                   std::size_t most) {
  std::set<std::size_t> there;
  for (const Segment& segment : passage)
    if (segment.match && segment.match->semantic) there.insert(segment.match->stem);
  std::vector<std::size_t> stems(there.begin(), there.end());
  std::stable_sort(stems.begin(), stems.end(), [&](std::size_t a, std::size_t b) { return worths[a] > worths[b]; });
  return {stems.begin(), stems.begin() + static_cast<std::ptrdiff_t>(std::min(most, stems.size()))};
}

Snippet cut(std::string_view text, std::size_t begin, std::size_t end) {
  Snippet snippet;
  if (begin > 0) snippet.text += kEllipsis;
  snippet.text += text.substr(begin, end - begin);
  if (end < text.size()) snippet.text += kEllipsis;
  return snippet;
}

// Where no word fits.
Snippet beginning(std::string_view text, std::size_t length) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end)
    if (begins_character(text[end]) && seen++ == length) break;
  return cut(text, 0, end);
}

void check(const SnippetOptions& options) {
  if (options.length < kLeastLength)
    throw InvalidArgument(fmt::format("length must be at least {}; was {}", kLeastLength, options.length));
  if (!(options.min_similarity > 0 && options.min_similarity <= 1))
    throw InvalidArgument(fmt::format("min_similarity must be in (0, 1]; was {}", options.min_similarity));
}

void append_text(std::string& out, std::string_view text, bool escape_html) {
  for (const char c : text) {
    const std::string_view entity = !escape_html ? ""
                                    : c == '&'   ? "&amp;"
                                    : c == '<'   ? "&lt;"
                                    : c == '>'   ? "&gt;"
                                    : c == '"'   ? "&quot;"
                                    : c == '\''  ? "&#39;"
                                                 : "";
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
}

}  // namespace

Snippet snippet(const DocumentEmbedder& embedder, std::string_view text, const Xapian::Query& words,
                std::span<const float> vector, const SnippetOptions& options) {
  check(options);
  const UnitVector unit = vector.empty() ? UnitVector() : query_vector(vector, embedder.record().dimensions);
  const std::string whole = readable(text);
  const std::size_t length = characters(whole);
  // Two ellipses are put about a passage.
  const std::size_t most = length <= options.length ? length : options.length - 2;
  WordMatcher matcher(embedder, words, options.most_semantic > 0 ? unit : std::span<const float>(),
                      options.min_similarity);
  const std::vector<Segment> segments = segments_of(whole, matcher);
  const auto passage = PassageFinder(whole, segments, matcher.worths(), most).find();
  if (!passage) return beginning(whole, most);

  const auto within = std::span(segments).subspan(passage->first, passage->last + 1 - passage->first);
  const std::size_t begin = within.front().begin;
  Snippet snippet = cut(whole, begin, within.back().end);
  const std::size_t before = begin > 0 ? kEllipsis.size() : 0;
  const std::set<std::size_t> marked = marked_stems(within, matcher.worths(), options.most_semantic);
  for (const Segment& segment : within) {
    const auto& match = segment.match;
    if (match && (!match->semantic || marked.contains(match->stem)))
      snippet.highlights.push_back(
          {segment.word.begin - begin + before, segment.word.end - begin + before, match->semantic});
  }
  return snippet;
}

std::string highlighted(const Snippet& snippet, const HighlightMarks& marks) {
  std::string out;
  const std::string_view text = snippet.text;
  std::size_t done = 0;
  for (const auto& [begin, end, semantic] : snippet.highlights) {
    append_text(out, text.substr(done, begin - done), marks.escape_html);
    out += semantic ? marks.semantic_begin : marks.word_begin;
    append_text(out, text.substr(begin, end - begin), marks.escape_html);
    out += semantic ? marks.semantic_end : marks.word_end;
    done = end;
  }
  append_text(out, text.substr(done), marks.escape_html);
  return out;
}

std::string text_of(const Xapian::Document& document, std::size_t most) {
  std::vector<std::string> words = words_by_position(document);
  words.resize(std::min(most, words.size()));
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace vecterm
