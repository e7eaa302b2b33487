// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "analyzers/errors.h"
#include "index/reading/reading_state.h"
#include "index/store/collection.h"
#include "index/store/document_data.h"
#include "index/store/index_files.h"

namespace vecterm {
namespace {

constexpr int kMaxReopens = 5;
constexpr std::chrono::milliseconds kSettling{50};
constexpr std::string_view kDefaultProfile = "default";

/// What a writer leaves behind for moments: a dictionary that was removed after the record was read, or databases of a
/// collection that are switched one after another.
class Unsettled : public DataError {
 public:
  using DataError::DataError;
};

std::shared_ptr<const Dictionary> dictionary_of(ReadingState& state, const Collection& collection,
                                                const IndexRecord& record, const IndexOptions& options) try {
  return state.dictionary(record.dictionary, [&] {
    if (options.dictionary.empty()) return find_dictionary(collection.home, record.dictionary, options.dictionaries);
    return Dictionary::open(options.dictionary);
  });
} catch (const DataError& error) {
  throw Unsettled(error.what());
}

// Metadata of several databases together are those of the first, so each is asked.
void check_same_record(const Xapian::Database& shard, const std::string& directory, const IndexRecord& first) {
  const auto record = IndexRecord::read(shard);
  if (record && record->to_json() == first.to_json()) return;
  throw Unsettled(
      fmt::format("{}: all databases of a collection must have the same embeddings; this one has {}, the "
                  "first one dictionary {}; finish what was begun with vecterm reindex or vecterm generations",
                  directory, record ? "dictionary " + record->dictionary : "none", first.dictionary));
}

}  // namespace

Index::Index(const std::string& path, IndexOptions options)
    : path_(path),
      options_(std::move(options)),
      state_(std::make_shared<ReadingState>(options_.postings_cache_bytes, options_.filter_cache_bytes)) {
  open();
}

Index::Index(const Index& other) : path_(other.path_), options_(other.options_), state_(other.state_) { open(); }

Index::~Index() = default;

// A writer may get ahead of this reader between any two things that it reads.
void Index::open() {
  for (int reopens = 0;; ++reopens) {
    try {
      return open_once();
    } catch (const Xapian::DatabaseModifiedError&) {
      if (reopens == kMaxReopens) throw;
    } catch (const Unsettled&) {
      if (reopens == kMaxReopens) throw;
      std::this_thread::sleep_for(kSettling);
    }
  }
}

void Index::open_once() {
  Collection collection = open_collection(path_);
  const auto record = IndexRecord::read(collection.database);
  if (!record) throw DataError(fmt::format("the database at {} has no embeddings; add them with vecterm embed", path_));
  const auto embedder =
      std::make_shared<const DocumentEmbedder>(dictionary_of(*state_, collection, *record, options_), *record);
  std::vector<Shard> shards;
  std::vector<Xapian::Database> databases;
  for (const std::string& directory : collection.directories) {
    const Xapian::Database shard =
        collection.directories.size() == 1 ? collection.database : Xapian::Database(directory);
    check_same_record(shard, directory, *record);
    databases.push_back(shard);
    shards.push_back(state_->shard(shard, directory, embedder, collection.directories.size()));
  }
  RankingProfiles profiles = read_profiles(collection.database);
  searcher_ =
      std::make_unique<Searcher>(collection.database, std::make_shared<QueryBuilder>(embedder), std::move(shards));
  database_ = std::move(collection.database);
  shards_ = std::move(databases);
  directories_ = std::move(collection.directories);
  profiles_ = std::move(profiles);
  default_ranking_ = ranking(kDefaultProfile);
}

bool Index::reopen() {
  if (is_current()) return false;
  open();
  return true;
}

/// Remote databases have no revision that could be compared.
bool Index::is_current() const try {
  const Collection now = open_collection(path_);
  if (now.directories.empty() || now.directories != directories_) return false;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const Xapian::Database database(directories_[i]);
    if (database.get_revision() != shards_[i].get_revision() || database.get_uuid() != shards_[i].get_uuid())
      return false;
  }
  return true;
} catch (const Xapian::DatabaseModifiedError&) {
  return false;
}

TextRequest Index::text_request(const TextQuery& query) const {
  TextRequest made =
      vecterm::text_request(query, searcher_->builder(), database_, [this](std::string_view id) { return docid(id); });
  SearchRequest& search = made.search;
  if (!search.ranking && search.vector && !search.words.empty()) search.ranking = default_ranking_;
  return made;
}

SearchRequest Index::request(const TextQuery& query) const { return text_request(query).search; }

std::shared_ptr<const Ranking> Index::ranking(std::string_view profile) const {
  if (const auto found = profiles_.find(profile); found != profiles_.end())
    return std::make_shared<const Ranking>(found->second);
  if (profile == kDefaultProfile) return std::make_shared<const Ranking>(default_profile());
  std::string names(kDefaultProfile);
  for (const auto& [name, stored] : profiles_)
    if (name != kDefaultProfile) names += ", " + name;
  throw InvalidArgument(fmt::format("profile must be one of the index's, {}; was \"{}\"", names, profile));
}

std::vector<TextHit> Index::search(const TextQuery& query, SearchReport* report) {
  for (int reopens = 0;; ++reopens) {
    try {
      return search_once(query, report);
    } catch (const Xapian::DatabaseModifiedError&) {
      if (reopens == kMaxReopens) throw;
    }
    open();
  }
}

std::vector<TextHit> Index::search_once(const TextQuery& query, SearchReport* report) {
  const TextRequest request = text_request(query);
  std::vector<TextHit> hits;
  for (const Hit& hit : searcher_->search(request.search, report)) hits.push_back(text_hit(hit, query, request));
  if (report != nullptr) report->notes = request.notes;
  return hits;
}

TextHit Index::text_hit(const Hit& hit, const TextQuery& query, const TextRequest& request) const {
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

Xapian::docid Index::docid(std::string_view id) const {
  const std::string term = schema::id_term(id);
  if (term.size() <= schema::kMaxTermBytes)
    if (const auto found = database_.postlist_begin(term); found != database_.postlist_end(term)) return *found;
  throw DataError(fmt::format("there is no document with the id \"{}\" in {}", id, path_));
}

}  // namespace vecterm
