// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/document_embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "analyzers/errors.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {

namespace {

/// @param wanted  tokens and marker
/// @param value   for the slot; an empty one is none
EmbeddingChange change_to(const IndexRecord& record, std::vector<std::string> wanted, std::string value,
                          const Xapian::Document& document) {
  std::ranges::sort(wanted);
  const std::string& prefix = record.settings.token_prefix;
  std::vector<std::string> present = tokens_of(document, prefix);
  std::erase_if(present, [&](const auto& token) { return hash_space_of(token, prefix) != record.hash_space; });
  EmbeddingChange change;
  change.slot = record.slot();
  std::ranges::set_difference(present, wanted, std::back_inserter(change.removed));
  std::ranges::set_difference(wanted, present, std::back_inserter(change.added));
  if (document.get_value(change.slot) != value) change.value = std::move(value);
  return change;
}

}  // namespace

IndexRecord new_record(const Dictionary& dictionary, AnalyzerSettings settings) {
  check_tokenizer(dictionary);
  settings.check();
  return {dictionary.fingerprint(), dictionary.hash_space().id(), dictionary.dimensions(), 0, std::move(settings)};
}

void EmbeddingChange::make(Xapian::Document& document) const {
  for (const std::string& token : removed) document.remove_term(token);
  for (const std::string& token : added) document.add_boolean_term(token);
  if (value) document.add_value(slot, *value);
}

EmbeddingChange removal_of_embedding(const IndexRecord& record, const Xapian::Document& document) {
  return change_to(record, {}, {}, document);
}

DocumentEmbedder::DocumentEmbedder(std::shared_ptr<const Dictionary> dictionary, IndexRecord record)
    : embedder_(std::move(dictionary)), record_(std::move(record)) {
  const std::string& fingerprint = embedder_.dictionary().fingerprint();
  if (record_.dictionary != fingerprint)
    throw InvalidArgument(fmt::format("dictionary must be the index's, {}; was {}", record_.dictionary, fingerprint));
  const std::string& space = embedder_.dictionary().hash_space().id();
  if (record_.hash_space != space || record_.dimensions != embedder_.dictionary().dimensions())
    throw Damaged(
        fmt::format("index record: damaged: hash space {} of {} dimensions must be the dictionary's, {} of {}",
                    record_.hash_space, record_.dimensions, space, embedder_.dictionary().dimensions()));
}

std::string DocumentEmbedder::term(const Bucket& bucket) const {
  return record_.settings.token_prefix + embedder_.dictionary().hash_space().spell(bucket);
}

bool DocumentEmbedder::apply(Xapian::Document& document) const {
  remove_others(document);
  const EmbeddingChange wanted = change(document);
  wanted.make(document);
  return wanted.has_vector;
}

EmbeddingChange DocumentEmbedder::change(const Xapian::Document& document) const {
  const std::optional<UnitVector> unit = embedder_.embed(raw_terms(document, embedder_.dictionary().ngrams().bigrams));
  std::vector<std::string> wanted{record_.marker()};
  if (unit)
    for (const Bucket& bucket : embedder_.dictionary().hash_space().hash(*unit)) wanted.push_back(term(bucket));
  std::string value = unit ? encode_value(record_.settings.codec, record_.generation, *unit) : std::string();
  EmbeddingChange change = change_to(record_, std::move(wanted), std::move(value), document);
  change.has_vector = unit.has_value();
  return change;
}

void DocumentEmbedder::remove_others(Xapian::Document& document) const {
  const std::string& prefix = record_.settings.token_prefix;
  std::vector<std::string> others = tokens_of(document, prefix);
  std::erase_if(others, [&](const auto& token) { return hash_space_of(token, prefix) == record_.hash_space; });
  if (others.empty()) return;
  for (const std::string& other : others) document.remove_term(other);
  document.add_value(record_.other_slot(), {});
}

void DocumentEmbedder::check_is_current(const Xapian::Database& database) const {
  const auto current = IndexRecord::read(database);
  if (current && *current == record_) return;
  throw Conflict(fmt::format(
      "the dictionary must be the index's current one, {}, of generation {}; was {}, of generation {}: open that, and "
      "make the embedder anew",
      current ? current->dictionary : "none", current ? current->generation : 0, record_.dictionary,
      record_.generation));
}

}  // namespace vecterm
