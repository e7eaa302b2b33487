// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/xapian_tokenizer.h"

#include <fmt/format.h>

#include <string>

#include "analyzers/errors.h"
#include "analyzers/segmenter.h"
#include "plugin/schema.h"

namespace vecterm {

TermList XapianTokenizer::terms(std::span<const std::string_view> fields) const {
  Xapian::Document scratch;
  Xapian::TermGenerator generator;
  generator.set_document(scratch);
  for (const std::string_view field : fields) {
    generator.index_text(segmented(field));
    generator.increase_termpos();
  }
  return raw_terms(scratch);
}

void check_tokenizer(const Dictionary& dictionary) {
  const std::string_view own = XapianTokenizer().name();
  if (dictionary.tokenizer() != own)
    throw DataError(fmt::format("the dictionary's words must be split by the tokenizer \"{}\"; were by \"{}\"", own,
                                dictionary.tokenizer()));
}

TermList raw_terms(const Xapian::Document& document) {
  TermList terms;
  for (auto it = document.termlist_begin(); it != document.termlist_end(); ++it) {
    std::string term = *it;
    if (!schema::is_raw_term(term) || it.get_wdf() == 0) continue;
    terms.push_back({std::move(term), static_cast<std::uint32_t>(it.get_wdf())});
  }
  return terms;
}

}  // namespace vecterm
