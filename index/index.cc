// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "index/collection.h"
#include "index/reading_state.h"
#include "plugin/query_scanner.h"

namespace vecterm {
namespace {

constexpr int kMaxReopens = 5;

std::optional<UnitVector> joined(const std::optional<UnitVector>& a, const std::optional<UnitVector>& b) {
  if (!a || !b) return a ? a : b;
  EmbeddingSum sum(a->size());
  sum.add(1, *a);
  sum.add(1, *b);
  return sum.unit();
}

Xapian::Query either(const Xapian::Query& a, const Xapian::Query& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return {Xapian::Query::OP_OR, a, b};
}

Xapian::Query all_of(const QueryBuilder& builder, const std::vector<std::string>& filters) {
  std::vector<Xapian::Query> queries;
  for (const std::string& filter : filters) queries.push_back(builder.filter(filter));
  return {Xapian::Query::OP_AND, queries.begin(), queries.end()};
}

Xapian::Query both(const Xapian::Query& a, const Xapian::Query& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return {Xapian::Query::OP_AND, a, b};
}

// Metadata of several databases together are those of the first, so each is asked.
void check_same_record(const Xapian::Database& shard, const std::string& directory, const IndexRecord& first) {
  const auto record = IndexRecord::read(shard);
  if (record && record->to_json() == first.to_json()) return;
  throw DataError(
      fmt::format("{}: all databases of a collection must have the same embeddings; this one has {}, the "
                  "first one dictionary {}",
                  directory, record ? "dictionary " + record->dictionary : "none", first.dictionary));
}

}  // namespace

SearchMode search_mode(std::string_view name) {
  if (name == "words") return SearchMode::kWords;
  if (name == "vector") return SearchMode::kVector;
  if (name == "mixed") return SearchMode::kMixed;
  throw InvalidArgument(fmt::format("mode must be \"words\", \"vector\" or \"mixed\"; was \"{}\"", name));
}

Index::Index(const std::string& path, IndexOptions options)
    : path_(path),
      options_(std::move(options)),
      state_(std::make_shared<ReadingState>(options_.postings_cache_bytes, options_.filter_cache_bytes)) {
  open();
}

Index::Index(const Index& other) : path_(other.path_), options_(other.options_), state_(other.state_) { open(); }

Index::~Index() = default;

void Index::open() {
  Collection collection = open_collection(path_);
  const auto record = IndexRecord::read(collection.database);
  if (!record) throw DataError(fmt::format("the database at {} has no embeddings; add them with vecterm embed", path_));
  const std::string file =
      options_.dictionary.empty() ? dictionary_path(collection.home, record->dictionary) : options_.dictionary;
  const auto embedder = std::make_shared<const DocumentEmbedder>(state_->dictionary(file, record->dictionary), *record);
  std::vector<Shard> shards;
  for (const std::string& directory : collection.directories) {
    const Xapian::Database shard =
        collection.directories.size() == 1 ? collection.database : Xapian::Database(directory);
    check_same_record(shard, directory, *record);
    shards.push_back(state_->shard(shard, directory, embedder, collection.directories.size()));
  }
  database_ = std::move(collection.database);
  searcher_ = std::make_unique<Searcher>(database_, std::make_shared<QueryBuilder>(embedder), std::move(shards));
}

SearchRequest Index::request(const TextQuery& query) const {
  if (query.text.empty() && query.like.empty()) throw InvalidArgument("query must have a text or a document; is empty");
  const QueryBuilder& builder = searcher_->builder();
  SearchRequest request;
  request.k = query.k;
  request.recall = query.recall;
  request.probes = query.probes;
  request.reach = query.reach;
  request.plan = query.plan;
  request.filter = all_of(builder, query.filters);
  const bool by_words = query.mode != SearchMode::kVector;
  const bool by_vector = query.mode != SearchMode::kWords;
  if (!query.text.empty() && query.operators) {
    apply(builder.parse_query(query.text), query.mode, request);
  } else if (!query.text.empty()) {
    if (by_words) request.words = builder.words(query.text);
    if (by_vector) request.vector = builder.vector(query.text);
  }
  if (!query.like.empty()) {
    request.exclude = docid(query.like);
    const Xapian::Document liked = database_.get_document(request.exclude);
    if (by_words) request.words = either(request.words, builder.similar_words(database_, liked));
    if (by_vector) request.vector = joined(request.vector, builder.vector(liked));
  }
  return request;
}

void Index::apply(const UserQuery& query, SearchMode mode, SearchRequest& request) const {
  const QueryBuilder& builder = searcher_->builder();
  if (query.min_cosine) throw InvalidArgument("query: cosine>= is not known to this searcher");
  if (mode == SearchMode::kWords && !query.parts.empty())
    fail_at(query.parts.front().position, "mode \"words\" does not look for meanings; leave the part out");
  if (mode != SearchMode::kVector) request.words = query.words;
  request.filter = both(request.filter, query.filter);
  if (mode == SearchMode::kWords) return;
  request.vector = query.parts.empty() ? builder.vector(query.meaning) : meaning_of(query.parts);
  for (const SemanticPart& part : query.parts)
    if (part.kind == SemanticPart::Kind::kDocument && part.weight > 0) {
      if (request.exclude != 0) fail_at(part.position, "like: may stand once in a query");
      request.exclude = docid(part.text);
    }
}

UnitVector Index::meaning_of(const std::vector<SemanticPart>& parts) const {
  const QueryBuilder& builder = searcher_->builder();
  std::vector<WeightedVector> vectors;
  for (const SemanticPart& part : parts) {
    const bool is_text = part.kind == SemanticPart::Kind::kText;
    const auto vector = is_text ? builder.vector(part.text) : builder.vector(database_.get_document(docid(part.text)));
    if (!vector)
      fail_at(part.position, is_text ? "no word of this text is in the dictionary" : "this document has no vector");
    vectors.push_back({part.weight, *vector});
  }
  const auto combined = QueryBuilder::combined(vectors);
  if (!combined) fail_at(parts.front().position, "the parts that are looked for by meaning cancel each other out");
  return *combined;
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
  std::vector<TextHit> hits;
  const SearchRequest wanted = request(query);
  const ProbeLimits limits = searcher_->limits(wanted);
  for (const Hit& hit : searcher_->search(wanted, report)) {
    const Xapian::Document found = database_.get_document(hit.docid);
    hits.push_back({hit, document_id(found, hit.docid), document_title(found), {}});
    if (query.tokens && wanted.vector) hits.back().tokens = searcher_->shared_tokens(hit.docid, *wanted.vector, limits);
  }
  return hits;
}

Xapian::docid Index::docid(std::string_view id) const {
  const std::string term = schema::id_term(id);
  if (term.size() <= schema::kMaxTermBytes)
    if (const auto found = database_.postlist_begin(term); found != database_.postlist_end(term)) return *found;
  throw DataError(fmt::format("there is no document with the id \"{}\" in {}", id, path_));
}

std::string document_id(const Xapian::Document& document, Xapian::docid docid) {
  auto term = document.termlist_begin();
  term.skip_to(std::string(schema::kIdPrefix));
  if (term != document.termlist_end())
    if (const std::string text = *term; text.starts_with(schema::kIdPrefix))
      return text.substr(schema::kIdPrefix.size());
  return std::to_string(docid);
}

std::string document_title(const Xapian::Document& document) {
  const auto data = nlohmann::json::parse(document.get_data(), nullptr, false);
  if (!data.is_object()) return {};
  const auto title = data.find("title");
  return title != data.end() && title->is_string() ? title->get<std::string>() : std::string();
}

std::string dictionary_path(const std::string& database_path, std::string_view fingerprint) {
  const std::string name =
      fmt::format("{}{}{}", schema::kDictionaryFilePrefix, fingerprint, schema::kDictionaryFileSuffix);
  return (std::filesystem::path(database_path) / name).string();
}

}  // namespace vecterm
