// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "analyzers/errors.h"
#include "analyzers/training/updates/common_components.h"
#include "analyzers/training/word_vectors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/cli/train/hash_space_request.h"
#include "index/cli/train/training_display.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict import glove.txt.gz -o words.dict --corpus corpus.jsonl
  vecterm dict import wiki.vec -o words.dict --tables 32 --bits 14
  vecterm dict import GoogleNews-vectors-negative300.bin.gz -o words.dict
  vecterm dict import cc.en.300.bin -o words.dict --corpus corpus.jsonl
  vecterm dict import numberbatch.txt.gz -o words.dict --language de --corpus corpus.jsonl
  vecterm dict import potion-base-8M -o words.dict --corpus corpus.jsonl
  vecterm dict import model.safetensors -o words.dict --words tokenizer.json

The format is recognised by content, gzip too: text of word2vec, GloVe, fastText (.vec) and Numberbatch, binary
word2vec, fastText models (.bin) and safetensors. A folder is a model over a subword tokenizer, with model.safetensors
and tokenizer.json: Model2Vec (potion), StaticEmbedding of sentence-transformers, WordLlama. A word's vector is the sum
of its pieces', and the pieces are kept for words that come later. With more than 256 dimensions, dict convert --dim 256
makes it smaller.

A corpus gives word frequencies and the documents that the hash space is learned from; words that a fastText model
lacks get vectors of their subwords. Without a corpus, frequencies are those of the file where it has them, as fastText
models do, else they follow the order of the file (Numberbatch's is alphabetical: give a corpus), and the hash space is
one that needs no documents, around the weighted mean of the rows.)";

constexpr double kSif = 1e-3;

struct ImportRequest {
  std::string input;
  std::string output;
  std::string format = "auto";
  WordVectorOptions vectors;
  HashSpaceRequest hash_space;
  std::string sif;  ///< empty = by the format
  std::uint32_t common = 0;
  std::string codec = "float32";
};

// What was read and where its weights come from, for people.
std::string describe(const WordVectors& vectors, bool weighted, bool corpus) {
  std::string left_out = vectors.duplicates > 0 ? fmt::format("{} duplicates", vectors.duplicates) : "";
  for (const auto& [what, count] : vectors.left_out)
    left_out += fmt::format("{}{} {}", left_out.empty() ? "" : ", ", count, what);
  const char* weights = !weighted                 ? "all weights are 1"
                        : corpus                  ? "weights by the words of the corpus"
                        : !vectors.counts.empty() ? "weights by the counts of the file"
                                                  : "weights by the order of the file";
  return fmt::format("{}; {}", left_out.empty() ? "" : fmt::format(" ({} left out)", left_out), weights);
}

/// The option, where it is given; models over pieces hold their weights in their rows.
std::optional<double> sif_of(const ImportRequest& request, const WordVectors& vectors) {
  if (request.sif == "none" || (request.sif.empty() && !vectors.pieces.empty())) return std::nullopt;
  return request.sif.empty() ? kSif : parse_number("--sif", request.sif, 1e9);
}

DictionaryContents import_vectors(const ImportRequest& request, const ProgressFunction& progress,
                                  std::string& summary) {
  const XapianTokenizer tokenizer;
  const TrainingData documents = read_documents(request.hash_space, tokenizer, progress);
  const bool corpus = !request.hash_space.corpora.empty();
  WordVectorOptions options = request.vectors;
  options.format = vector_format_from_name(request.format);
  options.words.assign(documents.words().begin(), documents.words().end());
  WordVectors vectors = read_word_vectors(request.input, options);
  const std::optional<double> sif = sif_of(request, vectors);
  summary = describe(vectors, sif.has_value(), corpus);
  if (corpus) vectors.counts = count_words(vectors.words, documents);
  DictionaryContents contents = dictionary_contents(std::move(vectors), sif);
  contents.tokenizer = tokenizer.name();
  contents.codec = codec_from_name(request.codec);
  if (corpus && request.common > 0) {
    const double cosine = remove_common_components(contents, documents, documents.size(), request.common,
                                                   request.hash_space.options.threads);
    summary += fmt::format(
        "; documents had a mean cosine of {:.2f}, without what they have in common it is {:.2f}", cosine,
        remove_common_components(contents, documents, documents.size(), 0, request.hash_space.options.threads));
  }
  contents.hash_space = make_hash_space(request.hash_space, contents, documents, progress);
  return contents;
}

int run_import(ImportRequest request) {
  complete(request.hash_space);
  if (request.common > 0 && request.hash_space.corpora.empty())
    throw InvalidArgument("--common goes by what documents have in common: give them with --corpus");
  std::vector<std::string> inputs = request.hash_space.corpora;
  inputs.insert(inputs.end(), {request.input, request.vectors.word_list});
  check_output_path(request.output, inputs);
  DictionaryContents contents;
  std::string summary;
  {
    ProgressBar bar;
    contents = import_vectors(request, bar.function(), summary);
    write_dictionary(request.output, contents);
  }
  const HashSpace& space = *contents.hash_space;
  message(fmt::format("wrote {} of {} dimensions to {}{}; hash space {}: {}", entries_of(contents).text(),
                      contents.dimensions, request.output, summary, space.id(), space.family()));
  return kOk;
}

}  // namespace

void add_dict_import(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<ImportRequest>();
  CLI::App& verb = add_verb(dict, "import", "Make a dictionary of public word vectors", kFooter);
  add_text(verb, "IN", request->input, "FILE", "vectors, or the folder of a model; - = standard input").required();
  add_text(verb, "-o,--output", request->output, "DICT", "dictionary file to write").required();
  add_choice(verb, "--format", request->format, {"auto", "text", "word2vec", "fasttext", "safetensors"}, "of IN");
  add_text(verb, "--words", request->vectors.word_list, "FILE", "safetensors: words of the rows, or tokenizer.json")
      .default_text("the tokenizer.json beside it");
  add_text(verb, "--tensor", request->vectors.tensor, "NAME", "safetensors: which tensor")
      .default_text("the only one with two dimensions");
  add_text(verb, "--language", request->vectors.language, "CODE", "Numberbatch: of the keys to import");
  add_text(verb, "--sif", request->sif, "N", "a of the word weights a/(a + frequency); none = all weights are 1")
      .default_text(fmt::format("{}, or none for models over pieces", kSif));
  add_number(verb, "--common", request->common,
             "directions that the documents of the corpus have in common and that are taken out");
  add_codec(verb, request->codec);
  add_hash_space_request(verb, request->hash_space);
  set_action(verb, action, [request](Output&) { return run_import(*request); });
}

}  // namespace vecterm::cli
