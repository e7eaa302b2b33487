// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/dictionary_fit.h"

#include <fmt/format.h>
#include <xapian.h>

#include <algorithm>
#include <limits>

#include "analyzers/embedding.h"
#include "index/store/overtaken.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {
namespace {

constexpr Xapian::docid kLooked = 512;
constexpr double kFewKnown = 0.5;
// From here on the default ranking gives the cosine no weight in any number of dimensions that is usual.
constexpr double kAlike = 0.3;

/// Calls visit(document) for some documents, evenly spread over the docids.
template <class Visit>
void visit_some(const Xapian::Database& database, const Visit& visit) {
  const Xapian::docid step = std::max<Xapian::docid>(1, database.get_lastdocid() / kLooked);
  auto document = database.postlist_begin({});
  while (document != database.postlist_end({})) {
    visit(database.get_document(*document));
    if (*document > std::numeric_limits<Xapian::docid>::max() - step) break;
    document.skip_to(*document + step);
  }
}

}  // namespace

std::vector<std::string> DictionaryFit::warnings() const {
  std::vector<std::string> warnings;
  if (documents > 0 && known < kFewKnown)
    warnings.push_back(
        fmt::format("the dictionary knows only {:.0f} % of the documents' running words, so searches by "
                    "meaning miss the others; vecterm train --corpus learns one from these texts",
                    100 * known));
  if (mean_cosine > kAlike)
    warnings.push_back(
        fmt::format("by this dictionary documents are much alike (mean cosine {:.2f}), so the default "
                    "ranking leaves the cosine out; vecterm train --corpus learns a dictionary from these "
                    "texts, and dict import --common 1 takes out what they have in common",
                    mean_cosine));
  return warnings;
}

DictionaryFit dictionary_fit(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary) {
  return reading_from(path, [&](const Xapian::Database& database) {
    const Embedder embedder(dictionary);
    DictionaryFit fit;
    EmbeddingSum sum(dictionary->dimensions());
    double words = 0, known = 0, vectors = 0;
    visit_some(database, [&](const Xapian::Document& document) {
      const TermList terms = raw_terms(document, dictionary->ngrams().bigrams);
      double length = 0;
      for (const TermCount& term : terms) length += embedder.is_word(term.term) ? term.wdf : 0;
      ++fit.documents;
      words += length;
      known += length * embedder.coverage(terms);
      if (const auto unit = embedder.embed(terms)) sum.add(1, *unit), ++vectors;
    });
    double squares = 0;
    for (const double number : sum.values()) squares += number * number;
    if (words > 0) fit.known = known / words;
    if (vectors > 1) fit.mean_cosine = (squares - vectors) / (vectors * (vectors - 1));
    return fit;
  });
}

}  // namespace vecterm
