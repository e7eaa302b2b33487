// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/document_edits.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "analyzers/base/bounded_queue.h"
#include "analyzers/base/parallel.h"
#include "analyzers/text/ngrams.h"
#include "index/store/database_directory.h"
#include "index/store/overtaken.h"
#include "plugin/documents/docid_set.h"
#include "plugin/schema.h"

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

/// Documents of a database, by their words.
class FoundDocuments {
 public:
  explicit FoundDocuments(const Xapian::Database& database) : database_(database) {}

  void add(const std::string& word) {
    for (auto posting = database_.postlist_begin(word); posting != database_.postlist_end(word); ++posting)
      found_.insert(*posting);
  }

  void add_both(const std::string& a, const std::string& b) {
    auto one = database_.postlist_begin(a), other = database_.postlist_begin(b);
    const auto end = database_.postlist_end(a), other_end = database_.postlist_end(b);
    while (one != end && other != other_end) {
      if (*one < *other) {
        one.skip_to(*other);
      } else if (*other < *one) {
        other.skip_to(*one);
      } else {
        found_.insert(*one);
        ++one;
      }
    }
  }

  std::vector<Xapian::docid> docids() const { return found_.docids(); }

 private:
  const Xapian::Database& database_;
  DocidSet found_;
};

/// Adds the documents of the words that the dictionary lacks and that have one of the trigrams or pieces.
void add_words_with(const std::unordered_set<std::string_view>& subwords, const Xapian::Database& database,
                    const Dictionary& dictionary, FoundDocuments& found) {
  const bool all = !dictionary.ngrams().pieces && std::ranges::any_of(subwords, [](std::string_view subword) {
    return ngram_of(subword) == NGram::kPiece;
  });
  for (auto term = database.allterms_begin(); term != database.allterms_end();) {
    const std::string word = *term;
    if (!schema::is_raw_term(word)) {
      term.skip_to(std::string(schema::kAfterPrefixes));
      continue;
    }
    ++term;
    if (dictionary.find(word)) continue;
    const auto is_changed = [&](const std::string& subword) { return subwords.contains(subword); };
    // The entries may be of a dictionary of other kinds, too; which pieces a word had there is not known any more.
    if (all || std::ranges::any_of(trigrams_of(word), is_changed) ||
        std::ranges::any_of(dictionary.subwords_of(word), is_changed))
      found.add(word);
  }
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
  const std::jthread computing = start_thread([&] {
    chunks.produce([&] {
      for (std::size_t begin = 0; begin < docids.size(); begin += kChunk) {
        ComputedChunk chunk;
        chunk.docids = docids.subspan(begin, std::min(kChunk, docids.size() - begin));
        compute(path, change, threads, chunk);
        const bool failed = chunk.failure != nullptr;
        if (!chunks.push(std::move(chunk)) || failed) return;
      }
    });
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
  FoundDocuments found(database);
  for (const std::string& word : words) found.add(word);
  return found.docids();
}

std::vector<Xapian::docid> documents_touched(const Xapian::Database& database, const std::vector<std::string>& entries,
                                             const Dictionary& dictionary) {
  FoundDocuments found(database);
  std::unordered_set<std::string_view> subwords;
  const auto is_found = [&](std::string_view word) { return std::ranges::binary_search(entries, word); };
  for (const std::string& entry : entries) {
    found.add(entry);  // bigrams and trigrams, too: they are words to a dictionary without n-grams
    const NGram ngram = ngram_of(entry);
    if (ngram == NGram::kTrigram || ngram == NGram::kPiece) subwords.insert(entry);
    if (ngram != NGram::kBigram) continue;
    const auto [first, second] = words_of_bigram(entry);
    if (!is_found(first) && !is_found(second)) found.add_both(std::string(first), std::string(second));
  }
  if (!subwords.empty()) add_words_with(subwords, database, dictionary, found);
  return found.docids();
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
