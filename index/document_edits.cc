// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/document_edits.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>

#include "analyzers/parallel.h"
#include "index/bounded_queue.h"
#include "index/database_directory.h"

namespace vecterm {
namespace {

// Large enough to keep all threads busy and to be worth opening the database for, small enough for memory.
constexpr std::size_t kChunk = 512;
constexpr std::size_t kGrain = 64;
constexpr std::size_t kChunksAhead = 4;

struct ComputedChunk {
  std::span<const Xapian::docid> docids;
  std::vector<std::optional<EmbeddingChange>> changes;  ///< of each; nothing where it is not there
  std::exception_ptr failure;                           ///< instead of them; nothing comes after it
};

std::optional<EmbeddingChange> change_of(const Xapian::Database& database, Xapian::docid docid,
                                         const ChangeFunction& change) {
  try {
    return change(database.get_document(docid));
  } catch (const Xapian::DocNotFoundError&) {
    return std::nullopt;
  }
}

void compute(const std::string& path, const ChangeFunction& change, unsigned threads, ComputedChunk& chunk) try {
  chunk.changes.resize(chunk.docids.size());
  parallel_for(chunk.docids.size(), kGrain, threads, [&](std::size_t begin, std::size_t end) {
    reading_from(path, [&](const Xapian::Database& database) {
      for (std::size_t i = begin; i < end; ++i) chunk.changes[i] = change_of(database, chunk.docids[i], change);
    });
  });
} catch (...) {
  chunk.failure = std::current_exception();
}

}  // namespace

void EditCounts::add(const EmbeddingChange& change) {
  ++documents;
  vectors += change.has_vector ? 1 : 0;
  if (change.empty()) return;
  ++edited;
  tokens_removed += change.removed.size();
  tokens_added += change.added.size();
  for (const auto* tokens : {&change.removed, &change.added})
    for (const std::string& token : *tokens) bytes += token.size();
  if (change.value) bytes += change.value->size();
}

EditCounts& EditCounts::operator+=(const EditCounts& other) {
  documents += other.documents;
  vectors += other.vectors;
  edited += other.edited;
  tokens_removed += other.tokens_removed;
  tokens_added += other.tokens_added;
  bytes += other.bytes;
  return *this;
}

void compute_changes(const std::string& path, std::span<const Xapian::docid> docids, const ChangeFunction& change,
                     unsigned threads, const std::function<void(Xapian::docid, const EmbeddingChange&)>& take) {
  BoundedQueue<ComputedChunk> chunks(kChunksAhead);
  const std::jthread computing([&] {
    for (std::size_t begin = 0; begin < docids.size(); begin += kChunk) {
      ComputedChunk chunk;
      chunk.docids = docids.subspan(begin, std::min(kChunk, docids.size() - begin));
      compute(path, change, threads, chunk);
      const bool failed = chunk.failure != nullptr;
      if (!chunks.push(std::move(chunk)) || failed) break;
    }
    chunks.close();
  });
  // The thread ends before it is waited for, also where `take` throws.
  struct Closing {
    ~Closing() { queue.close(); }
    BoundedQueue<ComputedChunk>& queue;
  } const closing{chunks};
  while (const auto chunk = chunks.pop()) {
    if (chunk->failure) std::rethrow_exception(chunk->failure);
    for (std::size_t i = 0; i < chunk->docids.size(); ++i)
      if (chunk->changes[i]) take(chunk->docids[i], *chunk->changes[i]);
  }
}

std::vector<Xapian::docid> documents_with(const Xapian::Database& database, const std::vector<std::string>& words) {
  std::vector<bool> found(std::size_t{database.get_lastdocid()} + 1);
  for (const std::string& word : words)
    for (auto posting = database.postlist_begin(word); posting != database.postlist_end(word); ++posting)
      found[*posting] = true;
  std::vector<Xapian::docid> docids;
  for (std::size_t docid = 1; docid < found.size(); ++docid)
    if (found[docid]) docids.push_back(static_cast<Xapian::docid>(docid));
  return docids;
}

std::vector<Xapian::docid> documents_without(const Xapian::Database& database, const std::string& marker) {
  std::vector<Xapian::docid> docids;
  auto marked = database.postlist_begin(marker);
  const auto end = database.postlist_end(marker);
  for (auto document = database.postlist_begin({}); document != database.postlist_end({}); ++document) {
    if (marked != end) marked.skip_to(*document);
    if (marked == end || *marked != *document) docids.push_back(*document);
  }
  return docids;
}

}  // namespace vecterm
