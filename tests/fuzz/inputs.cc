// SPDX-License-Identifier: GPL-2.0-or-later
// What users give: corpora, pairs, logs, boards, judgements, labels, configurations.
#include <algorithm>

#include "analyzers/training/judge/labelled_texts.h"
#include "index/config.h"
#include "index/enrichment/enrichment.h"
#include "index/evaluation.h"
#include "index/feeding/training_input.h"
#include "index/store/document_data.h"
#include "index/writing/corpus.h"
#include "index/writing/document_builder.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/dictionary.h"
#include "tests/support/index.h"

using namespace vecterm;
using fuzz::Input;
using fuzz::MemoryFile;
using fuzz::require;

namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string input;
  for (const std::string& text : texts) input += input.empty() ? text : Input::kBetween + text;
  return input;
}

AnalyzerSettings corpus_settings() {
  AnalyzerSettings settings;
  settings.fields = {{"title", 2}, {"text"}, {"queries", 3}};
  settings.metadata = {{"section", "XSECTION", 1U, false}, {"size", "XSIZE", 2U, true}};
  return settings;
}

// A line of a corpus, and the document that becomes of it.
void feed_corpus(std::string_view line) {
  static const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pear"}), corpus_settings());
  const CorpusDocument source = parse_corpus_line(line, "corpus", embedder->record().settings.fields);
  require(!source.id.empty());
  DocumentBuilder builder(embedder);
  const Xapian::Document document = builder.build(source, "corpus").document;
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  const Xapian::docid docid = database.add_document(document);
  require(document_id(database.get_document(docid), docid) == source.id);
  document_title(document);
}

std::vector<std::string> corpus_seeds() {
  return {R"({"_id":"d1","title":"Apple","text":"apple pear","metadata":{"section":["a","B"],"size":3.5,"x":{"y":1}},)"
          R"("queries":["river","河岸"]})",
          R"({"_id":17,"title":null,"queries":"one","metadata":{"size":"12","section":true}})"};
}

const fuzz::Registered kCorpus("corpus", feed_corpus, corpus_seeds);

// A corpus, and pairs of each kind.
void feed_pairs(std::string_view bytes) {
  static const XapianTokenizer tokenizer;
  Input input(bytes);
  const MemoryFile corpus(input.text());
  const MemoryFile pairs(input.text());
  const MemoryFile texts(input.text());
  const MemoryFile items(input.text());
  TrainingFiles files;
  files.corpora = {corpus.path()};
  files.pairs = files.validation_pairs = {pairs.path()};
  files.text_pairs = {texts.path()};
  files.item_pairs = {items.path()};
  files.scratch = "/dev/shm";
  files.threads = 1;
  TrainingSummary summary;
  const TrainingData data = read_training_files(files, tokenizer, summary);
  require(summary.documents <= data.size());
}

std::vector<std::string> pairs_seeds() {
  return {joined({"{\"_id\":\"a\",\"text\":\"apple\"}\n{\"_id\":\"b\",\"text\":\"pear\"}\n", "q\ta\nclicks\tq w\tb\n",
                  "t\tquery\tother text\t0.5\n", "a\tb\nt\tb\ta\t2e-1\n"})};
}

const fuzz::Registered kPairs("pairs", feed_pairs, pairs_seeds);

// A corpus, a log and titles of boards.
void feed_enrichment(std::string_view bytes) {
  Input input(bytes);
  const MemoryFile corpus(input.text());
  const MemoryFile log(input.text());
  const MemoryFile boards(input.text());
  EnrichmentOptions options;
  options.logs = {log.path()};
  options.boards = {boards.path()};
  options.top_queries = 2;
  options.top_boards = 2;
  std::string once;
  enrich_corpora({corpus.path()}, options, [&](std::string_view lines) { once += lines; });
  // What was written is read again.
  const MemoryFile next(once);
  enrich_corpora({next.path()}, options, [](std::string_view) {});
}

std::vector<std::string> enrichment_seeds() {
  return {
      joined({"{\"_id\":\"a\",\"text\":\"apple\"}\n"
              "{\"_id\":7,\"queries\":[\"x\"],\"query_scores\":{\"x\":2.5},\"boards\":[\"b\"]}\n",
              "cut video\ta\tclick\t3\nx\t7\tsave\t1.5\n", "a\tMy studio\n7\tSuper 8 film\na\tfilm\n"})};
}

const fuzz::Registered kEnrichment("enrichment", feed_enrichment, enrichment_seeds);

// Queries and judgements.
void feed_judgements(std::string_view bytes) {
  Input input(bytes);
  const MemoryFile queries(input.text());
  const MemoryFile judgements(input.text());
  for (const JudgedQuery& query : read_judged_queries(queries.path(), judgements.path(), 0.5)) {
    evaluate_ranking({"d1", "d2"}, query.judgements, 0.5);
    ideal_gain(query.judgements);
  }
}

std::vector<std::string> judgements_seeds() {
  return {joined({"{\"_id\":\"q1\",\"text\":\"film\"}\n\n{\"_id\":2,\"text\":\"cut\"}\n",
                  "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n2\td2\t2.5\n"})};
}

const fuzz::Registered kJudgements("judgements", feed_judgements, judgements_seeds);

// A byte for the format, labels and texts.
void feed_labels(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t form = input.byte();
  const MemoryFile names(input.text());
  const MemoryFile texts(input.text());
  const LabelSet labels = read_labels(names.path());
  LabelledTextFormat format;
  format.one_label = (form & 1U) != 0;
  if ((form & 2U) != 0) format.split = "test";
  for (const LabelledText& text : read_labelled_texts(texts.path(), labels, format))
    require(!text.labels.empty() && std::ranges::all_of(text.labels, [&](auto n) { return n < labels.size(); }));
}

std::vector<std::string> labels_seeds() {
  const std::string labels = "cooking\tfood and pans\nfilm\tmovies\nfilm\tcinema\n";
  return {joined({'0' + labels, "a pan\tcooking\nboth\tfilm cooking\n"}), joined({'1' + labels, "a pan\tcooking\n"}),
          joined({'2' + labels, "a pan\tcooking\ttest\nb\tfilm\ttrain\n"}),
          joined({'0' + labels, "__label__film __label__cooking a text\n"})};
}

const fuzz::Registered kLabels("labels", feed_labels, labels_seeds);

void feed_config(std::string_view bytes) {
  const MemoryFile file(bytes);
  const Config config = read_config(file.path());
  const auto embedder = test::embedder_of(test::small_dictionary({"apple"}), config.settings);
  require(IndexRecord::from_json(embedder->record().to_json()) == embedder->record());
  require(profiles_from_json(to_json(config.profiles)) == config.profiles);
}

std::vector<std::string> config_seeds() {
  return {
      "stemmer = \"en\"\nstop_words = [\"the\", \"a\"]\nprefix = \"XLSH\"\nslot = 1001\ncodec = \"float16\"\n"
      "fields = [\"title:2\", \"text\"]\n[metadata.section]\nprefix = \"XSECTION\"\nslot = 1\ntype = \"string\"\n"
      "[profiles.recent]\nfirst_phase = \"bm25/saturation + share*cosine\"\nsecond_phase = \"bm25*exp(value(2))\"\n"
      "window = 200\nparameters = {share = 0.25, fresh = 0.1}\n"};
}

const fuzz::Registered kConfig("config", feed_config, config_seeds);

}  // namespace
