// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/indexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/errors.h"
#include "index/store/index_files.h"
#include "index/store/vector_table.h"
#include "index/store/write_transaction.h"
#include "index/writing/batch_writer.h"
#include "index/writing/corpus.h"
#include "index/writing/corpus_pipeline.h"
#include "index/writing/corpus_stream.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

class Speedometer {
 public:
  std::string details(std::uint64_t documents) const {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    return fmt::format("{} documents, {:.0f}/s", documents, static_cast<double>(documents) / elapsed.count());
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One run of index_corpora, from the first document that is not there yet.
class IndexRun {
 public:
  IndexRun(BatchWriter& writer, bool resumable, const ProgressFunction& progress, WriteReport& report)
      : writer_(writer), resumable_(resumable), progress_(progress), report_(report) {}

  void write(CorpusPipeline& pipeline) {
    while (auto chunk = pipeline.next()) {
      for (const AnalysedLine& line : chunk->lines) {
        if (line.failure) stop(line.failure);
        add(line);
      }
      progress_([&] { return Progress{"indexing", chunk->progress, speed_.details(report_.documents)}; });
    }
    writer_.commit({});
  }

 private:
  void add(const AnalysedLine& line) {
    if (line.document) {
      if (writer_.full()) writer_.commit(cursor());
      writer_.replace(line.id_term, *line.document);
      ++report_.documents;
      report_.vectors += line.has_vector ? 1 : 0;
    }
    last_ = line.cursor;
  }

  [[noreturn]] void stop(const std::exception_ptr& failure) {
    if (writer_.pending() > 0) writer_.commit(cursor());
    std::rethrow_exception(failure);
  }

  std::string cursor() const { return resumable_ ? last_.to_json() : std::string(); }

  BatchWriter& writer_;
  bool resumable_;
  ThrottledProgress progress_;
  WriteReport& report_;
  Speedometer speed_;
  Cursor last_;
};

// A file that is no corpus at all should not leave an empty database behind.
void check_first_line(const std::string& path) {
  if (!is_rereadable(path)) return;
  LineReader lines(path);
  std::string_view line;
  while (lines.next(line) && line.empty()) continue;
  if (!line.empty()) parse_corpus_line(line, lines.where());
}

std::uint64_t delete_from(Xapian::WritableDatabase& database, const std::vector<std::string>& ids) {
  std::uint64_t deleted = 0;
  for (const std::string& id : ids) {
    const std::string term = schema::id_term(id);
    if (id.empty() || term.size() > schema::kMaxTermBytes) continue;
    const Xapian::doccount there = database.get_termfreq(term);
    if (there > 0) database.delete_document(term);
    deleted += there;
  }
  return deleted;
}

// What writes the sidecar; nothing where there is none, or no dictionary that it could be made with.
std::optional<DocumentEmbedder> embedder_of_sidecar(const std::string& path, const Xapian::Database& database) try {
  const auto record = IndexRecord::read(database);
  if (!record) return std::nullopt;
  const DocumentEmbedder embedder(find_dictionary(path, record->dictionary, {}), *record);
  if (!VectorTable::open(path, database, embedder)) return std::nullopt;
  return embedder;
} catch (const Error&) {  // deleting needs none
  return std::nullopt;
}

}  // namespace

WriteReport index_corpora(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                          const std::vector<std::string>& corpora, const std::optional<AnalyzerSettings>& settings,
                          const WriteOptions& options, const ProgressFunction& progress) {
  CorpusStream stream(corpora);
  check_first_line(corpora.front());
  BatchWriter writer(path, std::move(dictionary), settings, options, true);
  WriteReport report;
  const bool resumable = std::ranges::all_of(corpora, is_rereadable);
  const std::string cursor = writer.database().get_metadata(std::string(schema::kCursorKey));
  if (resumable && !cursor.empty()) {
    if (const auto skipped = skip_to(stream, cursor)) {
      report.skipped = *skipped;
    } else {
      stream = CorpusStream(corpora);
    }
  }
  CorpusPipeline pipeline(std::move(stream), writer.embedder(), options.threads);
  IndexRun(writer, resumable, progress, report).write(pipeline);
  report.sidecar = publish_vectors(path, *writer.embedder(), options.min_free_bytes);
  return report;
}

std::uint64_t delete_documents(const std::string& path, const std::vector<std::string>& ids,
                               const WriteOptions& options) {
  options.check();
  WriteTransaction transaction(path, options.lock_seconds);
  const auto embedder = embedder_of_sidecar(path, transaction.database());
  const std::uint64_t deleted = delete_from(transaction.database(), ids);
  if (deleted > 0) transaction.database().set_metadata(std::string(schema::kCursorKey), {});
  transaction.commit();
  if (deleted > 0 && embedder) publish_vectors(path, *embedder, 0);
  return deleted;
}

}  // namespace vecterm
