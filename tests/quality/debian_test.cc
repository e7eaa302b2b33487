// SPDX-License-Identifier: GPL-2.0-or-later
// The debian set, text only, with a dictionary trained on its pairs (held-out packages are in none of them).
#include <fmt/format.h>

#include "analyzers/base/line_reader.h"
#include "analyzers/text/segmenter.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "index/feeding/training_input.h"
#include "index/reindex.h"
#include "index/writing/corpus.h"
#include "plugin/document_embedder.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/quality/quality.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

struct Embedded {
  std::vector<std::string> tokens;
  std::string vector;

  bool operator==(const Embedded&) const = default;
};

Embedded embedded(const Xapian::Document& document, const IndexRecord& record) {
  Embedded result;
  auto term = document.termlist_begin();
  for (term.skip_to("XLSH"); term != document.termlist_end() && (*term).starts_with("XLSH"); ++term)
    result.tokens.push_back(*term);
  result.vector = document.get_value(record.slot());
  return result;
}

std::vector<Embedded> all_embedded(const std::string& path) {
  const Xapian::Database database(path);
  const IndexRecord record = *IndexRecord::read(database);
  std::vector<Embedded> all;
  for (Xapian::docid docid = 1; docid <= database.get_lastdocid(); ++docid)
    all.push_back(embedded(database.get_document(docid), record));
  return all;
}

// What Xapian alone builds of the same text. Segmented, because 11 of the descriptions hold Chinese or Japanese words
// or characters that are not NFC: their raw terms would be others, and so would be their vectors.
void build_stock_index(const std::string& corpus, const std::string& path) {
  Xapian::WritableDatabase database(path, Xapian::DB_CREATE);
  Xapian::TermGenerator generator;
  generator.set_stemmer(Xapian::Stem("en"));
  LineReader lines(corpus);
  for (std::string_view line; lines.next(line);) {
    const CorpusDocument parsed = parse_corpus_line(line, lines.where());
    Xapian::Document document;
    generator.set_document(document);
    generator.index_text(segmented(parsed.text));
    database.add_document(document);
  }
  database.commit();
}

std::size_t differences(const std::vector<Embedded>& a, const std::vector<Embedded>& b) {
  REQUIRE(a.size() == b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

}  // namespace

TEST_CASE("debian: mixed search finds related packages that words miss, and known items as well as words do") {
  const auto corpus = test::shared_data("debian/corpus.jsonl.gz");
  if (!corpus) return;
  const auto data = [&](const char* name) { return *test::shared_data(std::string("debian/") + name); };
  const test::TemporaryDirectory directory;
  test::write_text_only(*corpus, directory / "text.jsonl");
  const auto dictionary = test::trained(*corpus, data("pairs.tsv.gz"), {DocumentField{"text"}});
  const std::string index = test::indexed(directory / "db", directory / "text.jsonl", dictionary);

  const auto related = [&](SearchMode mode) {
    return evaluate(index, data("queries.related.jsonl.gz"), data("qrels.related.tsv.gz"), {.mode = mode});
  };
  const Metrics words = related(SearchMode::kWords);
  const Metrics mixed = related(SearchMode::kMixed);
  MESSAGE(fmt::format("related: recall@100 words {:.4f}, mixed {:.4f}", words.recall_100, mixed.recall_100));
  CHECK(words.queries == 1865);
  CHECK(words.recall_100 == doctest::Approx(0.30).epsilon(0.02));
  CHECK(mixed.recall_100 >= words.recall_100 + 0.03);

  const auto known = [&](SearchMode mode) {
    return evaluate(index, data("queries.jsonl.gz"), data("qrels.tsv.gz"), {.mode = mode});
  };
  const Metrics known_words = known(SearchMode::kWords);
  const Metrics known_mixed = known(SearchMode::kMixed);
  MESSAGE(fmt::format("known item: nDCG@10 words {:.4f}, mixed {:.4f}; recall@100 words {:.4f}, mixed {:.4f}",
                      known_words.ndcg_10, known_mixed.ndcg_10, known_words.recall_100, known_mixed.recall_100));
  CHECK(std::fabs(known_words.ndcg_10 - 0.683) < 0.001);
  CHECK(std::fabs(known_words.recall_100 - 0.896) < 0.001);
  CHECK(known_mixed.ndcg_10 >= known_words.ndcg_10 - 0.01);
}

TEST_CASE("debian: one and two threads, and embedding a stock index from its term lists, agree bit for bit") {
  const auto corpus = test::shared_data("debian/corpus.jsonl.gz");
  if (!corpus) return;
  const test::TemporaryDirectory directory;
  test::write_text_only(*corpus, directory / "text.jsonl");
  TrainingSummary summary;
  TrainingFiles files;
  files.corpora = {directory / "text.jsonl"};
  files.pairs = {*test::shared_data("debian/pairs.tsv.gz")};
  const XapianTokenizer tokenizer;
  const TrainingData data = read_training_files(files, tokenizer, summary);
  // How well the words are learned does not matter here, only that all of them have vectors.
  TrainingOptions quick;
  quick.epochs = 1;
  DictionaryContents contents = train(data, quick).dictionary;
  contents.tokenizer = tokenizer.name();
  HashSpaceOptions coarse;
  coarse.cells = {512};
  const std::vector<float> vectors = document_vectors(contents, data, summary.documents);
  contents.hash_space = learn_hash_space(vectors, contents.dimensions, coarse);
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));

  const auto one = all_embedded(test::indexed(directory / "one", directory / "text.jsonl", dictionary, "en", 1));
  const auto two = all_embedded(test::indexed(directory / "two", directory / "text.jsonl", dictionary, "en", 2));
  CHECK(one.size() == 63666);
  CHECK(differences(one, two) == 0);

  build_stock_index(directory / "text.jsonl", directory / "stock");
  embed_index(directory / "stock", dictionary);
  CHECK(differences(one, all_embedded(directory / "stock")) == 0);

  // Re-analysis: an embedder run again over the finished documents.
  const Xapian::Database database(directory / "one");
  const IndexRecord record = *IndexRecord::read(database);
  const DocumentEmbedder embedder(dictionary, record);
  std::size_t changed = 0;
  for (Xapian::docid docid = 1; docid <= database.get_lastdocid(); ++docid) {
    Xapian::Document document = database.get_document(docid);
    embedder.apply(document);
    changed += embedded(document, record) == one[docid - 1] ? 0 : 1;
  }
  CHECK(changed == 0);
}
