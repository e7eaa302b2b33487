// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "index/writing/corpus.h"

namespace vecterm {

/// Internal: a part of a document as a query, and what is left of it as the item to find.
struct OwnPair {
  const char* task;  ///< "title" or "passage"
  std::string query;
  std::string item;
};

/// Internal: the pairs that a document makes of itself, so that words can be learned where nobody has clicked: its title
/// leads to its text, and a passage of 4 to 12 words, cut out at random, to what stands around it, title and text
/// (inverse cloze task; Lee, Chang and Toutanova, "Latent retrieval for weakly supervised open domain question
/// answering", ACL 2019). The query's words are taken out of the item, so that none finds itself. Of a text of fewer than
/// 24 words no passage is cut. Which one is a matter of the document's id.
std::vector<OwnPair> own_pairs(const CorpusDocument& document);

}  // namespace vecterm
