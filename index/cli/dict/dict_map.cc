// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "analyzers/dictionary.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/pictures/dictionary_map.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict map words.dict -o map.svg
  vecterm dict map words.dict -o interests.svg --labels interests.tsv --title "Interests"

What lies close together means much the same; near dots of one colour are a cluster. The words are those that are
frequent and say something; labels have lines "label TAB text that describes it". Where names would cover each other, a
dot shows its name when the mouse is on it.)";

constexpr std::uint32_t kMostWords = 2000;

struct MapRequest {
  std::string dictionary;
  std::string output;
  std::string labels;
  std::uint32_t words = 300;
  MapOptions options;
};

int run_map(const MapRequest& request) {
  check_output_path(request.output, {request.dictionary, request.labels});
  const auto dictionary = Dictionary::open(request.dictionary);
  const bool of_labels = !request.labels.empty();
  if (of_labels) check_tokenizer(*dictionary);
  const XapianTokenizer tokenizer(dictionary->ngrams().bigrams);
  const MapEntries entries =
      of_labels ? map_labels(Embedder(dictionary), tokenizer, read_labels(request.labels), request.options.threads)
                : map_words(*dictionary, request.words);
  MapOptions options = request.options;
  if (options.title.empty())
    options.title = fmt::format("{} {} of {}", entries.names.size(), of_labels ? "labels" : "words",
                                std::filesystem::path(request.dictionary).filename().string());
  write_map(request.output, entries, options);
  message(
      fmt::format("wrote a map of {} {} to {}", entries.names.size(), of_labels ? "labels" : "words", request.output));
  return kOk;
}

}  // namespace

void add_dict_map(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<MapRequest>();
  CLI::App& verb = add_verb(dict, "map", "Draw a map of words or labels, as an SVG picture", kFooter);
  add_text(verb, "DICT", request->dictionary, "FILE", "dictionary file").required();
  add_text(verb, "-o,--output", request->output, "FILE", "picture to write").required();
  const Option words = add_number(verb, "--words", request->words, "how many words", kMostWords);
  add_text(verb, "--labels", request->labels, "FILE", "show labels instead: label, text that describes it")
      .excludes(words);
  add_text(verb, "--title", request->options.title, "TEXT", "instead of the dictionary's name");
  add_threads(verb, request->options.threads, "0 = all cores; the picture is the same for every number");
  set_action(verb, action, [request](Output&) { return run_map(*request); });
}

}  // namespace vecterm::cli
