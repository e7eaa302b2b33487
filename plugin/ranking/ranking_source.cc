// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "analyzers/errors.h"
#include "plugin/documents/vector_reader.h"
#include "plugin/ranking/names.h"

namespace vecterm {
namespace {

void check_expression(const RankingExpression& expression, std::initializer_list<RankingVariable> absent) {
  if (!expression.is_pointwise()) refuse_candidates(expression.text());
  for (const RankingVariable variable : absent)
    if (expression.uses(variable))
      throw InvalidArgument(fmt::format("expression must not use {} here, which is not known; was '{}'",
                                        name_of(variable).name, expression.text()));
}

RankingRange value_range(const Xapian::Database& database, Xapian::valueno slot) {
  const Xapian::doccount with_value = database.get_value_freq(slot);
  if (with_value == 0) return {0, 0};
  RankingRange range{Xapian::sortable_unserialise(database.get_value_lower_bound(slot)),
                     Xapian::sortable_unserialise(database.get_value_upper_bound(slot))};
  constexpr double kLargest = std::numeric_limits<double>::max();
  // An infinite value counts as 0 and says nothing of the others.
  if (!std::isfinite(range.low)) range.low = -kLargest;
  if (!std::isfinite(range.high)) range.high = kLargest;
  if (with_value < database.get_doccount()) range = {std::min(range.low, 0.0), std::max(range.high, 0.0)};
  return range;
}

// Reads numbers of a slot by ascending docid.
class SlotNumbers {
 public:
  SlotNumbers(const Xapian::Database& database, Xapian::valueno slot) : value_(database.valuestream_begin(slot)) {}

  double at(Xapian::docid docid) {
    if (value_ != Xapian::ValueIterator()) value_.skip_to(docid);
    if (value_ == Xapian::ValueIterator() || value_.get_docid() != docid) return 0;
    return Xapian::sortable_unserialise(*value_);
  }

 private:
  Xapian::ValueIterator value_;
};

// As a VectorReader gives it.
std::optional<double> document_cosine(const DocumentEmbedder& embedder, const UnitVector& unit,
                                      const Xapian::Document& document) {
  const IndexRecord& record = embedder.record();
  UnitVector row(record.dimensions);
  if (!decode_value(document.get_value(record.slot()), record.generation, row)) return std::nullopt;
  return defined_cosine(dot(unit, row));
}

double number(const Xapian::Document& document, Xapian::valueno slot) {
  const std::string value = document.get_value(slot);
  return value.empty() ? 0 : Xapian::sortable_unserialise(value);
}

}  // namespace

RankingRanges ranking_ranges(const Xapian::Database& database, std::span<const Xapian::valueno> slots) {
  RankingRanges ranges;
  ranges.cosine = {-1, 1};
  // Xapian's lower bound leaves out documents of no length.
  ranges.doclength = {0, static_cast<double>(database.get_doclength_upper_bound())};
  for (const Xapian::valueno slot : slots) ranges.values[slot] = value_range(database, slot);
  return ranges;
}

struct RankingSource::Plan {
  RankingBounds bounds(const Xapian::Database& database) const {
    RankingRanges ranges = ranking_ranges(database, expression.slots());
    if (minimum_cosine) ranges.cosine.low = *minimum_cosine;
    return expression.bounds(query, ranges);
  }

  UnitVector unit;
  RankingExpression expression;
  RankingQuery query;
  std::optional<double> minimum_cosine;
  ReaderFactory readers;
  double offset = 0;
};

// In one shard.
struct RankingSource::Position {
  Position(const Plan& made, const Xapian::Database& shard)
      : plan(made), database(shard), reader(plan.readers(shard)), evaluator(plan.expression, plan.query) {
    for (const Xapian::valueno slot : plan.expression.slots()) slots.emplace_back(shard, slot);
    values.resize(slots.size());
  }

  void start() {
    if (!started) document = database.postlist_begin("");
    started = true;
  }
  bool at_end() const { return document == Xapian::PostingIterator(); }

  bool matches() {
    if (!plan.minimum_cosine) return true;
    const std::optional<float> cosine = reader->cosine(*document, plan.unit);
    return cosine && *cosine >= *plan.minimum_cosine;
  }
  void settle() {
    while (!at_end() && !matches()) ++document;
  }

  double value() {
    const Xapian::docid docid = *document;
    RankingHit hit;
    if (plan.expression.uses(RankingVariable::kCosine)) hit.cosine = reader->cosine(docid, plan.unit).value_or(0);
    if (plan.expression.uses(RankingVariable::kDoclength)) hit.doclength = database.get_doclength(docid);
    for (std::size_t i = 0; i < slots.size(); ++i) values[i] = slots[i].at(docid);
    hit.values = values;
    return evaluator(hit);
  }

  const Plan& plan;
  Xapian::Database database;
  std::shared_ptr<VectorReader> reader;
  RankingEvaluator evaluator;
  std::vector<SlotNumbers> slots;
  std::vector<double> values;
  Xapian::PostingIterator document;
  bool started = false;
};

RankingSource::RankingSource(const Xapian::Database& database, std::shared_ptr<const DocumentEmbedder> embedder,
                             UnitVector unit, RankingExpression expression, RankingQuery query,
                             std::optional<double> minimum_cosine, ReaderFactory readers) {
  const std::size_t dimensions = embedder->record().dimensions;
  unit = unit.empty() ? UnitVector(dimensions) : query_vector(unit, dimensions);
  check_expression(expression, {RankingVariable::kBm25, RankingVariable::kVotes});
  if (minimum_cosine && !(*minimum_cosine >= -1 && *minimum_cosine <= 1))
    throw InvalidArgument(fmt::format("minimum_cosine must be in [-1, 1]; was {}", *minimum_cosine));
  if (!readers)
    readers = [embedder = std::move(embedder)](const Xapian::Database& shard) {
      return std::make_shared<SlotVectorReader>(shard, *embedder);
    };
  Plan plan{std::move(unit), std::move(expression), std::move(query), minimum_cosine, std::move(readers)};
  const double low = plan.bounds(database).low;
  if (low < -kMaxOffset)
    throw InvalidArgument(
        fmt::format("expression must be at least {} for every document, as by max() or clamp(); '{}' may be {}",
                    -kMaxOffset, plan.expression.text(), low));
  plan.offset = std::max(0.0, -low);
  plan_ = std::make_shared<const Plan>(std::move(plan));
}

RankingSource::RankingSource(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

RankingSource::~RankingSource() = default;

double RankingSource::offset() const { return plan_->offset; }

Xapian::PostingSource* RankingSource::clone() const { return new RankingSource(plan_); }

void RankingSource::init(const Xapian::Database& shard) {
  position_ = std::make_unique<Position>(*plan_, shard);
  set_maxweight(std::max(0.0, plan_->bounds(shard).high + plan_->offset));
}

Xapian::doccount RankingSource::get_termfreq_min() const {
  return plan_->minimum_cosine ? 0 : position_->database.get_doccount();
}

Xapian::doccount RankingSource::get_termfreq_est() const {
  return plan_->minimum_cosine ? get_termfreq_max() / 2 : get_termfreq_max();
}

Xapian::doccount RankingSource::get_termfreq_max() const {
  return plan_->minimum_cosine ? position_->reader->size() : position_->database.get_doccount();
}

// Xapian hands over the least weight that counts after OP_SCALE_WEIGHT, so it cannot be compared with the largest one.
void RankingSource::next(double) {
  if (position_->started)
    ++position_->document;
  else
    position_->start();
  position_->settle();
}

void RankingSource::skip_to(Xapian::docid docid, double min_weight) {
  if (check(docid, min_weight) || at_end()) return;
  position_->settle();
}

bool RankingSource::check(Xapian::docid docid, double) {
  position_->start();
  if (!at_end()) position_->document.skip_to(docid);
  return at_end() || position_->matches();
}

bool RankingSource::at_end() const { return position_->at_end(); }

Xapian::docid RankingSource::get_docid() const { return *position_->document; }

double RankingSource::get_weight() const {
  return std::clamp(position_->value() + plan_->offset, 0.0, get_maxweight());
}

std::string RankingSource::get_description() const { return "RankingSource(" + plan_->expression.text() + ")"; }

struct RankingKeyMaker::State {
  std::shared_ptr<const DocumentEmbedder> embedder;
  UnitVector unit;
  RankingExpression expression;
  RankingEvaluator evaluator;
};

RankingKeyMaker::RankingKeyMaker(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit,
                                 const RankingExpression& expression, const RankingQuery& query)
    : state_(std::make_unique<State>(State{std::move(embedder), std::move(unit), expression, {expression, query}})) {
  state_->unit = query_vector(state_->unit, state_->embedder->record().dimensions);
  check_expression(expression, {RankingVariable::kBm25, RankingVariable::kVotes, RankingVariable::kDoclength});
}

RankingKeyMaker::~RankingKeyMaker() = default;

std::string RankingKeyMaker::operator()(const Xapian::Document& document) const {
  const auto& [embedder, unit, expression, evaluator] = *state_;
  RankingHit hit;
  if (expression.uses(RankingVariable::kCosine)) hit.cosine = document_cosine(*embedder, unit, document).value_or(0);
  std::vector<double> values;
  for (const Xapian::valueno slot : expression.slots()) values.push_back(number(document, slot));
  hit.values = values;
  return Xapian::sortable_serialise(state_->evaluator(hit));
}

struct CosineSpy::State {
  std::shared_ptr<const DocumentEmbedder> embedder;
  UnitVector unit;
  std::array<Xapian::doccount, kBins> bins{};
  Xapian::doccount without_vector = 0;
  std::optional<double> largest = {};
};

CosineSpy::CosineSpy(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit)
    : state_(std::make_unique<State>(State{std::move(embedder), std::move(unit)})) {
  state_->unit = query_vector(state_->unit, state_->embedder->record().dimensions);
}

CosineSpy::~CosineSpy() = default;

void CosineSpy::operator()(const Xapian::Document& document, double) {
  const std::optional<double> cosine = document_cosine(*state_->embedder, state_->unit, document);
  if (!cosine) {
    ++state_->without_vector;
    return;
  }
  const double bin = std::floor((*cosine + 1) * (kBins / 2.0));
  ++state_->bins[static_cast<std::size_t>(std::clamp(bin, 0.0, kBins - 1.0))];
  state_->largest = std::max(state_->largest.value_or(*cosine), *cosine);
}

const std::array<Xapian::doccount, CosineSpy::kBins>& CosineSpy::bins() const { return state_->bins; }
Xapian::doccount CosineSpy::without_vector() const { return state_->without_vector; }
std::optional<double> CosineSpy::largest() const { return state_->largest; }

}  // namespace vecterm
