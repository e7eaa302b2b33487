// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/quality/quality.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analyzers/base/line_reader.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "index/feeding/training_input.h"
#include "index/writing/corpus.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/dictionary.h"

namespace vecterm::test {
namespace {

std::set<std::string> lines_of(const std::string& path) {
  std::set<std::string> result;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) result.emplace(line);
  return result;
}

void filter_corpus(const std::string& from, const std::string& to, const std::set<std::string>& documents) {
  LineReader lines(from);
  std::ofstream out(to);
  for (std::string_view line; lines.next(line);)
    if (documents.contains(nlohmann::json::parse(line).at("_id").get<std::string>())) out << line << '\n';
}

// Keeps the judgements of some documents, of queries that have at least `least` of them.
void filter_judgements(const std::string& from, const std::string& to, const std::set<std::string>& documents,
                       std::size_t least) {
  std::map<std::string, std::vector<Judgement>> by_query;
  for (const Judgement& judgement : read_judgements(from))
    if (documents.contains(judgement.document)) by_query[judgement.query].push_back(judgement);
  std::ofstream out(to);
  for (const auto& [query, judgements] : by_query)
    if (judgements.size() >= least)
      for (const Judgement& judgement : judgements)
        out << judgement.query << '\t' << judgement.document << '\t' << judgement.score << '\n';
}

}  // namespace

DictionaryContents learned(const std::string& corpus, const std::string& pairs, const DocumentFields& fields,
                           unsigned threads) {
  TrainingFiles files;
  files.corpora = {corpus};
  files.pairs = {pairs};
  files.fields = fields;
  files.threads = threads;
  TrainingSummary summary;
  const XapianTokenizer tokenizer;
  const TrainingData data = read_training_files(files, tokenizer, summary);
  TrainingOptions options;
  options.threads = threads;
  DictionaryContents contents = train(data, options).dictionary;
  contents.tokenizer = tokenizer.name();
  const std::vector<float> vectors = document_vectors(contents, data, summary.documents, threads);
  HashSpaceOptions space;
  space.threads = threads;
  contents.hash_space = learn_hash_space(vectors, contents.dimensions, space);
  return contents;
}

std::shared_ptr<const Dictionary> trained(const std::string& corpus, const std::string& pairs,
                                          const DocumentFields& fields) {
  return Dictionary::parse(serialise_dictionary(learned(corpus, pairs, fields)));
}

std::shared_ptr<const Dictionary> wordless() { return small_dictionary({}); }

void write_text_only(const std::string& corpus, const std::string& path) {
  LineReader lines(corpus);
  std::ofstream out(path);
  for (std::string_view line; lines.next(line);) {
    const auto document = nlohmann::json::parse(line);
    out << nlohmann::json{{"_id", document.at("_id")}, {"text", document.at("text")}}.dump() << '\n';
  }
}

SetFiles write_held_out(const std::string& goodbooks, const std::string& directory) {
  const SetFiles files{directory + "/corpus", goodbooks + "/queries.jsonl.gz", directory + "/qrels"};
  std::filesystem::create_directories(directory);
  const std::set<std::string> held_out = lines_of(goodbooks + "/heldout_docs.txt.gz");
  filter_corpus(goodbooks + "/corpus.jsonl.gz", files.corpus, held_out);
  filter_judgements(goodbooks + "/qrels.tsv.gz", files.judgements, held_out, 3);
  return files;
}

std::string indexed(const std::string& path, const std::string& corpus, std::shared_ptr<const Dictionary> dictionary,
                    const std::string& stemmer, unsigned threads) {
  AnalyzerSettings settings;
  settings.stemmer = stemmer;
  WriteOptions options;
  options.threads = threads;
  index_corpora(path, std::move(dictionary), {corpus}, settings, options);
  return path;
}

}  // namespace vecterm::test
