// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index.h"

#include <fmt/format.h>

#include <optional>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/spaces/hyperplanes.h"
#include "index/reading/reading_state.h"
#include "index/reading/text_request.h"
#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/store/document_data.h"
#include "index/store/index_files.h"
#include "index/store/overtaken.h"

namespace vecterm {
namespace {

constexpr std::string_view kDefaultProfile = "default";

std::shared_ptr<const Dictionary> find_or_open(const std::string& home, const std::string& fingerprint,
                                               const IndexOptions& options) {
  if (options.dictionary.empty()) return find_dictionary(home, fingerprint, options.dictionaries);
  return Dictionary::open(options.dictionary);
}

// Writers lay a dictionary down before the record that names it, and remove it after one that does not. So where it
// cannot be had, either the record has changed since it was read, or it will not be had by waiting.
std::shared_ptr<const Dictionary> dictionary_of(const std::string& path, const Collection& collection,
                                                const IndexRecord& record, const IndexOptions& options,
                                                ReadingState& state) {
  const auto open = [&] {
    return state.dictionary(record.dictionary,
                            [&] { return find_or_open(collection.home, record.dictionary, options); });
  };
  try {
    return open();
  } catch (const DataError&) {
    const auto now = IndexRecord::read(open_collection(path, options.allow_programs).database);
    if (now && now->dictionary == record.dictionary) return open();
    throw Conflict(fmt::format("{}: another program changes the index's dictionary while it is opened", path));
  }
}

/// Knows no word, and has a hash space that no token is of: for searches by words alone.
std::shared_ptr<const Dictionary> empty_dictionary(std::size_t dimensions) {
  std::vector<float> plane(dimensions);
  plane.front() = 1;
  DictionaryContents contents;
  contents.dimensions = dimensions;
  contents.hash_space = make_hyperplanes(std::vector<float>(dimensions), plane, 1, 1);
  return Dictionary::parse(serialise_dictionary(contents));
}

}  // namespace

class Index::Internal {
 public:
  Internal(std::string path, IndexOptions options)
      : path_(std::move(path)),
        options_(std::move(options)),
        state_(std::make_shared<ReadingState>(options_.postings_cache_bytes, options_.filter_cache_bytes)) {
    open();
  }
  /// Shares vectors, caches and dictionary with another one, which another thread may be using.
  Internal(const Internal& other) : path_(other.path_), options_(other.options_), state_(other.state_) { open(); }
  Internal& operator=(const Internal&) = delete;

  bool reopen();
  void warm_up();
  void read(const std::function<void()>& action);
  std::vector<TextHit> search(const TextQuery& query, SearchReport* report);
  TextRequest request(const TextQuery& query) const;
  std::shared_ptr<const Ranking> ranking(std::string_view profile) const;
  Xapian::docid docid(std::string_view id) const;
  Searcher& searcher() { return *searcher_; }

 private:
  void open();
  void open_once();
  std::shared_ptr<const DocumentEmbedder> embedder_of(const Collection& collection, IndexRecord record,
                                                      std::optional<NotFound>& missing) const;
  void check_dictionary(SearchMode mode) const;
  bool is_current() const;
  std::vector<TextHit> search_once(const TextQuery& query, SearchReport* report);
  TextHit text_hit(const Hit& hit, const TextQuery& query, const TextRequest& request) const;

  const std::string path_;
  const IndexOptions options_;
  const std::shared_ptr<ReadingState> state_;
  std::string mark_;  // of the last commits before it was opened
  Xapian::Database database_;
  std::vector<Xapian::Database> shards_;  // in order; empty where not all are local
  std::vector<std::string> directories_;  // theirs
  std::vector<std::string> identities_;   // of the directories
  RankingProfiles profiles_;
  std::shared_ptr<const Ranking> default_ranking_;
  std::optional<Searcher> searcher_;  // nothing until it was opened
  std::optional<NotFound> missing_;   // the dictionary
};

void Index::Internal::open() {
  following_writers(path_, [this] { open_once(); });
}

void Index::Internal::open_once() {
  std::string mark = commit_mark(path_);
  Collection collection = open_collection(path_, options_.allow_programs);
  const IndexRecord record = require_record(collection.database, path_);
  std::optional<NotFound> missing;
  const auto embedder = embedder_of(collection, record, missing);
  std::vector<Shard> shards;
  std::vector<Xapian::Database> databases;
  for (std::size_t i = 0; i < collection.directories.size(); ++i) {
    const std::string& directory = collection.directories[i];
    const Xapian::Database shard = collection.directories.size() == 1 ? collection.database : open_directory(directory);
    check_same_record(shard, directory, record);
    databases.push_back(shard);
    shards.push_back(
        state_->shard(shard, directory, collection.identities[i], embedder, collection.directories.size()));
  }
  check_same_directories(collection);
  RankingProfiles profiles = read_profiles(collection.database);
  Searcher searcher(collection.database, std::make_shared<QueryBuilder>(embedder), std::move(shards));
  // From here on nothing fails, so that after a failure all is as it was.
  mark_ = std::move(mark);
  searcher_ = std::move(searcher);
  missing_ = std::move(missing);
  database_ = std::move(collection.database);
  shards_ = std::move(databases);
  directories_ = std::move(collection.directories);
  identities_ = std::move(collection.identities);
  profiles_ = std::move(profiles);
  default_ranking_ = ranking(kDefaultProfile);
}

std::shared_ptr<const DocumentEmbedder> Index::Internal::embedder_of(const Collection& collection, IndexRecord record,
                                                                     std::optional<NotFound>& missing) const try {
  return std::make_shared<const DocumentEmbedder>(dictionary_of(path_, collection, record, options_, *state_), record);
} catch (const NotFound& error) {
  if (!options_.words_without_dictionary) throw;
  missing = error;
  auto empty = empty_dictionary(record.dimensions);
  record.dictionary = empty->fingerprint();
  record.hash_space = empty->hash_space().id();
  return std::make_shared<const DocumentEmbedder>(std::move(empty), std::move(record));
}

void Index::Internal::check_dictionary(SearchMode mode) const {
  if (missing_ && mode != SearchMode::kWords) throw NotFound(*missing_);
}

bool Index::Internal::reopen() {
  return following_writers(path_, [this] {
    if (is_current()) return false;
    open_once();
    return true;
  });
}

/// Remote databases have no revision that could be compared.
bool Index::Internal::is_current() const {
  const Collection now = open_collection(path_, options_.allow_programs);
  if (now.directories.empty() || now.directories != directories_ || now.identities != identities_) return false;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const Xapian::Database database = open_directory(directories_[i]);
    if (database.get_revision() != shards_[i].get_revision() || database.get_uuid() != shards_[i].get_uuid())
      return false;
  }
  return true;
}

TextRequest Index::Internal::request(const TextQuery& query) const {
  check_dictionary(query.mode);
  TextRequest made =
      text_request(query, searcher_->builder(), database_, [this](std::string_view id) { return docid(id); });
  SearchRequest& search = made.search;
  if (!search.ranking && search.vector && !search.words.empty()) search.ranking = default_ranking_;
  return made;
}

std::shared_ptr<const Ranking> Index::Internal::ranking(std::string_view profile) const {
  if (const auto found = profiles_.find(profile); found != profiles_.end())
    return std::make_shared<const Ranking>(found->second);
  if (profile == kDefaultProfile) return std::make_shared<const Ranking>(default_profile());
  std::string names(kDefaultProfile);
  for (const auto& [name, stored] : profiles_)
    if (name != kDefaultProfile) names += ", " + name;
  throw InvalidArgument(fmt::format("profile must be one of the index's, {}; was {}", names, in_quotes(profile)));
}

void Index::Internal::read(const std::function<void()>& action) {
  bool overtaken = false;
  following_writers(path_, [&] {
    if (overtaken) open_once();
    overtaken = true;
    action();
  });
}

void Index::Internal::warm_up() {
  read([this] {
    for (std::size_t i = 0; i < shards_.size(); ++i)
      state_->make_table(shards_[i], directories_[i], identities_[i], searcher_->builder().shared_embedder());
  });
}

std::vector<TextHit> Index::Internal::search(const TextQuery& query, SearchReport* report) {
  bool overtaken = false;
  return following_writers(path_, [&] {
    if (overtaken) state_->turns().was_overtaken();
    const SearchTurns::Turn turn(state_->turns());
    if (overtaken || (state_->turns().are_taken() && commit_mark(path_) != mark_)) open_once();
    overtaken = true;
    return search_once(query, report);
  });
}

std::vector<TextHit> Index::Internal::search_once(const TextQuery& query, SearchReport* report) {
  const TextRequest request = this->request(query);
  std::vector<TextHit> hits;
  for (const Hit& hit : searcher_->search(request.search, report)) hits.push_back(text_hit(hit, query, request));
  if (report == nullptr) return hits;
  report->notes = request.notes;
  if (missing_) report->notes.emplace_back(missing_->what());
  return hits;
}

TextHit Index::Internal::text_hit(const Hit& hit, const TextQuery& query, const TextRequest& request) const {
  const Xapian::Document document = database_.get_document(hit.docid);
  TextHit shown{hit, document_id(document, hit.docid), document_title(document), {}, {}, {}};
  const SearchRequest& search = request.search;
  if ((query.tokens || query.explain) && search.vector)
    shown.tokens = searcher_->shared_tokens(hit.docid, *search.vector, searcher_->limits(search));
  if (!query.explain) return shown;
  const DocumentEmbedder& embedder = searcher_->builder().embedder();
  shown.explanation = explain_cosine(embedder, request.meaning, document);
  shown.snippet = snippet(embedder, text_of(document), search.words, request.meaning.unit);
  return shown;
}

Xapian::docid Index::Internal::docid(std::string_view id) const {
  const std::string term = schema::id_term(id);
  if (term.size() <= schema::kMaxTermBytes)
    if (const auto found = database_.postlist_begin(term); found != database_.postlist_end(term)) return *found;
  throw NotFound(fmt::format("there is no document with the id {} in {}", in_quotes(id), path_));
}

Index::Index(const std::string& path, const IndexOptions& options)
    : internal_(std::make_shared<Internal>(path, options)) {}

Index::Index(std::shared_ptr<Internal> internal) : internal_(std::move(internal)) {}

Index Index::another_handle() const { return Index(std::make_shared<Internal>(*internal_)); }

bool Index::reopen() { return internal_->reopen(); }
void Index::warm_up() { internal_->warm_up(); }
void Index::read(const std::function<void()>& action) { internal_->read(action); }

std::vector<TextHit> Index::search(const TextQuery& query, SearchReport* report) {
  return internal_->search(query, report);
}

SearchRequest Index::request(const TextQuery& query) const { return internal_->request(query).search; }
const IndexRecord& Index::record() const { return internal_->searcher().builder().embedder().record(); }
const Dictionary& Index::dictionary() const {
  return internal_->searcher().builder().embedder().embedder().dictionary();
}
const Xapian::Database& Index::database() const { return internal_->searcher().database(); }
Searcher& Index::searcher() { return internal_->searcher(); }
std::shared_ptr<const Ranking> Index::ranking(std::string_view profile) const { return internal_->ranking(profile); }
Xapian::docid Index::docid(std::string_view id) const { return internal_->docid(id); }

}  // namespace vecterm
