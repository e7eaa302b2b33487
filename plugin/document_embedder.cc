// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/document_embedder.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/errors.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {

IndexRecord new_record(const Dictionary& dictionary, AnalyzerSettings settings) {
  check_tokenizer(dictionary);
  settings.check();
  return {dictionary.fingerprint(), dictionary.hash_space().id(), dictionary.dimensions(), 0, std::move(settings)};
}

DocumentEmbedder::DocumentEmbedder(std::shared_ptr<const Dictionary> dictionary, IndexRecord record)
    : embedder_(std::move(dictionary)), record_(std::move(record)) {
  const std::string& fingerprint = embedder_.dictionary().fingerprint();
  if (record_.dictionary != fingerprint)
    throw InvalidArgument(fmt::format("dictionary must be the index's, {}; was {}", record_.dictionary, fingerprint));
  const std::string& space = embedder_.dictionary().hash_space().id();
  if (record_.hash_space != space || record_.dimensions != embedder_.dictionary().dimensions())
    throw DataError(
        fmt::format("index record: damaged: hash space {} of {} dimensions must be the dictionary's, {} of {}",
                    record_.hash_space, record_.dimensions, space, embedder_.dictionary().dimensions()));
}

std::string DocumentEmbedder::term(const Bucket& bucket) const {
  return record_.settings.token_prefix + embedder_.dictionary().hash_space().spell(bucket);
}

bool DocumentEmbedder::apply(Xapian::Document& document) const {
  const std::optional<UnitVector> unit = embedder_.embed(raw_terms(document));
  std::vector<std::string> wanted{record_.marker()};
  if (unit)
    for (const Bucket& bucket : embedder_.dictionary().hash_space().hash(*unit)) wanted.push_back(term(bucket));
  std::sort(wanted.begin(), wanted.end());

  std::vector<std::string> present;
  const std::string tokens = record_.settings.token_prefix + record_.hash_space + "_";
  auto found = document.termlist_begin();
  for (found.skip_to(tokens); found != document.termlist_end() && (*found).starts_with(tokens); ++found)
    present.push_back(*found);
  for (const std::string& old : present)
    if (!std::binary_search(wanted.begin(), wanted.end(), old)) document.remove_term(old);
  for (const std::string& token : wanted) document.add_boolean_term(token);

  // An empty value is none.
  document.add_value(record_.slot(),
                     unit ? encode_value(record_.settings.codec, record_.generation, *unit) : std::string());
  return unit.has_value();
}

}  // namespace vecterm
