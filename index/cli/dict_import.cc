// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <span>
#include <unordered_map>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/word_vectors.h"
#include "cli.h"
#include "index/training_input.h"
#include "options.h"
#include "plugin/xapian_tokenizer.h"
#include "progress_bar.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict import glove.txt.gz -o words.dict --corpus corpus.jsonl
  vecterm dict import wiki.vec -o words.dict --tables 32 --bits 14

A corpus gives word frequencies and the documents that the hash space is learned from. Without one, frequencies follow
the order of the file and the hash space is hyperplanes around the weighted mean of the rows.)";

struct ImportRequest {
  std::string input;
  std::string output;
  std::vector<std::string> corpora;
  std::vector<std::string> fields{"title", "text"};
  HashSpaceOptions hash_space;
  std::string family;
  double sif = 1e-3;
  std::string codec = "float32";
};

DictionaryContents import_vectors(const ImportRequest& request, const ProgressFunction& progress) {
  const XapianTokenizer tokenizer;
  WordVectors vectors = read_word_vectors(request.input);
  std::vector<TermList> documents;
  if (!request.corpora.empty()) {
    TrainingFiles files;
    files.corpora = request.corpora;
    files.fields = request.fields;
    files.threads = request.hash_space.threads;
    TrainingSummary summary;
    documents = read_training_files(files, tokenizer, summary, progress).items;
    vectors.counts = count_words(vectors.words, documents);
  }
  DictionaryContents contents = dictionary_contents(std::move(vectors), request.sif);
  contents.tokenizer = tokenizer.name();
  contents.codec = codec_from_name(request.codec);
  if (request.corpora.empty()) {
    contents.hash_space = random_hyperplanes(weighted_mean(contents), request.hash_space);
  } else {
    const std::vector<float> units = document_vectors(contents, documents, request.hash_space.threads);
    contents.hash_space = learn_hash_space(units, contents.dimensions, request.hash_space, progress);
  }
  return contents;
}

int run_import(ImportRequest request) {
  if (request.family.empty()) request.family = request.corpora.empty() ? "hyperplane" : "cells";
  if (request.family == "cells" && request.corpora.empty())
    throw InvalidArgument("--family cells is learned from documents: give them with --corpus");
  request.hash_space.family = request.family;
  check_output_path(request.output);
  DictionaryContents contents;
  {
    ProgressBar bar;
    contents = import_vectors(request, bar.function());
    write_dictionary(request.output, contents);
  }
  const HashSpace& space = *contents.hash_space;
  message(fmt::format("wrote {} words of {} dimensions to {}; hash space {}: {}", contents.words.size(),
                      contents.dimensions, request.output, space.id(), space.family()));
  return kOk;
}

}  // namespace

void add_dict_import(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<ImportRequest>();
  CLI::App& verb = *dict.add_subcommand("import", "Make a dictionary of word2vec, GloVe or fastText vectors");
  add_text(verb, "IN", request->input, "FILE", "vectors as text, one word a line")->required();
  add_text(verb, "-o,--output", request->output, "DICT", "dictionary file to write")->required();
  add_texts(verb, "--corpus", request->corpora, "FILE", "documents, JSON lines with _id, title, text");
  add_fields(verb, request->fields);
  add_number(verb, "--sif", request->sif, "a of the word weights a/(a + frequency)");
  add_choice(verb, "--family", request->family, {"cells", "hyperplane"}, "of the LSH tokens")
      ->default_str("cells with a corpus, else hyperplane");
  add_hash_space_options(verb, request->hash_space);
  add_codec(verb, request->codec);
  add_number(verb, "--threads", request->hash_space.threads, "0 = all cores");
  add_number(verb, "--seed", request->hash_space.seed, "of all random choices");
  verb.footer(kFooter);
  verb.callback([request, &action] { action = [request](Output&) { return run_import(*request); }; });
}

}  // namespace vecterm::cli
