// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/batch_writer.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "index/store/database_directory.h"
#include "index/store/generation_record.h"
#include "index/store/index_files.h"
#include "index/store/write_transaction.h"
#include "plugin/schema.h"

namespace vecterm {

BatchWriter::BatchWriter(std::string path, std::shared_ptr<const Dictionary> dictionary,
                         const std::optional<AnalyzerSettings>& settings, const WriteOptions& options, bool create)
    : path_(std::move(path)), dictionary_(std::move(dictionary)), options_(options) {
  if (dictionary_ == nullptr) throw InvalidArgument("a dictionary is missing");
  options_.check();
  if (settings) settings->check();
  if (database_state(path_) != DatabaseState::kThere && !create) require_database(path_);
  check_free_space(path_, options_.min_free_bytes);
  database_ = open_for_writing(path_, options_.lock_seconds);
  embedder_ = std::make_shared<DocumentEmbedder>(dictionary_, choose_record(settings));
}

BatchWriter::~BatchWriter() {
  if (open_) give_up(database_);
}

IndexRecord BatchWriter::choose_record(const std::optional<AnalyzerSettings>& settings) {
  if (const auto record = IndexRecord::read(database_)) {
    check_same_dictionary(*record);
    if (settings && *settings != record->settings)
      throw InvalidArgument(fmt::format("settings must be those that the index at {} was made with, {}; were {}", path_,
                                        record->to_json(), new_record(*dictionary_, *settings).to_json()));
    recorded_ = true;
    return *record;
  }
  const IndexRecord record = new_record(*dictionary_, settings.value_or(AnalyzerSettings()));
  check_unused(record);
  return record;
}

void BatchWriter::check_same_dictionary(const IndexRecord& record) const {
  if (record.dictionary == dictionary_->fingerprint()) return;
  throw WrongDictionary(
      fmt::format("the index at {} has dictionary {}, not {}: write with the index's own ({}), or change it with "
                  "vecterm reindex first",
                  path_, record.dictionary, dictionary_->fingerprint(), dictionary_path(path_, record.dictionary)));
}

// Another program's values must not be overwritten, nor its terms be taken for tokens.
void BatchWriter::check_unused(const IndexRecord& record) const {
  const AnalyzerSettings& settings = record.settings;
  for (const Xapian::valueno slot : {settings.slot, settings.slot + 1})
    if (const Xapian::doccount used = database_.get_value_freq(slot))
      throw DataError(
          fmt::format("value slot {} of the database at {} holds values of another program ({} documents); "
                      "choose another `slot` in the configuration",
                      slot, path_, used));
  if (const auto term = database_.allterms_begin(settings.token_prefix);
      term != database_.allterms_end(settings.token_prefix))
    throw DataError(
        fmt::format("the database at {} has terms of another program with the prefix {} ({}); choose "
                    "another `prefix` in the configuration",
                    path_, settings.token_prefix, *term));
}

void BatchWriter::begin() {
  if (open_) return;
  check_free_space(path_, options_.min_free_bytes);
  database_.begin_transaction();
  open_ = true;
}

void BatchWriter::replace(const std::string& unique_term, const Xapian::Document& document) {
  begin();
  writing_to(path_, [&] { database_.replace_document(unique_term, document); });
  ++pending_;
}

void BatchWriter::replace(Xapian::docid docid, const Xapian::Document& document) {
  begin();
  writing_to(path_, [&] { database_.replace_document(docid, document); });
  ++pending_;
}

void BatchWriter::commit(const std::string& cursor) {
  begin();
  check_free_space(path_, options_.min_free_bytes);
  if (!installed_) install_dictionary(path_, *dictionary_);
  installed_ = true;
  writing_to(path_, [&] {
    if (!recorded_) {
      embedder_->record().write(database_);
      Generations{.since = seconds_now(), .other = {}}.write(database_);
    }
    database_.set_metadata(std::string(schema::kCursorKey), cursor);
    database_.commit_transaction();
    open_ = false;
  });
  recorded_ = true;
  pending_ = 0;
}

}  // namespace vecterm
