// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/subwords/subword_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analyzers/errors.h"
#include "analyzers/subwords/tokenizer_json.h"

namespace vecterm {
namespace {

using Pieces = std::vector<std::uint32_t>;

bool begins_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

/// Where code points begin, and the end.
std::vector<std::size_t> code_point_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (begins_code_point(text[i])) starts.push_back(i);
  starts.push_back(text.size());
  return starts;
}

/// Pieces of single bytes, "<0x0A>", which stand for what is unknown.
class ByteFallback {
 public:
  ByteFallback(const PieceTable& table, bool used) : table_(table), used_(used) {}

  /// Appends the bytes' pieces, all or none.
  void append(std::string_view unknown, Pieces& pieces) const {
    const std::size_t before = pieces.size();
    if (!used_) return;
    for (const char byte : unknown) {
      const auto piece = table_.find(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte)));
      if (!piece) return pieces.resize(before);
      pieces.push_back(*piece);
    }
  }

 private:
  const PieceTable& table_;
  bool used_;
};

class WordLevelModel : public SubwordModel {
 public:
  explicit WordLevelModel(const PieceTable& table) : table_(table) {}

  void split(std::string_view chunk, Pieces& pieces) const override {
    if (const auto piece = table_.find(chunk)) pieces.push_back(*piece);
  }

 private:
  const PieceTable& table_;
};

/// The longest piece first, again and again; a chunk that has a part without a piece is unknown.
class WordPieceModel : public SubwordModel {
 public:
  WordPieceModel(JsonValue model, const PieceTable& table)
      : table_(table), prefix_(tokenizer_json::string(model, "continuing_subword_prefix", "##")) {
    const auto most = tokenizer_json::find(model, "max_input_chars_per_word");
    if (!most) return;
    if (!most->is_whole_number()) tokenizer_json::fail_at("max_input_chars_per_word", "a whole number", *most);
    most_ = most->whole_number();
  }

  void split(std::string_view chunk, Pieces& pieces) const override {
    const std::vector<std::size_t> starts = code_point_starts(chunk);
    if (starts.size() - 1 > most_) return;
    const std::size_t before = pieces.size();
    for (std::size_t begin = 0; begin + 1 < starts.size();) {
      const auto found = longest(chunk, starts, begin);
      if (!found) return pieces.resize(before);
      pieces.push_back(found->first);
      begin = found->second;
    }
  }

 private:
  /// A piece, and the code point after it.
  std::optional<std::pair<std::uint32_t, std::size_t>> longest(std::string_view chunk,
                                                               const std::vector<std::size_t>& starts,
                                                               std::size_t begin) const {
    for (std::size_t end = starts.size() - 1; end > begin; --end) {
      const std::string part =
          (begin == 0 ? "" : prefix_) + std::string(chunk.substr(starts[begin], starts[end] - starts[begin]));
      if (const auto piece = table_.find(part)) return std::pair(*piece, end);
    }
    return std::nullopt;
  }

  const PieceTable& table_;
  std::string prefix_;
  std::uint64_t most_ = 100;
};

/// The pieces whose scores, log probabilities, have the largest sum.
class UnigramModel : public SubwordModel {
 public:
  UnigramModel(JsonValue model, PieceTable& table)
      : table_(table), bytes_(table, tokenizer_json::boolean(model, "byte_fallback", false)) {
    const auto entries = tokenizer_json::member(model, "vocab", &JsonValue::is_array, "a list").elements();
    for (std::size_t i = 0; i < entries.size(); ++i) take(entries[i], i, table);
    if (const auto unknown = tokenizer_json::find(model, "unk_id")) {
      if (!unknown->is_whole_number() || unknown->whole_number() >= scores_.size())
        tokenizer_json::fail_at("unk_id", fmt::format("in [0, {})", scores_.size()), *unknown);
      unknown_ = static_cast<std::uint32_t>(unknown->whole_number());
    }
  }

  void split(std::string_view chunk, Pieces& pieces) const override {
    const std::vector<std::size_t> starts = code_point_starts(chunk);
    const std::vector<Step> best = best_steps(chunk, starts);
    std::vector<std::size_t> path;  // where pieces end, from the last one on
    for (std::size_t end = starts.size() - 1; end > 0; end = best[end].begin) path.push_back(end);
    for (auto end = path.rbegin(); end != path.rend(); ++end) {
      const Step& step = best[*end];
      if (step.piece)
        pieces.push_back(*step.piece);
      else
        bytes_.append(chunk.substr(starts[step.begin], starts[*end] - starts[step.begin]), pieces);
    }
  }

 private:
  /// How the best path to a code point ends.
  struct Step {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t begin = 0;
    std::optional<std::uint32_t> piece;  ///< nothing for an unknown character
  };

  void take(JsonValue entry, std::size_t number, PieceTable& table) {
    if (!entry.is_array() || entry.size() != 2 || !entry.at(0).is_string() || !entry.at(1).is_number())
      tokenizer_json::fail_at("vocab", "a list of pieces and scores", entry);
    const std::string spelling = entry.at(0).string();
    const double score = entry.at(1).number();
    if (!std::isfinite(score)) tokenizer_json::fail_at("vocab", "a list of pieces and finite scores", entry);
    table.add(spelling, std::uint64_t{number});
    scores_.push_back(score);
    lowest_ = std::min(lowest_, score);
    longest_ = std::max(longest_, code_point_starts(spelling).size() - 1);
  }

  std::vector<Step> best_steps(std::string_view chunk, const std::vector<std::size_t>& starts) const {
    constexpr double kUnknownBelow = 10;  // the others: how much less likely an unknown character is
    std::vector<Step> best(starts.size());
    best[0].score = 0;
    for (std::size_t begin = 0; begin + 1 < starts.size(); ++begin) {
      bool is_known = false;
      const std::size_t last = std::min(starts.size() - 1, begin + longest_);
      for (std::size_t end = begin + 1; end <= last; ++end) {
        const auto piece = table_.find(chunk.substr(starts[begin], starts[end] - starts[begin]));
        if (!piece || piece == unknown_ || *piece >= scores_.size()) continue;
        is_known = is_known || end == begin + 1;
        improve(best[end], {best[begin].score + scores_[*piece], begin, piece});
      }
      if (!is_known) improve(best[begin + 1], {best[begin].score + lowest_ - kUnknownBelow, begin, std::nullopt});
    }
    return best;
  }

  static void improve(Step& step, const Step& candidate) {
    if (candidate.score > step.score) step = candidate;
  }

  const PieceTable& table_;
  ByteFallback bytes_;
  std::vector<double> scores_;
  double lowest_ = 0;
  std::size_t longest_ = 0;
  std::optional<std::uint32_t> unknown_;
};

/// Characters that are merged in pairs, the pair first that was merged first in training.
class BpeModel : public SubwordModel {
 public:
  BpeModel(JsonValue model, const PieceTable& table)
      : table_(table),
        bytes_(table, tokenizer_json::boolean(model, "byte_fallback", false)),
        whole_first_(tokenizer_json::boolean(model, "ignore_merges", false)),
        prefix_(tokenizer_json::string(model, "continuing_subword_prefix", "")),
        suffix_(tokenizer_json::string(model, "end_of_word_suffix", "")) {
    for (const JsonValue merge : tokenizer_json::member(model, "merges", &JsonValue::is_array, "a list").elements())
      take(merge);
  }

  void split(std::string_view chunk, Pieces& pieces) const override {
    if (whole_first_)
      if (const auto whole = table_.find(chunk)) return pieces.push_back(*whole);
    std::vector<Symbol> symbols = characters(chunk);
    while (merge_best(symbols)) {
    }
    for (const Symbol& symbol : symbols)
      if (symbol.piece) pieces.push_back(*symbol.piece);
  }

 private:
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  struct Hash {
    std::size_t operator()(const Pair& pair) const {
      return std::hash<std::uint64_t>()(std::uint64_t{pair.first} << 32U | pair.second);
    }
  };
  struct Merge {
    std::size_t rank;
    std::uint32_t piece;
  };
  struct Symbol {
    std::optional<std::uint32_t> piece;  ///< nothing for an unknown character
  };

  /// "a b" or ["a", "b"]
  void take(JsonValue merge) {
    std::string first, second;
    if (merge.is_string()) {
      const std::string text = merge.string();
      const std::size_t space = text.find(' ', 1);
      first = text.substr(0, space);
      second = space == std::string::npos ? "" : text.substr(space + 1);
    } else if (merge.is_array() && merge.size() == 2 && merge.at(0).is_string() && merge.at(1).is_string()) {
      first = merge.at(0).string();
      second = merge.at(1).string();
    }
    const bool continues = !prefix_.empty() && second.starts_with(prefix_);
    const auto left = table_.find(first), right = table_.find(second);
    const auto whole = table_.find(first + (continues ? second.substr(prefix_.size()) : second));
    if (!left || !right || !whole) tokenizer_json::fail_at("merges", "a list of two pieces whose merger is one", merge);
    merges_.try_emplace({*left, *right}, Merge{merges_.size(), *whole});
  }

  std::vector<Symbol> characters(std::string_view chunk) const {
    std::vector<Symbol> symbols;
    const std::vector<std::size_t> starts = code_point_starts(chunk);
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      const std::string_view character = chunk.substr(starts[i], starts[i + 1] - starts[i]);
      const std::string spelling =
          (i > 0 ? prefix_ : "") + std::string(character) + (i + 2 == starts.size() ? suffix_ : "");
      const auto piece = table_.find(spelling);
      Pieces bytes;
      if (!piece) bytes_.append(character, bytes);
      if (bytes.empty()) symbols.push_back({piece});
      for (const std::uint32_t byte : bytes) symbols.push_back({byte});
    }
    return symbols;
  }

  /// Whether there was a pair to merge.
  bool merge_best(std::vector<Symbol>& symbols) const {
    const Merge* best = nullptr;
    std::size_t place = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      if (!symbols[i].piece || !symbols[i + 1].piece) continue;
      const auto found = merges_.find({*symbols[i].piece, *symbols[i + 1].piece});
      if (found == merges_.end() || (best != nullptr && found->second.rank >= best->rank)) continue;
      best = &found->second;
      place = i;
    }
    if (best == nullptr) return false;
    symbols[place].piece = best->piece;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    return true;
  }

  const PieceTable& table_;
  ByteFallback bytes_;
  bool whole_first_;
  std::string prefix_;
  std::string suffix_;
  std::unordered_map<Pair, Merge, Hash> merges_;
};

void take_vocabulary(JsonValue model, PieceTable& table) {
  tokenizer_json::member(model, "vocab", &JsonValue::is_object, "an object of pieces and numbers")
      .each_member([&](const std::string& spelling, JsonValue number) { table.add(spelling, number); });
}

}  // namespace

void PieceTable::add(const std::string& spelling, JsonValue number) {
  if (!number.is_whole_number())
    throw DataError(fmt::format("the number of a piece must be in [0, {}); was {}", most_, number.excerpt()));
  add(spelling, number.whole_number());
}

void PieceTable::add(const std::string& spelling, std::uint64_t number) {
  if (number >= most_) throw DataError(fmt::format("the number of a piece must be in [0, {}); was {}", most_, number));
  const auto place = static_cast<std::uint32_t>(number);
  if (place >= spellings_.size()) spellings_.resize(place + 1);
  if (!spellings_[place].empty() && spellings_[place] != spelling)
    throw DataError(fmt::format("two pieces have the number {}", place));
  spellings_[place] = spelling;
  numbers_.emplace(spelling, place);
}

std::optional<std::uint32_t> PieceTable::find(std::string_view spelling) const {
  const auto found = numbers_.find(std::string(spelling));
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::unique_ptr<const SubwordModel> read_subword_model(JsonValue model, PieceTable& table) {
  // Files of old releases of BPE have no type.
  const bool has_merges = tokenizer_json::find(model, "merges").has_value();
  const std::string type = tokenizer_json::string(model, "type", has_merges ? "BPE" : "none");
  if (type == "Unigram") return std::make_unique<UnigramModel>(model, table);
  if (type != "WordPiece" && type != "BPE" && type != "WordLevel")
    throw DataError(
        fmt::format("the tokenizer's model must be WordPiece, Unigram, BPE or WordLevel; was {}", in_quotes(type)));
  take_vocabulary(model, table);
  if (type == "WordPiece") return std::make_unique<WordPieceModel>(model, table);
  if (type == "BPE") return std::make_unique<BpeModel>(model, table);
  return std::make_unique<WordLevelModel>(table);
}

}  // namespace vecterm
