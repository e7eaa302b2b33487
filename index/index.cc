// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "index/database_directory.h"

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

Xapian::Database open_database(const std::string& path) {
  require_database(path, "make one with vecterm index");
  try {
    return Xapian::Database(path);
  } catch (const Xapian::DatabaseModifiedError&) {
    throw;
  } catch (const Xapian::DatabaseError& error) {
    throw DataError(fmt::format("{}: the database cannot be opened: {}", path, error.get_msg()));
  }
}

}  // namespace

SearchMode search_mode(std::string_view name) {
  if (name == "words") return SearchMode::kWords;
  if (name == "vector") return SearchMode::kVector;
  if (name == "mixed") return SearchMode::kMixed;
  throw InvalidArgument(fmt::format("mode must be \"words\", \"vector\" or \"mixed\"; was \"{}\"", name));
}

Index::Index(const std::string& path) : path_(path) { open(); }

void Index::open() {
  database_ = open_database(path_);
  const auto record = IndexRecord::read(database_);
  if (!record) throw DataError(fmt::format("the database at {} has no embeddings; add them with vecterm embed", path_));
  const std::string file = dictionary_path(path_, record->dictionary);
  auto dictionary = Dictionary::open(file);
  if (dictionary->fingerprint() != record->dictionary)
    throw DataError(fmt::format("{} holds another dictionary, {}", file, dictionary->fingerprint()));
  auto embedder = std::make_shared<DocumentEmbedder>(std::move(dictionary), *record);
  searcher_ = std::make_unique<Searcher>(database_, std::make_shared<QueryBuilder>(std::move(embedder)));
}

// The dictionary is read again only where another one has taken its place.
void Index::reopen() {
  database_.reopen();
  const auto now = IndexRecord::read(database_);
  if (!now || now->to_json() != record().to_json()) return open();
  const auto builder = std::make_shared<QueryBuilder>(searcher_->builder());
  searcher_ = std::make_unique<Searcher>(database_, builder);
}

SearchRequest Index::request(const TextQuery& query) const {
  if (query.text.empty() && query.like.empty()) throw InvalidArgument("query must have a text or a document; is empty");
  const QueryBuilder& builder = searcher_->builder();
  SearchRequest request;
  request.k = query.k;
  request.probes = query.probes;
  if (query.exact) request.exact_below = std::numeric_limits<std::size_t>::max();
  request.filter = all_of(builder, query.filters);
  if (!query.text.empty()) {
    request.words = query.operators ? builder.parse_words(query.text) : builder.words(query.text);
    request.vector = builder.vector(query.text);
  }
  if (!query.like.empty()) {
    const Xapian::Document liked = document(query.like);
    request.exclude = liked.get_docid();
    request.words = either(request.words, builder.similar_words(database_, liked));
    request.vector = joined(request.vector, builder.vector(liked));
  }
  if (query.mode == SearchMode::kWords) request.vector.reset();
  if (query.mode == SearchMode::kVector) request.words = Xapian::Query();
  return request;
}

std::vector<TextHit> Index::search(const TextQuery& query) {
  for (int reopens = 0;; ++reopens) {
    try {
      return search_once(query);
    } catch (const Xapian::DatabaseModifiedError&) {
      if (reopens == kMaxReopens) throw;
    }
    reopen();
  }
}

std::vector<TextHit> Index::search_once(const TextQuery& query) {
  const SearchRequest search_request = request(query);
  std::vector<TextHit> hits;
  for (const Hit& hit : searcher_->search(search_request)) hits.push_back(text_hit(hit, search_request, query.probes));
  return hits;
}

TextHit Index::text_hit(const Hit& hit, const SearchRequest& request, std::size_t probes) {
  const Xapian::Document found = database_.get_document(hit.docid);
  TextHit result{hit, document_id(found), document_title(found), {}};
  if (request.vector) result.tokens = searcher_->shared_tokens(hit.docid, *request.vector, probes);
  return result;
}

Xapian::Document Index::document(std::string_view id) const {
  const std::string term = schema::id_term(id);
  if (term.size() <= schema::kMaxTermBytes)
    if (const auto found = database_.postlist_begin(term); found != database_.postlist_end(term))
      return database_.get_document(*found);
  throw DataError(fmt::format("there is no document with the id \"{}\" in {}", id, path_));
}

std::string document_id(const Xapian::Document& document) {
  auto term = document.termlist_begin();
  term.skip_to(std::string(schema::kIdPrefix));
  if (term != document.termlist_end())
    if (const std::string text = *term; text.starts_with(schema::kIdPrefix))
      return text.substr(schema::kIdPrefix.size());
  return std::to_string(document.get_docid());
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
