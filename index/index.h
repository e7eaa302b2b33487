// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "../plugin/explanation.h"
#include "../plugin/searcher.h"
#include "../plugin/snippet.h"
#include "text_query.h"

namespace vecterm {

/// A result with what an application shows.
struct VECTERM_API TextHit {
  Hit hit;
  std::string id;                   ///< unique id, or the docid where the document has none
  std::string title;                ///< from the document's data; empty where that is not vecterm's
  std::vector<SharedToken> tokens;  ///< LSH tokens shared with the query, where they were asked for
  /// Where an explanation was asked for: the cosine's, nothing where the document or the query has no vector,
  std::optional<CosineExplanation> explanation;
  Snippet snippet;  ///< and a passage of the document, rebuilt from its positions; empty where it has none
};

/// How an index is opened.
struct VECTERM_API IndexOptions {
  std::size_t postings_cache_bytes = 0;  ///< of decoded posting lists of tokens that are kept; 0 = none
  std::size_t filter_cache_bytes = 0;    ///< of decoded filters that are kept; 0 = none
  std::string dictionary = {};           ///< dictionary file; empty = found by its fingerprint beside the database
  std::vector<std::string> dictionaries = {};  ///< or in these directories
  /// Where the dictionary is missing, open none the less: SearchMode::kWords needs none, and searches of other modes
  /// throw what opening would have thrown.
  bool words_without_dictionary = false;
  bool allow_programs = false;  ///< run the programs that a stub file names ("remote :PROGRAM"); else it is refused
};

/// An index opened for searching: database, record, and the dictionary that lies beside it. A handle: copies share all
/// of it, as those of a Xapian::Database do, and serve one thread together. For another thread take another_handle(),
/// or an IndexPool.
///
/// A path may name a stub file of several databases; each must have been made with the same dictionary. Stub files that
/// name each other end at a depth of 8, and at 1,000 databases. The dictionary
/// is looked for beside the first of them, beside the stub file where they are remote, then where the options say. The
/// library reads no environment variables.
///
/// Opening, search() and read() follow a writer: where it changed the database, its dictionary or a stub file under
/// them, they open it anew by its path and try again, for ten seconds if need be.
///
/// Vectors are compared in a table, which is read from the sidecar or the value slot by a thread beside the searches as
/// soon as that is worth its time; until then, and after each commit, searches read single vectors from the slot, with
/// the same hits. The thread blocks all signals and ends with the last handle. As with other threads, do not use a
/// handle after fork() that was opened before.
class VECTERM_API Index {
 public:
  /// @throws NotFound where there is no database, it has no embeddings, or its dictionary is missing; Damaged or
  ///         WrongDictionary where these are not what they should be, without waiting; Conflict where a writer that
  ///         switches them is not done in time
  explicit Index(const std::string& path, const IndexOptions& options = {});

  /// Opens the same path again, for another thread. The two handles share vectors, caches and dictionary, and follow
  /// writers each for itself. May be called while this handle searches. @throws as the constructor
  Index another_handle() const;

  /// Looks whether a database, or the stub file, has changed since, and opens it anew by its path where it has. Until
  /// then searches see what was there when it was opened, as those of a Xapian::Database do. @returns whether it had
  /// changed
  /// @throws as when it was opened; then it is as it was
  bool reopen();

  /// Makes the table now: for a server before its first search, and for measuring. After commits it serves on, but
  /// for what they changed, until the next one is made.
  /// @throws as when it was opened
  void warm_up();

  /// Runs something that reads database() or searcher(); as search(), again after opening anew where a writer has
  /// overtaken this handle. @throws what `action` throws
  void read(const std::function<void()>& action);

  /// @throws InvalidArgument for an empty or bad query or a number out of range; NotFound where `like` names no
  ///         document, or for a recall where the index was not tuned; Damaged
  std::vector<TextHit> search(const TextQuery& query, SearchReport* report = nullptr);

  /// What search() hands to the searcher. Where neither words nor vector are in it, nothing can be found.
  /// @throws as search()
  SearchRequest request(const TextQuery& query) const;

  /// What is open now; search() and reopen() may put other things in their place.
  const IndexRecord& record() const;
  const Dictionary& dictionary() const;
  const Xapian::Database& database() const;
  Searcher& searcher();

  /// A profile that is stored with the index; "default" is default_profile() where none is.
  /// @throws InvalidArgument where there is none, with the names that there are
  std::shared_ptr<const Ranking> ranking(std::string_view profile) const;

  /// Number of the document with this id in database(), which of several databases is not what Xapian::Document knows.
  /// @throws NotFound where there is none
  Xapian::docid docid(std::string_view id) const;

 private:
  class Internal;
  explicit Index(std::shared_ptr<Internal> internal);

  std::shared_ptr<Internal> internal_;
};

}  // namespace vecterm
