// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "analyzers/base/bounded_queue.h"
#include "index/writing/corpus_stream.h"
#include "plugin/document_embedder.h"

namespace vecterm {

/// Internal: a line of a corpus, ready to be written.
struct AnalysedLine {
  std::string id_term;
  std::optional<Xapian::Document> document;  ///< nothing for an empty line
  bool has_vector = false;
  Cursor cursor;               ///< after this line
  std::exception_ptr failure;  ///< instead of a document; nothing comes after it
};

/// Internal: neighbouring lines of the input.
struct AnalysedChunk {
  std::vector<AnalysedLine> lines;
  double progress = 0;  ///< how much of the input was read, in [0, 1]
};

/// Internal: reads a corpus and analyses it on several threads, ahead of the thread that writes. Chunks come in input
/// order; what goes wrong in any thread comes at its place among the lines.
class CorpusPipeline {
 public:
  CorpusPipeline(CorpusStream stream, std::shared_ptr<const DocumentEmbedder> embedder, unsigned threads);
  ~CorpusPipeline();

  /// Waits for the next chunk; nothing at the end. @throws what has no place among the lines
  std::optional<AnalysedChunk> next() { return chunks_.pop(); }

 private:
  void run();
  bool read_chunk(AnalysedChunk& chunk);
  void analyse(AnalysedChunk& chunk) const;

  CorpusStream stream_;
  std::shared_ptr<const DocumentEmbedder> embedder_;
  unsigned threads_;
  std::vector<std::string> texts_;   ///< of the chunk under way
  std::vector<std::string> places_;  ///< of the same lines, for messages
  BoundedQueue<AnalysedChunk> chunks_;
  std::jthread thread_;
};

}  // namespace vecterm
