// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <limits>
#include <memory>
#include <optional>

#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/updates/conversion.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/cli/train/hash_space_request.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict convert words.dict -o small.dict --dim 64 --corpus corpus.jsonl
  vecterm dict convert words.dict -o small.dict --codec int8

With --dim the vectors keep their first N dimensions; that costs least where the dictionary was trained for it, by
'vecterm train --nested N'. A hash space is then learned anew, from the corpus, or one is made that needs no documents.
Without --dim it stays, so that an index can follow by 'vecterm reindex'. With a corpus it is told how many of the
documents' ten nearest documents stay the same.)";

struct ConvertRequest {
  std::string input;
  std::string output;
  std::optional<std::uint32_t> dimensions;
  std::string codec;
  HashSpaceRequest hash_space;
};

constexpr std::size_t kNearest = 10;

/// The share of the documents' nearest neighbours that stays, where there are enough documents.
std::optional<double> kept(const DictionaryContents& before, const DictionaryContents& after,
                           const TrainingData& documents, unsigned threads) {
  const std::vector<float> old_rows = document_vectors(before, documents, documents.size(), threads);
  const std::vector<float> new_rows = document_vectors(after, documents, documents.size(), threads);
  const UnitRows old_units{old_rows, before.dimensions};
  const UnitRows new_units{new_rows, after.dimensions};
  if (old_units.size() != new_units.size() || old_units.size() <= kNearest) return std::nullopt;
  return kept_neighbors(old_units, new_units, kNearest, 1000, threads);
}

void check(const ConvertRequest& request, const Dictionary& dictionary) {
  const HashSpaceOptions standard;
  if (request.dimensions.value_or(dictionary.dimensions()) == dictionary.dimensions() &&
      request.hash_space.options != standard)
    throw InvalidArgument("the hash space stays where no dimension is left out: its options need a smaller --dim");
}

int run_convert(ConvertRequest request) {
  check_output_path(request.output, request.hash_space.corpora);
  const auto dictionary = Dictionary::open(request.input);
  check(request, *dictionary);
  complete(request.hash_space);
  const VectorCodec codec = request.codec.empty() ? dictionary->codec() : codec_from_name(request.codec);
  DictionaryContents contents = converted(*dictionary, request.dimensions.value_or(dictionary->dimensions()), codec);
  std::optional<double> kept_share;
  {
    ProgressBar bar;
    const XapianTokenizer tokenizer(dictionary->ngrams().bigrams);
    const TrainingData documents = read_documents(request.hash_space, tokenizer, bar.function());
    if (!contents.hash_space)
      contents.hash_space = make_hash_space(request.hash_space, contents, documents, bar.function());
    write_dictionary(request.output, contents);
    if (documents.size() > 0)
      kept_share = kept(dictionary->contents(), Dictionary::open(request.output)->contents(), documents,
                        request.hash_space.options.threads);
  }
  message(fmt::format("wrote {} entries of {} dimensions, {}, to {}; hash space {}: {}", contents.words.size(),
                      contents.dimensions, codec_name(codec), request.output, contents.hash_space->id(),
                      contents.hash_space->family()));
  if (kept_share)
    message(fmt::format("{:.1f} % of the documents' {} nearest documents stay the same", 100 * *kept_share, kNearest));
  return kOk;
}

}  // namespace

void add_dict_convert(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<ConvertRequest>();
  CLI::App& verb = add_verb(dict, "convert", "Write a dictionary with fewer dimensions or in another codec", kFooter);
  add_text(verb, "DICT", request->input, "FILE", "dictionary file").required();
  add_text(verb, "-o,--output", request->output, "DICT", "dictionary file to write").required();
  const auto dimensions = [request](const std::vector<std::string>& values) {
    request->dimensions = parse_number("--dim", values.back(), std::numeric_limits<std::uint32_t>::max());
  };
  add_option(verb, "--dim", dimensions, "N", "dimensions to keep").default_text("all");
  add_codec(verb, request->codec).default_text("that of DICT");
  add_hash_space_request(verb, request->hash_space);
  set_action(verb, action, [request](Output&) { return run_convert(*request); });
}

}  // namespace vecterm::cli
