// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/dictionary.h"
#include "analyzers/training/formats/word2vec.h"
#include "index/cli/cli.h"
#include "index/cli/dictionary_rows.h"
#include "index/cli/options.h"

namespace vecterm::cli {

namespace {

constexpr const char* kInfoFooter = R"(Examples:
  vecterm dict info words.dict
  vecterm dict info words.dict --json)";

constexpr const char* kExportFooter = R"(Examples:
  vecterm dict export words.dict -o words.vec
  vecterm dict export words.dict -o words.vec --raw

Each row is written times its word's weight, so that plain sums of rows give the direction of our vectors. N-grams are
left out; the rows of words hold those of their trigrams.)";

struct InfoRequest {
  std::string dictionary;
  bool json = false;
};

struct ExportRequest {
  std::string dictionary;
  std::string output;
  bool raw = false;
};

void print_json(const Dictionary& dictionary, Output& out) {
  const HashSpace& space = dictionary.hash_space();
  const NGramCounts entries = dictionary.entries();
  out.json(Json{{"fingerprint", dictionary.fingerprint()},
                {"words", entries.words},
                {"bigrams", entries.bigrams},
                {"trigrams", entries.trigrams},
                {"pieces", entries.pieces},
                {"learned_queries", dictionary.learned_queries().size},
                {"learned_items", dictionary.learned_items().size},
                {"components", dictionary.components()},
                {"dimensions", dictionary.dimensions()},
                {"codec", codec_name(dictionary.codec())},
                {"tokenizer", dictionary.tokenizer()},
                {"bytes", dictionary.bytes().size()},
                {"hash_space", Json{{"id", space.id()},
                                    {"fingerprint", space.fingerprint()},
                                    {"family", space.family()},
                                    {"tables", space.tables()},
                                    {"bits", space.bits()},
                                    {"rows", space.rows()},
                                    {"assignments", space.assignments()},
                                    {"default_probes", space.default_limits().most}}},
                // The dictionary wrote this itself, but a hand-made file may hold anything.
                {"provenance", Json::parsed(dictionary.provenance())}});
}

void print_table(const Dictionary& dictionary, Output& out) {
  const HashSpace& space = dictionary.hash_space();
  Rows rows{{"fingerprint", dictionary.fingerprint()}};
  append_entries(dictionary, "", rows);
  const Rows others{{"dimensions", fmt::format("{}", dictionary.dimensions())},
                    {"codec", std::string(codec_name(dictionary.codec()))},
                    {"tokenizer", std::string(dictionary.tokenizer())},
                    {"bytes", fmt::format("{}", dictionary.bytes().size())},
                    {"hash space", space.id()},
                    {"  family", std::string(space.family())},
                    {"  tables", fmt::format("{}", space.tables())},
                    {"  bits", fmt::format("{}", space.bits())},
                    {fmt::format("  {}", space.row_name()), fmt::format("{}", space.rows())},
                    {"  default probes", fmt::format("{}", space.default_limits().most)},
                    {"provenance", std::string(dictionary.provenance())}};
  rows.insert(rows.end(), others.begin(), others.end());
  out.table(rows);
}

void add_info(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<InfoRequest>();
  CLI::App& verb = add_verb(dict, "info", "Show what a dictionary holds", kInfoFooter);
  add_text(verb, "DICT", request->dictionary, "FILE", "dictionary file").required();
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) {
    const auto dictionary = Dictionary::open(request->dictionary);
    request->json ? print_json(*dictionary, out) : print_table(*dictionary, out);
    return kOk;
  });
}

void add_export(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<ExportRequest>();
  CLI::App& verb = add_verb(dict, "export", "Write the vectors as word2vec text", kExportFooter);
  add_text(verb, "DICT", request->dictionary, "FILE", "dictionary file").required();
  add_text(verb, "-o,--output", request->output, "FILE", "file to write").required();
  add_flag(verb, "--raw", request->raw, "the bare rows, without weights");
  set_action(verb, action, [request](Output&) {
    check_output_path(request->output, {request->dictionary});
    const auto dictionary = Dictionary::open(request->dictionary);
    write_word2vec(request->output, *dictionary, request->raw);
    const NGramCounts entries = dictionary->entries();
    message(fmt::format("wrote {} words to {}", entries.words, request->output));
    if (dictionary->ngrams().any())
      message(fmt::format("left out: {}, for which the format has no place", entries.text_without_words()));
    return kOk;
  });
}

}  // namespace

void add_dict(CLI::App& app, Action& action) {
  CLI::App& dict = add_verb(app, "dict", "Look into dictionaries, compare and draw them, import and export vectors",
                            "Example:\n  vecterm dict info words.dict");
  require_verb(dict);
  add_info(dict, action);
  add_dict_neighbors(dict, action);
  add_dict_map(dict, action);
  add_dict_diff(dict, action);
  add_dict_align(dict, action);
  add_dict_convert(dict, action);
  add_dict_import(dict, action);
  add_export(dict, action);
}

}  // namespace vecterm::cli
