// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/xapian_tokenizer.h"

#include <fmt/format.h>

#include <string>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/text/segmenter.h"
#include "plugin/schema.h"

namespace vecterm {

TermList XapianTokenizer::terms(std::span<const TextField> fields) const {
  Xapian::Document scratch;
  Xapian::TermGenerator generator;
  generator.set_document(scratch);
  for (const TextField& field : fields) {
    generator.index_text(segmented(field.text), field.weight);
    generator.increase_termpos();
  }
  return raw_terms(scratch, bigrams_);
}

void check_tokenizer(const Dictionary& dictionary) {
  const std::string_view own = XapianTokenizer().name();
  if (dictionary.tokenizer() != own)
    throw WrongDictionary(fmt::format("the dictionary's words must be split by the tokenizer \"{}\"; were by {}", own,
                                      in_quotes(dictionary.tokenizer())));
}

TermList raw_terms(const Xapian::Document& document, bool bigrams) {
  TermList terms;
  std::vector<PlacedTerm> places;
  for (auto it = document.termlist_begin(); it != document.termlist_end(); ++it) {
    std::string term = *it;
    if (!schema::is_raw_term(term) || it.get_wdf() == 0) continue;
    if (bigrams)
      for (auto place = it.positionlist_begin(); place != it.positionlist_end(); ++place)
        places.push_back({*place, static_cast<std::uint32_t>(terms.size())});
    terms.push_back({std::move(term), static_cast<std::uint32_t>(it.get_wdf())});
  }
  return bigrams ? with_bigrams(terms, std::move(places)) : terms;
}

}  // namespace vecterm
