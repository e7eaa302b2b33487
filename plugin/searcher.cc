// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "plugin/docid_source.h"
#include "plugin/xapian_compat.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxHits = 1000000;
constexpr std::size_t kLeastCandidates = 1000;

void check_request(const SearchRequest& request, std::size_t dimensions) {
  if (request.k < 1 || request.k > kMaxHits)
    throw InvalidArgument(fmt::format("k must be in [1, {}]; was {}", kMaxHits, request.k));
  if (request.offset > kMaxHits)
    throw InvalidArgument(fmt::format("offset must be in [0, {}]; was {}", kMaxHits, request.offset));
  if (!(request.cosine_share >= 0) || !std::isfinite(request.cosine_share))
    throw InvalidArgument(fmt::format("cosine_share must be finite and at least 0; was {}", request.cosine_share));
  if (request.vector && request.vector->size() != dimensions)
    throw InvalidArgument(
        fmt::format("query vector must have {} dimensions; had {}", dimensions, request.vector->size()));
}

Xapian::Query filtered(const Xapian::Query& query, const Xapian::Query& filter) {
  return filter.empty() ? query : Xapian::Query(Xapian::Query::OP_FILTER, query, filter);
}

Xapian::doccount as_count(std::size_t n) {
  return static_cast<Xapian::doccount>(std::min<std::size_t>(n, std::numeric_limits<Xapian::doccount>::max()));
}

// The documents of a filter, ascending.
std::vector<Xapian::docid> matching(const Xapian::Database& database, const Xapian::Query& filter) {
  Xapian::Enquire enquire(database);
  enquire.set_query(filter);
  enquire.set_weighting_scheme(Xapian::BoolWeight());
  enquire.set_docid_order(Xapian::Enquire::ASCENDING);
  const Xapian::MSet matches = enquire.get_mset(0, database.get_doccount());
  std::vector<Xapian::docid> docids;
  for (auto match = matches.begin(); match != matches.end(); ++match) docids.push_back(*match);
  return docids;
}

void keep_nearest(std::vector<Hit>& hits, std::size_t wanted) {
  const auto nearer = [](const Hit& a, const Hit& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : a.docid < b.docid;
  };
  if (hits.size() <= wanted) return;
  std::nth_element(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(wanted), hits.end(), nearer);
  hits.resize(wanted);
}

bool is_single(const Xapian::Database& database) { return database.get_uuid().find(':') == std::string::npos; }

}  // namespace

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder)
    : Searcher(database, builder, std::make_unique<SlotVectorReader>(database, builder->embedder().record())) {}

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder,
                   std::unique_ptr<VectorReader> vectors)
    : database_(std::move(database)), builder_(std::move(builder)), vectors_(std::move(vectors)) {
  const auto record = IndexRecord::read(database_);
  const IndexRecord& expected = builder_->embedder().record();
  if (!record) throw DataError("the database has no embeddings; add them with embed_index (vecterm embed)");
  if (record->dictionary != expected.dictionary)
    throw DataError(fmt::format("the database was made with dictionary {}; the searcher's is {}", record->dictionary,
                                expected.dictionary));
}

std::vector<Hit> Searcher::search(const SearchRequest& request) {
  check_request(request, builder_->embedder().record().dimensions);
  // One more, where a document is to be left out.
  const std::size_t wanted = request.offset + request.k + (request.exclude != 0 ? 1 : 0);
  const bool mixed = request.vector && !request.words.empty();
  const std::size_t per_side = mixed ? std::max({request.candidates, kLeastCandidates, wanted}) : wanted;

  HitMap hits;
  double best_bm25 = 0;
  bool words_complete = true;
  if (!request.words.empty()) words_complete = add_word_hits(request, per_side, hits, best_bm25) < per_side;
  if (request.vector) {
    add_vector_hits(request, per_side, hits);
    if (!words_complete) weigh_words(request, hits);
  }
  hits.erase(request.exclude);

  std::vector<Hit> ranked;
  ranked.reserve(hits.size());
  for (auto& [docid, hit] : hits) {
    const double words = mixed && best_bm25 > 0 ? hit.bm25 / best_bm25 : hit.bm25;
    hit.score = mixed ? words + request.cosine_share * hit.cosine : (request.vector ? hit.cosine : words);
    ranked.push_back(hit);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
  ranked.erase(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(std::min(request.offset, ranked.size())));
  if (ranked.size() > request.k) ranked.resize(request.k);
  return ranked;
}

// Returns how many documents matched, up to `wanted`.
std::size_t Searcher::add_word_hits(const SearchRequest& request, std::size_t wanted, HitMap& hits,
                                    double& best_bm25) const {
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(request.words, request.filter));
  // Where single documents cannot be weighed afterwards (several shards), every match is weighed at once.
  const bool all = request.vector && !is_single(database_);
  const Xapian::MSet matches = enquire.get_mset(0, all ? database_.get_doccount() : as_count(wanted));
  for (auto match = matches.begin(); match != matches.end(); ++match)
    hits[*match] = {.docid = *match, .score = 0, .bm25 = match.get_weight(), .cosine = 0};
  best_bm25 = matches.get_max_attained();
  return all ? 0 : matches.size();
}

void Searcher::add_vector_hits(const SearchRequest& request, std::size_t wanted, HitMap& hits) {
  const std::size_t candidates = std::max({request.candidates, kLeastCandidates, wanted});
  std::size_t choice = vectors_->size();
  if (!request.filter.empty()) {
    Xapian::Enquire enquire(database_);
    enquire.set_query(request.filter);
    choice = enquire.get_mset(0, 0, database_.get_doccount()).get_matches_estimated();
  }
  std::vector<Hit> nearest;
  const bool exact = choice < request.exact_below;
  if (!exact) nearest = nearest_by_tokens(request, candidates);
  // Too few candidates must not hide hits that exist.
  if (exact || nearest.size() < std::min(wanted, choice)) nearest = nearest_by_scan(request);
  keep_nearest(nearest, wanted);
  for (auto& [docid, hit] : hits) hit.cosine = vectors_->cosine(docid, *request.vector).value_or(0);
  for (const Hit& hit : nearest) hits.try_emplace(hit.docid, hit);
}

std::vector<Hit> Searcher::nearest_by_scan(const SearchRequest& request) {
  std::vector<Hit> hits;
  const auto add = [&](Xapian::docid docid, float cosine) { hits.push_back({.docid = docid, .cosine = cosine}); };
  if (request.filter.empty()) {
    vectors_->scan(*request.vector, add);
    return hits;
  }
  for (const Xapian::docid docid : matching(database_, request.filter))
    if (const auto cosine = vectors_->cosine(docid, *request.vector)) add(docid, *cosine);
  return hits;
}

std::vector<Hit> Searcher::nearest_by_tokens(const SearchRequest& request, std::size_t candidates) {
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(builder_->tokens(*request.vector, request.probes), request.filter));
  enquire.set_weighting_scheme(Xapian::CoordWeight());
  const Xapian::MSet matches = enquire.get_mset(0, as_count(candidates));
  std::vector<Xapian::docid> docids;
  for (auto match = matches.begin(); match != matches.end(); ++match) docids.push_back(*match);
  std::sort(docids.begin(), docids.end());
  std::vector<Hit> hits;
  for (const Xapian::docid docid : docids)
    if (const auto cosine = vectors_->cosine(docid, *request.vector))
      hits.push_back({.docid = docid, .cosine = *cosine});
  return hits;
}

// Gives the documents that only the vector found their exact weight of the words.
void Searcher::weigh_words(const SearchRequest& request, HitMap& hits) const {
  auto docids = std::make_shared<std::vector<Xapian::docid>>();
  for (const auto& [docid, hit] : hits)
    if (hit.bm25 == 0) docids->push_back(docid);
  Xapian::Enquire enquire(database_);
  enquire.set_query(
      Xapian::Query(Xapian::Query::OP_FILTER, request.words, Xapian::Query((new DocidSource(docids))->release())));
  const Xapian::MSet matches = enquire.get_mset(0, as_count(docids->size()));
  for (auto match = matches.begin(); match != matches.end(); ++match) hits[*match].bm25 = match.get_weight();
}

std::vector<std::string> Searcher::shared_tokens(Xapian::docid docid, std::span<const float> unit, std::size_t probes) {
  const Xapian::Query query = builder_->tokens(unit, probes);
  std::vector<std::string> probed;
  for (auto term = query.get_unique_terms_begin(); term != query.get_terms_end(); ++term) probed.push_back(*term);
  std::vector<std::string> shared;
  auto term = database_.termlist_begin(docid);
  for (const std::string& token : probed) {
    term.skip_to(token);
    if (term == database_.termlist_end(docid)) break;
    if (*term == token) shared.push_back(token);
  }
  return shared;
}

}  // namespace vecterm
