// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzers/base/throttled_progress.h"

namespace vecterm {

/// Internal: titles of collections by item, and which of them tell most; see enrich_corpora(). Each title is held once.
class BoardTitles {
 public:
  /// @throws DataError naming file and line
  void read(const std::string& path, ThrottledProgress& progress);

  bool has(const std::string& item) const { return items_.contains(item); }
  /// At most `most`, the best first. The item counts as met afterwards. REQUIRES: has(item), and all is read
  std::vector<std::string> best(const std::string& item, std::size_t most);

  std::uint64_t lines() const { return lines_; }
  /// Of items that best() was never asked for.
  std::uint64_t unknown_lines() const { return unknown_lines_; }

 private:
  struct Title {
    std::vector<std::string> words;  ///< distinct
    std::uint64_t items = 0;
  };
  using TitleEntry = std::unordered_map<std::string, Title>::value_type;
  struct Item {
    std::unordered_set<TitleEntry*> titles;
    std::unordered_set<std::string> words;
    std::uint64_t lines = 0;
    bool met = false;
  };

  void add(std::string_view line, const std::string& where);
  double prevalence(const Title& title) const;

  std::unordered_map<std::string, Title> titles_;
  std::unordered_map<std::string, std::uint64_t> word_items_;
  std::unordered_map<std::string, Item> items_;
  std::uint64_t lines_ = 0;
  std::uint64_t unknown_lines_ = 0;
};

}  // namespace vecterm
