// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <string_view>

#include "plugin/analyzer_settings.h"

namespace vecterm {

/// Xapian's parser for the words of an index: stemmer, stop words, metadata fields as boolean prefixes, OR by default.
/// Internal.
Xapian::QueryParser stock_parser(const AnalyzerSettings& settings);

/// The same with operators, wildcards and ranges. What Xapian's parser cannot parse it takes again as plain words
/// without saying so; parses() tells. Internal.
class SyntaxParser {
 public:
  explicit SyntaxParser(const AnalyzerSettings& settings);

  /// name:value with this name matches every document: what the words of a query are excluded from where it has no
  /// others.
  static constexpr std::string_view kEverything = "vecterm_everything";

  bool parses(std::string_view text);

  /// REQUIRES: parses(text)
  Xapian::Query stemmed(const std::string& text);
  /// The same with every word as it stands, stop words too. Stems nothing afterwards. REQUIRES: parses(text)
  Xapian::Query unstemmed(const std::string& text);

 private:
  Xapian::QueryParser parser_;
};

}  // namespace vecterm
