// SPDX-License-Identifier: GPL-2.0-or-later
// Learns a small dictionary from what people clicked, indexes documents with words and LSH tokens, and searches them by
// words, by meaning, and by both. A larger program would open a dictionary file (`vecterm train`) and a database on
// disk.
#include <vecterm/analyzers/training/hash_space_learner.h>
#include <vecterm/analyzers/training/trainer.h>
#include <vecterm/vecterm.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

const std::vector<std::string> kDocuments{
    "Plays movies and video clips from disk, DVD or the network",
    "Subtitle editor for movies",
    "Organises songs and albums, and plays music",
    "Edits sound recordings and music",
    "Draws diagrams and flow charts",
    "Spreadsheet with charts and formulas",
};

/// Queries, and the number of the document that was chosen.
const std::vector<std::pair<std::string, std::uint32_t>> kClicks{
    {"watch films", 0},  {"film player", 0},       {"film captions", 1},    {"listen to audio", 2},
    {"audio player", 2}, {"cut audio files", 3},   {"sketch a picture", 4}, {"picture of a process", 4},
    {"budget table", 5}, {"table calculation", 5},
};

std::shared_ptr<const vecterm::Dictionary> learn() {
  const vecterm::XapianTokenizer tokenizer;
  vecterm::TrainingData data;
  for (const std::string& text : kDocuments) data.add(tokenizer.terms(text));
  for (const auto& [query, document] : kClicks) data.add_pair("clicks", {data.add(tokenizer.terms(query)), document});
  vecterm::TrainingOptions options;
  options.dimensions = 16;
  options.epochs = 300;
  options.learning_rate = 0.5;  // ten clicks are very few
  options.min_count = 1;
  vecterm::DictionaryContents contents = vecterm::train(data, options).dictionary;
  contents.tokenizer = tokenizer.name();
  const std::vector<float> units = vecterm::document_vectors(contents, data, kDocuments.size());
  contents.hash_space = vecterm::learn_hash_space(units, contents.dimensions, {});
  return vecterm::Dictionary::parse(vecterm::serialise_dictionary(contents));
}

Xapian::Database index(const std::shared_ptr<const vecterm::DocumentEmbedder>& embedder) {
  Xapian::WritableDatabase database("", Xapian::DB_BACKEND_INMEMORY);
  vecterm::TermGenerator generator(embedder);
  for (const std::string& text : kDocuments) {
    Xapian::Document document;
    document.set_data(text);
    generator.set_document(document);
    generator.index_text(text);
    generator.add_embedding();
    database.add_document(document);
  }
  embedder->record().write(database);
  return database;
}

void search(vecterm::Searcher& searcher, std::string_view text, std::string_view mode) {
  vecterm::SearchRequest request;
  if (mode != "vector") request.words = searcher.builder().words(text);
  if (mode != "words") request.vector = searcher.builder().vector(text);
  request.k = 2;
  std::cout << mode << ": " << text << "\n";
  for (const vecterm::Hit& hit : searcher.search(request)) {
    std::cout << "  " << hit.score << "  " << searcher.database().get_document(hit.docid).get_data() << "\n";
  }
}

// A program that has a Xapian::Enquire of its own adds the meaning in three lines.
void search_with_enquire(const vecterm::Searcher& searcher, std::string_view text) {
  const vecterm::QueryBuilder& builder = searcher.builder();
  const Xapian::Query words = builder.words(text);
  Xapian::Enquire enquire(searcher.database());

  const auto expression = vecterm::RankingExpression::compile("5 * max(0, cosine)");
  vecterm::RankingSource meaning(searcher.database(), builder.shared_embedder(), *builder.vector(text), expression);
  enquire.set_query({Xapian::Query::OP_AND_MAYBE, words, Xapian::Query(&meaning)});

  const Xapian::MSet matches = enquire.get_mset(0, 2);
  std::cout << "enquire: " << text << "\n";
  for (auto match = matches.begin(); match != matches.end(); ++match)
    std::cout << "  " << match.get_weight() << "  " << match.get_document().get_data() << "\n";
}

}  // namespace

int main() try {
  const auto dictionary = learn();
  const auto embedder = std::make_shared<const vecterm::DocumentEmbedder>(dictionary, vecterm::new_record(*dictionary));
  vecterm::Searcher searcher(index(embedder), std::make_shared<const vecterm::QueryBuilder>(embedder));
  for (const std::string_view mode : {"words", "vector", "mixed"}) search(searcher, "film editor", mode);
  search_with_enquire(searcher, "film editor");
} catch (const Xapian::Error& error) {
  std::cerr << error.get_description() << "\n";
  return 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
