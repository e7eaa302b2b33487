// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/searcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "analyzers/errors.h"
#include "plugin/documents/shard.h"
#include "plugin/documents/vector_reader.h"
#include "plugin/search/candidate_search.h"
#include "plugin/search/saturation.h"
#include "plugin/search/second_phase.h"

namespace vecterm {
namespace {

constexpr std::size_t kSpareCandidates = 20;  // in the window, beyond twice the hits wanted

Ranking ranking_by(const char* variable) {
  RankingProfile profile;
  profile.first_phase = variable;
  return Ranking(std::move(profile));
}

const Ranking& words_ranking() {
  static const Ranking ranking = ranking_by("bm25");
  return ranking;
}

const Ranking& vector_ranking() {
  static const Ranking ranking = ranking_by("cosine");
  return ranking;
}

const Ranking& mixed_ranking() {
  static const Ranking ranking(default_profile());
  return ranking;
}

/// Picks the hits of a page from rankings of more and more candidates.
class Page {
 public:
  Page(const SearchRequest& request, const Xapian::Database& database) : request_(request), database_(database) {}

  bool full() const { return hits_.size() >= request_.offset + request_.k; }

  /// Takes what is new of the first `count`. False where the rest scores too little.
  bool take(const std::vector<Hit>& ranked, std::size_t count) {
    for (const Hit& hit : std::span(ranked).first(std::min(count, ranked.size()))) {
      if (request_.min_score && hit.score < *request_.min_score) return false;
      if (seen_.insert(hit.docid).second) add(hit);
    }
    return true;
  }

  std::vector<Hit> hits() && {
    const std::size_t begin = std::min(request_.offset, hits_.size());
    const std::size_t end = std::min(begin + request_.k, hits_.size());
    return {std::make_move_iterator(hits_.begin() + static_cast<std::ptrdiff_t>(begin)),
            std::make_move_iterator(hits_.begin() + static_cast<std::ptrdiff_t>(end))};
  }

 private:
  void add(const Hit& hit) {
    if (request_.collapse) {
      const std::string value = database_.get_document(hit.docid).get_value(*request_.collapse);
      const auto [of_value, first] = by_value_.emplace(value, hits_.size());
      if (!value.empty() && !first) {
        ++hits_[of_value->second].collapsed;
        return;
      }
    }
    hits_.push_back(hit);
  }

  const SearchRequest& request_;
  Xapian::Database database_;
  std::set<Xapian::docid> seen_;
  std::map<std::string, std::size_t> by_value_;  ///< index of the hit that has it
  std::vector<Hit> hits_;
};

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

// @throws where the database does not belong to the searcher's dictionary
Xapian::Database checked(Xapian::Database database, const IndexRecord& expected) {
  const auto record = IndexRecord::read(database);
  if (!record) throw NotFound("the database has no embeddings; add them with embed_index (vecterm embed)");
  if (record->dictionary != expected.dictionary)
    throw WrongDictionary(fmt::format("the database was made with dictionary {}; the searcher's is {}",
                                      record->dictionary, expected.dictionary));
  return database;
}

// Whether either phase does.
bool uses(const Ranking& ranking, RankingVariable variable) {
  if (ranking.score().uses(variable)) return true;
  const auto& first = ranking.first_phase();
  return first && (first->words_factor.uses(variable) || first->rest.uses(variable));
}

const Ranking& ranking_of(const SearchRequest& request) {
  if (request.ranking) return *request.ranking;
  if (!request.vector) return words_ranking();
  return request.words.empty() ? vector_ranking() : mixed_ranking();
}

}  // namespace

class Searcher::Internal {
 public:
  Internal(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  std::vector<Hit> search(const SearchRequest& request, SearchReport& report);
  Xapian::Query nearest_query(const SearchRequest& request, double scale, SearchReport& report);
  CandidateFeatures features(const SearchRequest& request, const RankingExpression& expression, std::size_t a_side);
  std::vector<SharedToken> shared_tokens(Xapian::docid docid, std::span<const float> vector,
                                         const ProbeLimits& limits) const;
  ProbeLimits limits(const SearchOptions& options) const;

  const std::optional<Tuning>& tuning() const { return tuning_; }
  const QueryBuilder& builder() const { return *builder_; }
  const Xapian::Database& database() const { return database_; }

 private:
  SearchRequest checked(SearchRequest request) const;
  RankingQuery facts(const SearchRequest& request, const Ranking& ranking);
  double mean_cosine(std::span<const float> unit);
  std::optional<double> expected_recall(const SearchRequest& request, const SearchReport& report) const;

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
  std::optional<Tuning> tuning_;
  Saturation saturation_;
  std::vector<double> mean_vector_;  // of about 256 documents; empty until it is needed
  CandidateSearch first_phase_;
  SecondPhase second_phase_;
};

Searcher::Internal::Internal(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder,
                             std::vector<Shard> shards)
    : database_(std::move(database)),
      builder_(std::move(builder)),
      tuning_(Tuning::read(database_, builder_->embedder().record().hash_space)),
      saturation_(database_),
      first_phase_(database_, builder_, std::move(shards)),
      second_phase_(database_, builder_) {}

// With a vector of norm 1.
SearchRequest Searcher::Internal::checked(SearchRequest request) const {
  request.check();
  if (request.vector) request.vector = query_vector(*request.vector, builder_->embedder().record().dimensions);
  if (request.min_cosine && !request.vector && !request.words.empty())
    throw InvalidArgument("min_cosine needs a query vector; the query has none");
  if (!(request.asked >= 0) || !std::isfinite(request.asked))
    throw InvalidArgument(fmt::format("asked must be finite and at least 0; was {}", request.asked));
  if (!(request.coverage >= 0 && request.coverage <= 1))
    throw InvalidArgument(fmt::format("coverage must be in [0, 1]; was {}", request.coverage));
  limits(request);
  return request;
}

ProbeLimits Searcher::Internal::limits(const SearchOptions& options) const {
  options.check();
  if (options.recall && !tuning_)
    throw NotFound("a recall needs an index that was tuned: run tune_index (vecterm tune DB --recall 0.95) first");
  ProbeLimits limits = builder_->embedder().embedder().dictionary().hash_space().default_limits();
  if (tuning_) limits = tuning_->at(options.recall.value_or(tuning_->target)).limits;
  if (options.probes) limits = ProbeLimits(*options.probes);
  if (options.reach) limits.reach = *options.reach;
  return limits;
}

std::vector<Hit> Searcher::Internal::search(const SearchRequest& asked, SearchReport& report) {
  const SearchRequest request = checked(asked);
  report = {};
  if (!request.vector && request.words.empty()) return {};
  const Ranking& ranking = ranking_of(request);
  RankingQuery facts = this->facts(request, ranking);
  facts.parameters = ranking.profile().parameters;
  const ProbeLimits limits = this->limits(request);
  const bool by_candidate = !request.ranking && (request.words.empty() || !request.vector);  // their order is final
  const std::size_t wanted = request.k + request.exclude.size();
  std::size_t window = by_candidate ? wanted : std::max(ranking.profile().window, 2 * wanted + kSpareCandidates);
  for (Page page(request, database_);; window *= 4) {
    report = {};
    const Candidates candidates = first_phase_.find(request, ranking, facts, limits, window, report);
    const auto ranked = second_phase_.rank(request, ranking.score(), facts, limits, candidates.documents);
    const bool more = page.take(ranked, by_candidate || candidates.all ? ranked.size() : window / 2);
    if (more && !candidates.all && !page.full()) continue;
    report.recall = expected_recall(request, report);
    return std::move(page).hits();
  }
}

CandidateFeatures Searcher::Internal::features(const SearchRequest& asked, const RankingExpression& expression,
                                               std::size_t a_side) {
  const SearchRequest request = checked(asked);
  SearchReport unread;
  const ProbeLimits limits = this->limits(request);
  CandidateFeatures features;
  features.query = facts(request, mixed_ranking());
  const std::vector<Candidate> candidates =
      first_phase_.find(request, mixed_ranking(), features.query, limits, a_side, unread).documents;
  for (const Candidate& candidate : candidates) features.docids.push_back(candidate.docid);
  features.columns = second_phase_.columns(request, expression, limits, candidates);
  return features;
}

RankingQuery Searcher::Internal::facts(const SearchRequest& request, const Ranking& ranking) {
  const auto is_read = [&](RankingVariable variable) { return request.features || uses(ranking, variable); };
  const bool by_mean = request.vector && is_read(RankingVariable::kMeanCosine);
  return {.saturation = is_read(RankingVariable::kSaturation) ? saturation_.of(request.words) : 1,
          .coverage = request.coverage,
          .words = static_cast<double>(request.words.get_length()),
          .asked = request.asked,
          .mean_cosine = by_mean ? mean_cosine(*request.vector) : 0,
          .dimensions = static_cast<double>(builder_->embedder().record().dimensions),
          .inputs = request.inputs,
          .parameters = {}};
}

// Tuning knows nothing of filters, nor of the plain-terms plan where it leaves out candidates.
std::optional<double> Searcher::Internal::expected_recall(const SearchRequest& request,
                                                          const SearchReport& report) const {
  const Plan plan = report.choice.plan;
  if (plan == Plan::kExact || plan == Plan::kFilterFirst) return 1;
  const bool left_out = plan == Plan::kPlainTerms && report.candidates < report.postings;
  if (!tuning_ || !request.vector || !request.filter.empty() || left_out) return std::nullopt;
  return tuning_->estimate(limits(request));
}

Xapian::Query Searcher::Internal::nearest_query(const SearchRequest& asked, double scale, SearchReport& report) {
  const SearchRequest request = checked(asked);
  if (!first_phase_.is_local(request))
    throw InvalidArgument("a query of the nearest documents needs local databases; these are remote");
  if (!request.vector) throw InvalidArgument("a query of the nearest documents needs a vector");
  if (!(scale >= 0) || !std::isfinite(scale))
    throw InvalidArgument(fmt::format("scale must be finite and at least 0; was {}", scale));
  report = {};
  const std::size_t wanted = request.offset + request.k;
  std::vector<Xapian::docid> docids;
  std::vector<double> weights;
  for (const auto& [docid, cosine] : first_phase_.nearest(request, limits(request), wanted, wanted, report)) {
    docids.push_back(docid);
    weights.push_back(scale * std::max(0.0, static_cast<double>(cosine)));
  }
  report.recall = expected_recall(request, report);
  return first_phase_.source(docids, weights);
}

// By documents evenly spread over the docids, so that it is the same however they are spread over shards.
double Searcher::Internal::mean_cosine(std::span<const float> unit) {
  constexpr Xapian::docid kLooked = 256;
  if (mean_vector_.empty()) {
    const IndexRecord& record = builder_->embedder().record();
    mean_vector_.assign(record.dimensions, 0);
    UnitVector row(record.dimensions);
    const Xapian::docid step = std::max<Xapian::docid>(1, database_.get_lastdocid() / kLooked);
    std::size_t looked = 0;
    auto value = database_.valuestream_begin(record.slot());
    const auto end = database_.valuestream_end(record.slot());
    while (value != end) {
      decode_value(*value, record.generation, row);
      ++looked;
      for (std::size_t i = 0; i < row.size(); ++i)
        mean_vector_[i] += (static_cast<double>(row[i]) - mean_vector_[i]) / static_cast<double>(looked);
      if (value.get_docid() > std::numeric_limits<Xapian::docid>::max() - step) break;
      value.skip_to(value.get_docid() + step);
    }
  }
  return std::inner_product(unit.begin(), unit.end(), mean_vector_.begin(), 0.0);
}

std::vector<SharedToken> Searcher::Internal::shared_tokens(Xapian::docid docid, std::span<const float> vector,
                                                           const ProbeLimits& limits) const {
  const DocumentEmbedder& embedder = builder_->embedder();
  const UnitVector unit = query_vector(vector, embedder.record().dimensions);
  std::vector<SharedToken> probed;
  for (const Probe& probe : embedder.embedder().dictionary().hash_space().probes(unit, limits))
    probed.push_back({embedder.term(probe.bucket), probe.bucket.table});
  std::ranges::sort(probed, {}, &SharedToken::term);
  std::vector<SharedToken> shared;
  auto term = database_.termlist_begin(docid);
  for (SharedToken& token : probed) {
    term.skip_to(token.term);
    if (term == database_.termlist_end(docid)) break;
    if (*term == token.term) shared.push_back(std::move(token));
  }
  return shared;
}

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder)
    : Searcher(checked(database, builder->embedder().record()), builder, shards_of(database, builder->embedder())) {}

Searcher::Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards)
    : internal_(std::make_shared<Internal>(std::move(database), std::move(builder), std::move(shards))) {}

std::vector<Hit> Searcher::search(const SearchRequest& request, SearchReport* report) {
  SearchReport unread;
  return internal_->search(request, report != nullptr ? *report : unread);
}

Xapian::Query Searcher::nearest_query(const SearchRequest& request, double scale, SearchReport* report) {
  SearchReport unread;
  return internal_->nearest_query(request, scale, report != nullptr ? *report : unread);
}

CandidateFeatures Searcher::features(const SearchRequest& request, const RankingExpression& expression,
                                     std::size_t a_side) {
  return internal_->features(request, expression, a_side);
}

std::vector<SharedToken> Searcher::shared_tokens(Xapian::docid docid, std::span<const float> vector,
                                                 const ProbeLimits& limits) const {
  return internal_->shared_tokens(docid, vector, limits);
}

ProbeLimits Searcher::limits(const SearchOptions& options) const { return internal_->limits(options); }
const std::optional<Tuning>& Searcher::tuning() const { return internal_->tuning(); }
const QueryBuilder& Searcher::builder() const { return internal_->builder(); }
const Xapian::Database& Searcher::database() const { return internal_->database(); }

}  // namespace vecterm
