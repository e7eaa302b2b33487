// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/config.h"
#include "index/indexer.h"
#include "index/reindex.h"
#include "index/writing/metadata_update.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Example:
  vecterm embed docs.db --dict words.dict

The index may have been built by any Xapian program, as long as it keeps term lists; its texts are not needed.
Documents that have their tokens are left alone, so an interrupted run goes on when it is started again.)";

struct EmbedRequest {
  std::string database;
  std::string dictionary;
  std::string config;
  WriteOptions options;
};

int run_embed(const EmbedRequest& request) {
  std::optional<Config> config;
  if (!request.config.empty()) config = read_config(request.config);
  const auto dictionary = Dictionary::open(request.dictionary);
  WriteReport report;
  {
    ProgressBar bar;
    report = embed_index(request.database, dictionary, config ? std::optional(config->settings) : std::nullopt,
                         {.write = request.options, .dictionaries = dictionary_directories()}, bar.function());
  }
  if (config && !config->profiles.empty()) store_profiles(request.database, config->profiles);
  message(fmt::format("embedded {} documents, {} with a vector", report.documents, report.vectors));
  if (report.skipped > 0) message(fmt::format("{} had been embedded before", report.skipped));
  return kOk;
}

}  // namespace

void add_embed(CLI::App& app, Action& action) {
  const auto request = std::make_shared<EmbedRequest>();
  CLI::App& verb = add_verb(app, "embed", "Add LSH tokens and vectors to an existing index", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to extend").required();
  add_text(verb, "--dict", request->dictionary, "DICT", "dictionary file").required();
  add_text(verb, "--config", request->config, "TOML", "what the index was built with: stemmer, prefixes");
  add_write_options(verb, request->options);
  set_action(verb, action, [request](Output&) { return run_embed(*request); });
}

}  // namespace vecterm::cli
