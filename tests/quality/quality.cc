// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/quality/quality.h"

#include <nlohmann/json.hpp>

#include "analyzers/line_reader.h"
#include "index/training_input.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support_dictionary.h"

namespace vecterm::test {

std::shared_ptr<const Dictionary> trained(const std::string& corpus, const std::string& pairs,
                                          const std::vector<std::string>& fields) {
  TrainingFiles files;
  files.corpora = {corpus};
  files.pairs = {pairs};
  files.fields = fields;
  TrainingSummary summary;
  const XapianTokenizer tokenizer;
  const TrainingData data = read_training_files(files, tokenizer, summary);
  DictionaryContents contents = train(data, {}).dictionary;
  contents.tokenizer = tokenizer.name();
  const std::vector<float> vectors = document_vectors(contents, data, summary.documents);
  contents.hash_space = learn_hash_space(vectors, contents.dimensions, {});
  return Dictionary::parse(serialise_dictionary(contents));
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

std::string indexed(const TemporaryDirectory& directory, const std::string& name, const std::string& corpus,
                    std::shared_ptr<const Dictionary> dictionary, const std::string& stemmer, unsigned threads) {
  AnalyzerSettings settings;
  settings.stemmer = stemmer;
  WriteOptions options;
  options.threads = threads;
  index_corpora(directory / name, std::move(dictionary), {corpus}, settings, options);
  return directory / name;
}

}  // namespace vecterm::test
