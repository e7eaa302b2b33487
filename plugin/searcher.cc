// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "analyzers/errors.h"
#include "plugin/docid_source.h"
#include "plugin/nearest_search.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxHits = 1000000;
constexpr std::size_t kLeastCandidates = 1000;  // of the plain-terms plan
constexpr std::size_t kLeastNeighbours = 40;    // that are joined to the words
constexpr std::size_t kSecondPhase = 20;        // hits beyond twice those wanted that get exact scores

Xapian::Query filtered(const Xapian::Query& query, const Xapian::Query& filter) {
  return filter.empty() ? query : Xapian::Query(Xapian::Query::OP_FILTER, query, filter);
}

Xapian::doccount as_count(std::size_t n) {
  return static_cast<Xapian::doccount>(std::min<std::size_t>(n, std::numeric_limits<Xapian::doccount>::max()));
}

bool better(const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.docid < b.docid; }

void keep_best(std::vector<Hit>& hits, std::size_t wanted) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(wanted, hits.size()));
  std::partial_sort(hits.begin(), hits.begin() + kept, hits.end(), better);
  hits.resize(static_cast<std::size_t>(kept));
}

// Documents that each side of the plain-terms plan hands to the merge.
std::size_t candidates_of(const SearchRequest& request, std::size_t wanted) {
  return std::max({request.candidates, kLeastCandidates, wanted});
}

// Whether this is one local database, whose posting lists can be read here.
bool is_single_and_local(const Xapian::Database& database) {
  try {
    return database.get_revision() > 0 || database.get_doccount() == 0;
  } catch (const Xapian::Error&) {
    return false;
  }
}

std::vector<Shard> shards_of(const Xapian::Database& database, const DocumentEmbedder& embedder) {
  if (!is_single_and_local(database)) return {};
  return {{database, std::make_shared<SlotVectorReader>(database, embedder),
           std::make_shared<DatabasePostingReader>(database)}};
}

void check_distinct(const std::vector<Shard>& shards) {
  std::set<std::string> uuids;
  for (const Shard& shard : shards)
    if (!uuids.insert(shard.database.get_uuid()).second)
      throw InvalidArgument(fmt::format("shards must be databases of their own; two have the uuid {}: one is a copy",
                                        shard.database.get_uuid()));
}

}  // namespace

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder)
    : Searcher(database, builder, shards_of(database, builder->embedder())) {}

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards)
    : database_(std::move(database)), builder_(std::move(builder)), anywhere_(database_, builder_) {
  const auto record = IndexRecord::read(database_);
  const IndexRecord& expected = builder_->embedder().record();
  if (!record) throw DataError("the database has no embeddings; add them with embed_index (vecterm embed)");
  if (record->dictionary != expected.dictionary)
    throw DataError(fmt::format("the database was made with dictionary {}; the searcher's is {}", record->dictionary,
                                expected.dictionary));
  tuning_ = Tuning::read(database_, record->hash_space);
  check_distinct(shards);
  if (!shards.empty()) local_ = std::make_unique<NearestSearch>(builder_, std::move(shards));
}

Searcher::~Searcher() = default;

void Searcher::check(const SearchRequest& request) const {
  const std::size_t dimensions = builder_->embedder().record().dimensions;
  if (request.k < 1 || request.k > kMaxHits)
    throw InvalidArgument(fmt::format("k must be in [1, {}]; was {}", kMaxHits, request.k));
  if (request.offset > kMaxHits)
    throw InvalidArgument(fmt::format("offset must be in [0, {}]; was {}", kMaxHits, request.offset));
  if (!(request.cosine_share >= 0) || !std::isfinite(request.cosine_share))
    throw InvalidArgument(fmt::format("cosine_share must be finite and at least 0; was {}", request.cosine_share));
  if (!(request.reach >= 0)) throw InvalidArgument(fmt::format("reach must be at least 0; was {}", request.reach));
  if (request.vector && request.vector->size() != dimensions)
    throw InvalidArgument(
        fmt::format("query vector must have {} dimensions; had {}", dimensions, request.vector->size()));
  limits(request);
}

ProbeLimits Searcher::limits(const SearchRequest& request) const {
  const bool explicit_limits = request.probes != 0 || request.reach != 0;
  if (request.recall != 0 && explicit_limits)
    throw InvalidArgument(
        fmt::format("recall must not be given together with probes or reach; was {}", request.recall));
  if (request.recall != 0 && !tuning_)
    throw DataError("a recall needs an index that was tuned: run tune_index (vecterm tune DB --recall 0.95) first");
  ProbeLimits limits = builder_->embedder().embedder().dictionary().hash_space().default_limits();
  if (tuning_) limits = tuning_->at(request.recall != 0 ? request.recall : tuning_->target).limits;
  if (request.probes != 0) limits = ProbeLimits(request.probes);
  if (request.reach != 0) limits.reach = request.reach;
  return limits;
}

std::vector<Hit> Searcher::search(const SearchRequest& request, SearchReport* report) {
  check(request);
  SearchReport unread;
  SearchReport& filled = report != nullptr ? *report : unread;
  filled = {};
  // One more, where a document is to be left out.
  const std::size_t wanted = request.offset + request.k + (request.exclude != 0 ? 1 : 0);
  std::vector<Hit> hits;
  if (request.vector && !request.words.empty()) {
    hits = mixed(request, wanted, filled);
  } else if (request.vector) {
    for (const auto& [docid, cosine] : nearest(request, wanted, wanted, filled))
      hits.push_back({.docid = docid, .score = cosine, .bm25 = 0, .cosine = cosine});
  } else if (!request.words.empty()) {
    hits = words_only(request, wanted);
  }
  std::erase_if(hits, [&](const Hit& hit) { return hit.docid == request.exclude; });
  hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(std::min(request.offset, hits.size())));
  if (hits.size() > request.k) hits.resize(request.k);
  return hits;
}

std::vector<Hit> Searcher::words_only(const SearchRequest& request, std::size_t wanted) const {
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(request.words, request.filter));
  const Xapian::MSet matches = enquire.get_mset(0, as_count(wanted));
  std::vector<Hit> hits;
  for (auto match = matches.begin(); match != matches.end(); ++match)
    hits.push_back({.docid = *match, .score = match.get_weight(), .bm25 = match.get_weight(), .cosine = 0});
  return hits;
}

std::vector<Neighbour> Searcher::nearest(const SearchRequest& request, std::size_t wanted, std::size_t needed,
                                         SearchReport& report) {
  const bool by_terms = !local_ || request.plan == Plan::kPlainTerms;
  const NearestRequest nearest{.unit = *request.vector,
                               .filter = request.filter,
                               .wanted = wanted,
                               .needed = needed,
                               .limits = limits(request),
                               .plan = request.plan,
                               .exact_below = request.exact_below};
  auto found =
      by_terms ? anywhere_.find(nearest, candidates_of(request, wanted), report) : local_->find(nearest, report);
  report.recall = expected_recall(request, report);
  return found;
}

// Tuning knows nothing of filters, nor of the plain-terms plan where it leaves out candidates.
std::optional<double> Searcher::expected_recall(const SearchRequest& request, const SearchReport& report) const {
  const Plan plan = report.choice.plan;
  if (plan == Plan::kExact || plan == Plan::kFilterFirst) return 1;
  const bool left_out = plan == Plan::kPlainTerms && report.candidates < report.postings;
  if (!tuning_ || !request.filter.empty() || left_out) return std::nullopt;
  return tuning_->estimate(limits(request));
}

Xapian::Query Searcher::nearest_query(const SearchRequest& request, double scale, SearchReport* report) {
  check(request);
  if (!local_) throw InvalidArgument("a query of the nearest documents needs local databases; these are remote");
  if (!request.vector) throw InvalidArgument("a query of the nearest documents needs a vector");
  if (!(scale >= 0) || !std::isfinite(scale))
    throw InvalidArgument(fmt::format("scale must be finite and at least 0; was {}", scale));
  SearchReport unread;
  return source(
      nearest(request, request.offset + request.k, request.offset + request.k, report != nullptr ? *report : unread),
      scale, 0);
}

// The documents as a query, each with the weight scale * max(0, cosine - floor).
Xapian::Query Searcher::source(const std::vector<Neighbour>& found, double scale, double floor) const {
  std::vector<Shard>& shards = local_->shards();
  std::vector<std::vector<DocidSource::Posting>> postings(shards.size());
  for (const auto& [docid, cosine] : found)
    postings[(docid - 1) % shards.size()].push_back(
        {static_cast<Xapian::docid>((docid - 1) / shards.size() + 1), scale * std::max(0.0, cosine - floor)});
  DocidSource::Shards by_uuid;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    std::sort(postings[i].begin(), postings[i].end(), [](const auto& a, const auto& b) { return a.docid < b.docid; });
    by_uuid[shards[i].database.get_uuid()] = std::move(postings[i]);
  }
  return Xapian::Query((new DocidSource(std::make_shared<const DocidSource::Shards>(std::move(by_uuid))))->release());
}

// The sum of the weights that Xapian's BM25 gives the query's words as their wdf grows without end.
double Searcher::saturation(const Xapian::Query& words) const {
  const double n = database_.get_doccount();
  double sum = 0;
  for (auto term = words.get_terms_begin(); term != words.get_terms_end(); ++term) {
    const double termfreq = database_.get_termfreq(*term);
    if (termfreq == 0) continue;
    double odds = (n - termfreq + 0.5) / (termfreq + 0.5);
    if (odds < 2) odds = odds * 0.5 + 1;
    sum += 2 * std::log(odds);  // k1 + 1
  }
  return sum;
}

std::vector<Hit> Searcher::mixed(const SearchRequest& request, std::size_t wanted, SearchReport& report) {
  return local_ && request.plan != Plan::kPlainTerms ? mixed_in_matcher(request, wanted, report)
                                                     : merged(request, wanted, report);
}

// Two phases. The first is one run of the matcher for words and neighbours together, in which a document that is no
// neighbour counts as if it had the last neighbour's cosine, which is the most that it can have: so neighbours weigh
// what they have beyond that. The second gives the best of that run their exact scores.
std::vector<Hit> Searcher::mixed_in_matcher(const SearchRequest& request, std::size_t wanted, SearchReport& report) {
  const std::size_t neighbours = std::max(kLeastNeighbours, 2 * wanted);
  const std::vector<Neighbour> found = nearest(request, neighbours, wanted, report);
  const double all_words = saturation(request.words);
  const double unit_weight = all_words > 0 ? all_words : 1;
  const double scale = request.cosine_share * unit_weight;
  const double floor = found.size() == neighbours ? std::max(0.0, static_cast<double>(found.back().cosine)) : 0.0;
  std::unordered_map<Xapian::docid, float> cosines;
  for (const auto& [docid, cosine] : found) cosines.emplace(docid, cosine);

  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered({Xapian::Query::OP_OR, request.words, source(found, scale, floor)}, request.filter));
  const Xapian::MSet matches = enquire.get_mset(0, as_count(2 * wanted + kSecondPhase));
  std::vector<Hit> hits;
  for (auto match = matches.begin(); match != matches.end(); ++match) {
    const auto neighbour = cosines.find(*match);
    const bool near = neighbour != cosines.end();
    const double cosine = near ? neighbour->second : this->cosine(*match, *request.vector);
    const double bm25 = match.get_weight() - (near ? scale * std::max(0.0, cosine - floor) : 0.0);
    hits.push_back({.docid = *match,
                    .score = (bm25 + scale * cosine) / unit_weight,
                    .bm25 = std::max(0.0, bm25),
                    .cosine = cosine});
  }
  keep_best(hits, wanted);
  return hits;
}

// The plain-terms plan's merge. Single documents cannot be weighed afterwards, so every match of the words is.
std::vector<Hit> Searcher::merged(const SearchRequest& request, std::size_t wanted, SearchReport& report) {
  const std::size_t candidates = candidates_of(request, wanted);
  Xapian::Enquire enquire(database_);
  enquire.set_query(filtered(request.words, request.filter));
  const Xapian::MSet matches = enquire.get_mset(0, database_.get_doccount());
  std::unordered_map<Xapian::docid, Hit> hits;
  std::unordered_map<Xapian::docid, double> bm25;
  for (auto match = matches.begin(); match != matches.end(); ++match) {
    bm25.emplace(*match, match.get_weight());
    if (hits.size() < candidates) hits.emplace(*match, Hit{.docid = *match, .bm25 = match.get_weight()});
  }
  for (auto& [docid, hit] : hits) hit.cosine = cosine(docid, *request.vector);
  for (const auto& [docid, cosine] : nearest(request, candidates, wanted, report)) {
    const auto words = bm25.find(docid);
    hits.try_emplace(docid, Hit{.docid = docid, .bm25 = words == bm25.end() ? 0 : words->second, .cosine = cosine});
  }
  const double all_words = saturation(request.words);
  std::vector<Hit> ranked;
  for (auto& [docid, hit] : hits) {
    hit.score = (all_words > 0 ? hit.bm25 / all_words : hit.bm25) + request.cosine_share * hit.cosine;
    ranked.push_back(hit);
  }
  keep_best(ranked, wanted);
  return ranked;
}

float Searcher::cosine(Xapian::docid docid, std::span<const float> unit) {
  if (!local_) return anywhere_.cosine(docid, unit);
  std::vector<Shard>& shards = local_->shards();
  const auto local = static_cast<Xapian::docid>((docid - 1) / shards.size() + 1);
  return shards[(docid - 1) % shards.size()].vectors->cosine(local, unit).value_or(0.0F);
}

std::vector<std::string> Searcher::shared_tokens(Xapian::docid docid, std::span<const float> unit,
                                                 const ProbeLimits& limits) const {
  const Xapian::Query query = builder_->tokens(unit, limits);
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
