// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/config.h"
#include "index/indexer.h"
#include "index/writing/dictionary_fit.h"
#include "index/writing/metadata_update.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm index docs.db --dict words.dict corpus.jsonl
  vecterm index docs.db --dict words.dict corpus.jsonl.gz --config analyzer.toml
  vecterm index docs.db --dict words.dict enriched.jsonl --fields title:2,text,boards,queries

A line is {"_id": ..., "title": ..., "text": ..., "metadata": {...}} with any other texts, each a string or a list of
strings; --fields, which the index remembers, says which of them count and how much. A document whose _id is there
already is replaced. A run that was interrupted goes on where it stopped when it is started again with the same input.
The dictionary is copied into the index, so searching needs no more than DB.)";

struct IndexRequest {
  std::string database;
  std::string dictionary;
  std::vector<std::string> corpora;
  std::string config;
  DocumentFields fields;  ///< empty = as the configuration says, or the index
  WriteOptions options;
};

int run_index(const IndexRequest& request) {
  std::optional<Config> config;
  if (!request.config.empty()) config = read_config(request.config);
  if (!request.fields.empty()) {
    if (!config) config.emplace();
    config->settings.fields = request.fields;
  }
  const auto dictionary = Dictionary::open(request.dictionary);
  WriteReport report;
  {
    ProgressBar bar;
    report = index_corpora(request.database, dictionary, request.corpora,
                           config ? std::optional(config->settings) : std::nullopt, request.options, bar.function());
  }
  if (config && !config->profiles.empty()) store_profiles(request.database, config->profiles);
  message(fmt::format("indexed {} documents, {} with a vector", report.documents, report.vectors));
  for (const std::string& warning : dictionary_fit(request.database, dictionary).warnings())
    message("warning: " + warning);
  if (report.skipped > 0) message(fmt::format("{} were there from an interrupted run", report.skipped));
  return kOk;
}

}  // namespace

void add_index(CLI::App& app, Action& action) {
  const auto request = std::make_shared<IndexRequest>();
  CLI::App& verb = add_verb(app, "index", "Index documents with words, LSH tokens and vectors", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to write; made where there is none").required();
  add_texts(verb, "CORPUS", request->corpora, "FILE", "documents, JSON lines").required();
  add_text(verb, "--dict", request->dictionary, "DICT", "dictionary file").required();
  add_text(verb, "--config", request->config, "TOML", "stemmer, stop words, slot, prefix, metadata fields, ranking");
  add_fields(verb, request->fields).default_text(fields_text(default_fields()) + ", or as TOML");
  add_write_options(verb, request->options);
  set_action(verb, action, [request](Output&) { return run_index(*request); });
}

}  // namespace vecterm::cli
