// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query/scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/text/segmenter.h"
#include "plugin/query/characters.h"

namespace vecterm {
namespace {

constexpr double kAwayWeight = 0.5;
constexpr std::string_view kCosine = "cosine";

bool is_operator(std::string_view run) {
  constexpr std::array<std::string_view, 6> kNames = {"AND", "OR", "NOT", "XOR", "NEAR", "ADJ"};
  const std::string_view name = run.substr(0, run.find('/'));
  return std::ranges::find(kNames, name) != kNames.end() && (name == run || name == "NEAR" || name == "ADJ");
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Xapian takes ".." for a range wherever it stands; "./" joins words to a phrase just as well.
std::string without_double_dots(std::string text) {
  for (std::size_t i = text.find(".."); i != std::string::npos; i = text.find("..", i)) text[i + 1] = '/';
  return text;
}

void check_range(std::size_t column, Code sign, std::string_view name, std::string_view range) {
  const std::size_t dots = range.find("..");
  const std::string_view from = range.substr(0, dots);
  const std::string_view to = range.substr(dots + 2);
  const bool good = (from.empty() || number(from)) && (to.empty() || number(to)) && !(from.empty() && to.empty());
  if (!good)
    fail_at(column,
            fmt::format("{0} must have numbers on both sides of .., or on one; was \"{0}:{1:.40}\"", name, range));
  if (!from.empty() && !to.empty() && *number(from) > *number(to))
    fail_at(column, fmt::format("{0} must not end before it begins; was \"{0}:{1:.40}\"", name, range));
  if (sign == '+') fail_at(column, "all hits are in the range; leave out the +");
  if (sign == '-') fail_at(column, fmt::format("a range takes no -; write NOT {}:{:.40}", name, range));
}

class Scanner {
 public:
  Scanner(std::string_view text, const AnalyzerSettings& settings);
  ScannedQuery run();

 private:
  // Positions count characters.
  Code code(std::size_t at) const { return at < codes_.size() ? codes_[at] : kEnd; }
  Code here() const { return code(at_); }
  std::string_view slice(std::size_t begin, std::size_t end) const {
    return text_.substr(offsets_[begin], offsets_[end] - offsets_[begin]);
  }
  std::string_view rest() const { return text_.substr(offsets_[at_]); }
  bool has_word(std::size_t begin, std::size_t end) const;
  std::size_t skip_blanks(std::size_t at) const;
  const MetadataField* field(std::string_view name) const;

  void take_token();
  bool take_part();
  bool take_cosine();
  std::string take_text(SemanticPart::Kind kind);
  std::string take_quoted();
  std::optional<double> take_weight();
  void check_place() const;
  void end_part();

  void take_open_bracket();
  void take_close_bracket();
  void take_phrase();
  bool take_field();
  void take_run();
  void add_text(std::string_view text, std::string_view as_operator = {});
  void add(std::string_view words, std::string_view as_operator = {});
  void count_words(std::string_view words);
  void want();

  std::string_view text_;
  const AnalyzerSettings& settings_;
  std::vector<Code> codes_;
  std::vector<std::size_t> offsets_;  ///< of each character, and of the end
  bool ranges_ = false;               ///< Xapian's parser will look for them

  std::size_t at_ = 0;
  std::size_t begin_ = 0;  ///< of the token, with its sign
  Code sign_ = 0;          ///< + or - before the token, or 0
  bool after_part_ = false;
  std::string_view operator_;  ///< the token before, where it is one
  std::size_t near_ = 0;       ///< operators of the chain that the token may continue
  std::vector<bool> open_;     ///< brackets; whether Xapian sees them
  std::size_t brackets_ = 0;
  std::size_t word_count_ = 0;
  ScannedQuery out_;
};

Scanner::Scanner(std::string_view text, const AnalyzerSettings& settings)
    : text_(text), settings_(settings), ranges_(std::ranges::any_of(settings.metadata, is_range_field)) {
  for (std::size_t at = 0; at < text.size();) {
    offsets_.push_back(at);
    const Code c = next_code_point(text, at);
    codes_.push_back(c < 0 ? kReplacement : c);
  }
  offsets_.push_back(text.size());
}

ScannedQuery Scanner::run() {
  while (here() != kEnd) {
    if (is_blank(here())) {
      out_.words += ' ';
      ++at_;
    } else {
      take_token();
    }
  }
  return std::move(out_);
}

bool Scanner::has_word(std::size_t begin, std::size_t end) const {
  return std::any_of(codes_.begin() + static_cast<std::ptrdiff_t>(begin),
                     codes_.begin() + static_cast<std::ptrdiff_t>(end), is_word);
}

std::size_t Scanner::skip_blanks(std::size_t at) const {
  while (is_blank(code(at))) ++at;
  return at;
}

const MetadataField* Scanner::field(std::string_view name) const {
  const auto found = std::ranges::find(settings_.metadata, name, &MetadataField::name);
  if (found == settings_.metadata.end() || (found->prefix.empty() && !is_range_field(*found))) return nullptr;
  return &*found;
}

void Scanner::take_token() {
  begin_ = at_;
  const Code before = at_ == 0 ? ' ' : code(at_ - 1);
  sign_ = is_sign(here()) && (is_blank(before) || before == '(') && !ends_sign(code(at_ + 1)) ? here() : 0;
  if (sign_ != 0) ++at_;
  if (take_part() || take_cosine()) return;
  if (here() == '(') {
    take_open_bracket();
  } else if (here() == ')') {
    take_close_bracket();
  } else if (is_quote(here())) {
    take_phrase();
  } else if (!take_field()) {
    take_run();
  }
}

bool Scanner::take_part() {
  const bool is_document = rest().starts_with("like:");
  const std::size_t lead = is_tilde(here()) ? 1 : rest().starts_with("sem:") ? 4 : is_document ? 5 : 0;
  if (lead == 0) return false;
  check_place();
  at_ += lead;
  SemanticPart part;
  if (is_document) part.kind = SemanticPart::Kind::kDocument;
  part.position = begin_ + 1;
  part.text = take_text(part.kind);
  const auto weight = take_weight();
  part.weight = sign_ == '-' ? -weight.value_or(kAwayWeight) : weight.value_or(1);
  if (out_.parts.size() == kMaxQueryParts)
    fail_at(part.position, fmt::format("at most {} parts may be looked for by meaning", kMaxQueryParts));
  out_.parts.push_back(std::move(part));
  end_part();
  return true;
}

// The colon is caught because it reads like a filter; a blank before the number does no harm.
bool Scanner::take_cosine() {
  if (!rest().starts_with(kCosine)) return false;
  const std::size_t name_end = at_ + kCosine.size();
  std::size_t at = skip_blanks(name_end);
  const bool colon = code(name_end) == ':' && !ends_run(code(name_end + 1));
  if (!colon && !is_comparison(code(at))) return false;
  check_place();
  const std::size_t comparison = at;
  while (is_comparison(code(at)) || (colon && at == name_end)) ++at;
  if (slice(comparison, at) != ">=" || sign_ != 0)
    fail_at(begin_ + 1, "write cosine>=0.4 for hits that are at least so near");
  const std::size_t begin = skip_blanks(at);
  for (at_ = begin; !ends_run(here());) ++at_;
  const auto value = number(slice(begin, at_));
  if (!value || std::abs(*value) > 1)
    fail_at(begin + 1, fmt::format("cosine must be a number in [-1, 1]; was \"{:.40}\"", slice(begin, at_)));
  if (out_.min_cosine) fail_at(begin_ + 1, "cosine>= may stand once in a query");
  out_.min_cosine = value;
  end_part();
  return true;
}

void Scanner::check_place() const {
  const Code before = begin_ == 0 ? ' ' : code(begin_ - 1);
  const std::size_t column = begin_ + 1;
  if (!is_blank(before) && !is_bracket(before))
    fail_at(column, "put a blank before a part that is looked for by meaning");
  if (!open_.empty()) fail_at(column, "what is looked for by meaning cannot stand in brackets; write it behind them");
  if (sign_ == '+') fail_at(column, "a meaning cannot be required; leave out the +, or add cosine>=0.4");
  if (operator_ == "NOT") fail_at(column, "NOT takes words only; write -~\"text\" to keep away from a meaning");
  if (!operator_.empty())
    fail_at(column, fmt::format("{} takes words only; leave it out before what is looked for by meaning", operator_));
}

std::string Scanner::take_text(SemanticPart::Kind kind) {
  const std::size_t begin = at_;
  std::string text;
  if (is_part_quote(here())) {
    text = take_quoted();
  } else {
    while (!ends_run(here()) && here() != '^' && !is_part_quote(here())) ++at_;
    text = slice(begin, at_);
  }
  if (kind == SemanticPart::Kind::kText && !has_word(begin, at_))
    fail_at(begin_ + 1, "a word, or words in quotes, must follow directly: ~\"text\", sem:\"text\"");
  if (text.empty()) fail_at(begin_ + 1, "the id of a document must follow directly: like:ID, like:\"ID\"");
  return text;
}

std::string Scanner::take_quoted() {
  const std::size_t open = at_++;
  const auto closes = [&](Code c) {
    if (code(open) == '"') return c == '"';
    return code(open) == kFullWidthQuote ? is_part_quote(c) : is_quote(c);
  };
  std::string text;
  for (;; ++at_) {
    if (here() == kEnd) fail_at(open + 1, "the quote is not closed; add \" where it ends");
    if (closes(here())) {
      if (here() != '"' || code(at_ + 1) != '"') break;
      ++at_;
    }
    text.append(slice(at_, at_ + 1));
  }
  ++at_;
  return text;
}

std::optional<double> Scanner::take_weight() {
  if (here() != '^') return std::nullopt;
  const std::size_t begin = ++at_;
  while (!ends_run(here())) ++at_;
  const auto weight = number(slice(begin, at_));
  if (!weight || *weight <= 0 || *weight > kMaxPartWeight)
    fail_at(begin + 1,
            fmt::format("weight must be a number in (0, {:g}]; was \"{:.40}\"", kMaxPartWeight, slice(begin, at_)));
  return weight;
}

void Scanner::end_part() {
  if (!ends_run(here()) || here() == '(') fail_at(at_ + 1, "put a blank behind a part that is looked for by meaning");
  out_.words += ' ';
  after_part_ = true;
  operator_ = {};
}

// Xapian passes over a bracket behind a word, but not over the one that closes it.
void Scanner::take_open_bracket() {
  const Code before = at_ == 0 ? ' ' : code(at_ - 1);
  const bool seen = is_blank(before) || is_bracket(before) || is_sign(before);
  const std::size_t next = skip_blanks(++at_);
  if (seen && code(next) == ')') {
    at_ = next + 1;
    return add("()");
  }
  if (++brackets_ > kMaxQueryBrackets)
    fail_at(begin_ + 1, fmt::format("at most {} brackets may be in a query", kMaxQueryBrackets));
  if (seen && code(next) != kEnd) want();
  open_.push_back(seen);
  add(seen ? "(" : " ");
}

void Scanner::take_close_bracket() {
  if (open_.empty()) fail_at(at_ + 1, "this bracket closes none; leave it out, or put the text in quotes");
  ++at_;
  add(open_.back() ? ")" : " ");
  open_.pop_back();
}

void Scanner::take_phrase() {
  const std::size_t begin = at_++;
  while (here() != kEnd && !is_quote(here())) ++at_;
  if (here() != kEnd) ++at_;
  if (has_word(begin, at_)) want();
  add_text(slice(begin, at_));
}

// Values are terms as they stand, so they are not segmented.
bool Scanner::take_field() {
  std::size_t end = at_;
  while (is_word(code(end))) ++end;
  if (code(end) != ':' || ends_run(code(end + 1))) return false;
  const std::string_view name = slice(at_, end);
  const MetadataField* const found = field(name);
  if (found == nullptr) return false;
  const std::size_t begin = std::exchange(at_, end + 1);
  if (is_quote(here()) && !found->prefix.empty()) {
    take_quoted();
  } else {
    while (here() != kEnd && !is_blank(here()) && here() != ')') ++at_;
    const std::string_view value = slice(end + 1, at_);
    const bool range = is_range_field(*found) && value.find("..") != std::string_view::npos;
    if (range) check_range(begin_ + 1, sign_, name, value);
    if (!range && found->prefix.empty())
      fail_at(begin_ + 1, fmt::format("{0} takes a range of numbers: {0}:FROM..TO; was \"{0}:{1:.40}\"", name, value));
  }
  want();
  add(slice(begin, at_));
  return true;
}

void Scanner::take_run() {
  const std::size_t begin = at_;
  for (; !ends_run(here()) && !is_quote(here()); ++at_)
    if (is_tilde(here()) && is_part_quote(code(at_ + 1)))
      fail_at(at_ + 1, "put a blank before a part that is looked for by meaning");
  const std::string_view run = slice(begin, at_);
  const bool is_one = sign_ == 0 && is_operator(run);
  if (is_one && after_part_)
    fail_at(begin_ + 1,
            fmt::format("{} takes words only; leave it out behind what is looked for by meaning, +word requires a word "
                        "and -word excludes one",
                        run));
  if (!is_one && has_word(begin, at_)) want();
  add_text(run, is_one ? run : std::string_view());
}

void Scanner::add_text(std::string_view text, std::string_view as_operator) {
  std::string words = segmented(text);
  add(ranges_ ? without_double_dots(std::move(words)) : words, as_operator);
}

void Scanner::add(std::string_view words, std::string_view as_operator) {
  const std::size_t begin = out_.words.size();
  if (sign_ != 0) out_.words += static_cast<char>(sign_);
  out_.words += words;
  out_.tokens.push_back({begin, out_.words.size(), begin_ + 1});
  count_words(words);
  if (as_operator.starts_with("NEAR")) {
    if (++near_ == kMaxNearWords) fail_at(begin_ + 1, fmt::format("NEAR may join at most {} words", kMaxNearWords));
  } else if (!as_operator.empty() || operator_.empty()) {
    near_ = 0;
  }
  operator_ = as_operator;
  after_part_ = false;
}

void Scanner::count_words(std::string_view words) {
  bool in_word = false;
  for (Xapian::Utf8Iterator it(words.data(), words.size()); it != Xapian::Utf8Iterator(); ++it) {
    if (in_word && *it == '*') word_count_ += kMaxWildcardWords - 1;
    const bool word = Xapian::Unicode::is_wordchar(*it);
    if (word && !in_word) ++word_count_;
    in_word = word;
  }
  if (word_count_ > kMaxQueryWords)
    fail_at(begin_ + 1, fmt::format("query must have at most {} words, where a wildcard counts as {}", kMaxQueryWords,
                                    kMaxWildcardWords));
}

void Scanner::want() {
  if (!open_.empty()) return;
  if (sign_ == '+') out_.requires_word = true;
  if (sign_ != '-') out_.wants_word = true;
}

}  // namespace

bool is_range_field(const MetadataField& field) { return field.number && field.slot; }

ScannedQuery scan_query(std::string_view text, const AnalyzerSettings& settings) {
  return Scanner(text, settings).run();
}

void check_query_size(std::string_view text) {
  if (text.size() > kMaxQueryBytes)
    throw InvalidArgument(fmt::format("query must have at most {} bytes; had {}", kMaxQueryBytes, text.size()));
}

void fail_at(std::size_t column, std::string_view problem) {
  throw InvalidArgument(fmt::format("query, column {}: {}", column, problem));
}

}  // namespace vecterm
