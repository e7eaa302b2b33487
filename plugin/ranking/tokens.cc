// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

using Kind = RankingToken::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<RankingToken> tokens() {
    std::vector<RankingToken> read;
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      read.push_back(token());
      at_ += read.back().text.size();
    }
    read.push_back({Kind::kEnd, {}, position()});
    return read;
  }

 private:
  char at(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // Every character has one byte that does not continue another.
  std::size_t position() const {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
    return 1 + static_cast<std::size_t>(std::ranges::count_if(text_.substr(0, at_), begins));
  }

  RankingToken token() const {
    if (is_digit(at(0)) || (at(0) == '.' && is_digit(at(1)))) return number();
    if (is_letter(at(0))) return {Kind::kName, name(), position()};
    return {Kind::kSign, sign(), position()};
  }

  RankingToken number() const {
    double value = 0;
    const std::string_view rest = text_.substr(at_);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    const std::string_view read = rest.substr(0, static_cast<std::size_t>(end - rest.data()));
    if (error == std::errc::result_out_of_range)
      refuse_expression(fmt::format("the number {} at {} is out of the range of a double", read, position()));
    return {Kind::kNumber, read, position(), value};
  }

  std::string_view name() const {
    std::size_t size = 1;
    while (is_letter(at(size)) || is_digit(at(size))) ++size;
    return text_.substr(at_, size);
  }

  std::string_view sign() const {
    const std::string_view two = text_.substr(at_, 2);
    for (const std::string_view known : {"<=", ">=", "==", "!=", "&&", "||"})
      if (two == known) return two;
    if (std::string_view("+-*/^()<>,?:").find(at(0)) != std::string_view::npos) return two.substr(0, 1);
    if (at(0) == '=') refuse_expression(fmt::format("= at {} would assign; == compares", position()));
    if (at(0) == '&' || at(0) == '|')
      refuse_expression(fmt::format("'{0}' at {1} stands alone; did you mean '{0}{0}'?", at(0), position()));
    refuse_expression(fmt::format("{} at {} has no meaning here", printable(), position()));
  }

  std::string printable() const {
    if (at(0) > ' ' && at(0) <= '~') return fmt::format("'{}'", at(0));
    std::size_t end = at_;
    const std::int32_t code_point = next_code_point(text_, end);
    return code_point >= 0 ? fmt::format("the character U+{:04X}", code_point)
                           : fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(at(0)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<RankingToken> ranking_tokens(std::string_view text) { return Reader(text).tokens(); }

void refuse_expression(const std::string& reason) { throw InvalidArgument("expression: " + reason); }

}  // namespace vecterm
