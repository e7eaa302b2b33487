// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "document_embedder.h"

namespace vecterm {

struct VECTERM_API SnippetOptions {
  std::size_t length = 200;  ///< most characters (code points) of a snippet, its ellipses among them; at least 3
  /// Least weight * cosine of a semantic match, (0, 1]: the word's weight in the dictionary, the cosine of its vector
  /// and the query's. Lower marks more words: from .45 on about one in ten looks out of place, from .40 to .45 four.
  double min_similarity = 0.45;
  std::size_t most_semantic = 4;  ///< distinct words of a snippet that are marked as semantic matches; 0 = none
};

/// A range of a snippet that matches.
struct VECTERM_API Highlight {
  std::size_t begin = 0;  ///< bytes
  std::size_t end = 0;
  bool semantic = false;  ///< near to the query in meaning; otherwise one of its words, or another form of one

  bool operator==(const Highlight&) const = default;
};

struct VECTERM_API Snippet {
  std::string text;                   ///< valid UTF-8; begins or ends with "…" where the text goes on
  std::vector<Highlight> highlights;  ///< ascending, apart from each other
};

/// The passage of a text that says most about why it was found.
///
/// It is of the text in Unicode NFC, each run of white space made one blank and invalid UTF-8 made U+FFFD. Words are
/// those that an index has of the text, in any script. A word matches where the query's words hold it or its stem (what
/// wildcards stand for is not marked); semantically where it does not, but weight * cosine reaches min_similarity and
/// is one of the passage's largest. The passage is the one with the largest sum of worths, a stem counted once: the
/// weight of a matching word (1 where the dictionary does not know it), weight * cosine of a semantic match.
///
/// Xapian's MSet::snippet cannot stand in for it: it knows the query's terms only, and no vectors.
///
/// @param words  the query's words, as from QueryBuilder; empty = none
/// @param vector  the query's, scaled to norm 1 where it is not; empty = none
/// @throws InvalidArgument for options out of their range, or a vector of another dimension, not finite or zero
VECTERM_API Snippet snippet(const DocumentEmbedder& embedder, std::string_view text, const Xapian::Query& words,
                            std::span<const float> vector, const SnippetOptions& options = {});

/// What stands before and after matches.
struct VECTERM_API HighlightMarks {
  std::string_view word_begin = "**";
  std::string_view word_end = "**";
  std::string_view semantic_begin = "_";
  std::string_view semantic_end = "_";
  bool escape_html = false;  ///< of the text between the marks: & < > " '
};

inline constexpr HighlightMarks kHtmlMarks{"<b>", "</b>", "<i>", "</i>", true};

/// The snippet with marks about its matches.
VECTERM_API std::string highlighted(const Snippet& snippet, const HighlightMarks& marks = {});

/// The words of an indexed document as they follow each other: its raw terms by position, joined by blanks, at most
/// `most`. What an index can show that stores no text; empty where it has no positions either.
VECTERM_API std::string text_of(const Xapian::Document& document, std::size_t most = 1000);

}  // namespace vecterm
