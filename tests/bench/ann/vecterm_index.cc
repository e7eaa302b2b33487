// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/vecterm_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "index/index.h"
#include "index/store/database_directory.h"
#include "index/store/vector_table.h"
#include "plugin/term_generator.h"
#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kBatch = 1000;

std::shared_ptr<const DocumentEmbedder> embedder(const DictionaryContents& contents) {
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  return std::make_shared<DocumentEmbedder>(dictionary, new_record(*dictionary));
}

void add_filters(Xapian::Document& document, std::size_t number) {
  for (const Filter& filter : kFilters)
    if (filter.share < 1 && filter.passes(number)) document.add_boolean_term(filter.term);
}

Xapian::Document analysed(TermGenerator& generator, const std::string& text, std::size_t number, bool tokens) {
  Xapian::Document document;
  generator.set_document(document);
  generator.index_text(text);
  if (tokens) generator.add_embedding();
  document.add_boolean_term(schema::id_term(std::to_string(number)));
  add_filters(document, number);
  return document;
}

// Calls after(document) outside of the time that is counted.
template <class After>
double index_seconds(Xapian::WritableDatabase& database, const Documents& documents,
                     const std::shared_ptr<const DocumentEmbedder>& embedder, bool tokens, const After& after) {
  TermGenerator generator(embedder);
  double sum = 0;
  for (std::size_t begin = 0; begin < documents.size; begin += kBatch) {
    std::vector<std::string> texts;
    for (std::size_t i = begin; i < std::min(begin + kBatch, documents.size); ++i) texts.push_back(documents.text(i));
    std::vector<Xapian::Document> indexed;
    sum += cpu_seconds([&] {
      for (std::size_t i = 0; i < texts.size(); ++i) {
        indexed.push_back(analysed(generator, texts[i], begin + i, tokens));
        database.add_document(indexed.back());
      }
    });
    for (const Xapian::Document& document : indexed) after(document);
  }
  return sum + cpu_seconds([&] {
           embedder->record().write(database);
           database.commit();
         });
}

// What indexing writes beside the database.
void add_files(const std::string& path, const DictionaryContents& contents) {
  const auto with = embedder(contents);
  write_dictionary(dictionary_path(path, with->record().dictionary), contents);
  VectorTable::read(Xapian::Database(path), *with)->publish(path, with->record().hash_space);
}

}  // namespace

Costs build_words(const std::string& path, const Documents& documents, const DictionaryContents& contents,
                  Collection& collection) {
  const auto words = embedder(contents);
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE_OR_OPEN);
  Costs costs;
  costs.build_s = index_seconds(database, documents, words, false, [&](const Xapian::Document& document) {
    const auto unit = words->embedder().embed(raw_terms(document));
    const auto row = unit ? stored(*unit) : std::vector<float>(contents.dimensions);
    collection.rows.insert(collection.rows.end(), row.begin(), row.end());
  });
  costs.disk_bytes = disk_bytes(path);
  return costs;
}

Costs build_mixed(const std::string& path, const Documents& documents, const DictionaryContents& contents) {
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE_OR_OPEN);
  Costs costs;
  costs.build_s = index_seconds(database, documents, embedder(contents), true, [](const Xapian::Document&) {});
  add_files(path, contents);
  costs.disk_bytes = disk_bytes(path);
  return costs;
}

Costs build_tokens(const std::string& path, const Collection& collection, const DictionaryContents& contents) {
  const auto with = embedder(contents);
  const IndexRecord& record = with->record();
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE_OR_OPEN);
  Costs costs;
  costs.build_s = cpu_seconds([&] {
    for (std::size_t i = 0; i < collection.size(); ++i) {
      Xapian::Document document;
      document.add_boolean_term(record.marker());
      for (const Bucket& bucket : contents.hash_space->hash(collection.row(i)))
        document.add_boolean_term(with->term(bucket));
      document.add_value(record.slot(), encode_value(record.settings.codec, record.generation, collection.row(i)));
      add_filters(document, i);
      database.add_document(document);
    }
    record.write(database);
    database.commit();
  });
  add_files(path, contents);
  costs.disk_bytes = disk_bytes(path);
  return costs;
}

double hashing_seconds(const HashSpace& space, const Collection& collection) {
  std::size_t bytes = 0;
  const double seconds = cpu_seconds([&] {
    for (std::size_t i = 0; i < collection.size(); ++i)
      for (const Bucket& bucket : space.hash(collection.row(i))) bytes += space.spell(bucket).size();
  });
  return bytes > 0 ? seconds : 0;
}

}  // namespace vecterm::bench
