// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/corpus_pipeline.h"

#include "analyzers/base/parallel.h"
#include "index/writing/corpus.h"
#include "index/writing/document_builder.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

// Large enough to keep all threads busy, small enough for memory: three chunks are under way.
constexpr std::size_t kChunkLines = 1024;
constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
constexpr std::size_t kChunksAhead = 2;
constexpr std::size_t kGrain = 32;

}  // namespace

CorpusPipeline::CorpusPipeline(CorpusStream stream, std::shared_ptr<const DocumentEmbedder> embedder, unsigned threads)
    : stream_(std::move(stream)),
      embedder_(std::move(embedder)),
      threads_(threads),
      chunks_(kChunksAhead),
      thread_(start_thread([this] { run(); })) {}

CorpusPipeline::~CorpusPipeline() { chunks_.close(); }

void CorpusPipeline::run() {
  chunks_.produce([&] {
    for (bool more = true; more;) {
      AnalysedChunk chunk;
      more = read_chunk(chunk);
      analyse(chunk);
      if (!chunks_.push(std::move(chunk))) return;
    }
  });
}

// Returns whether there may be more.
bool CorpusPipeline::read_chunk(AnalysedChunk& chunk) {
  texts_.clear();
  places_.clear();
  std::size_t bytes = 0;
  bool more = true;
  try {
    for (std::string_view line; texts_.size() < kChunkLines && bytes < kChunkBytes;) {
      if (!(more = stream_.next(line))) break;
      bytes += line.size();
      texts_.emplace_back(line);
      places_.push_back(stream_.where());
      chunk.lines.emplace_back().cursor = stream_.cursor();
    }
  } catch (...) {
    chunk.lines.emplace_back().failure = std::current_exception();
    more = false;
  }
  chunk.progress = stream_.progress();
  return more;
}

void CorpusPipeline::analyse(AnalysedChunk& chunk) const {
  parallel_for(texts_.size(), kGrain, threads_, [&](std::size_t begin, std::size_t end) {
    DocumentBuilder builder(embedder_);
    for (std::size_t i = begin; i < end; ++i) {
      if (texts_[i].empty()) continue;
      AnalysedLine& line = chunk.lines[i];
      try {
        const CorpusDocument source = parse_corpus_line(texts_[i], places_[i], embedder_->record().settings.fields);
        auto [document, has_vector] = builder.build(source, places_[i]);
        line.id_term = schema::id_term(source.id);
        line.document = std::move(document);
        line.has_vector = has_vector;
      } catch (...) {
        line.failure = std::current_exception();
      }
    }
  });
}

}  // namespace vecterm
