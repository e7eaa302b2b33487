// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/training_step.h"

#include <algorithm>
#include <cmath>

#include "analyzers/numbers/portable_log.h"

namespace vecterm {

TrainingStep::TrainingStep(const TrainingOptions& options, const TrainingData& data, const Bags& bags, WordRows& rows,
                           ThreadPool& threads)
    : options_(options), data_(data), bags_of_all_(bags), rows_(rows), threads_(threads) {}

double TrainingStep::run(const TaskPairs& task, double weight, std::span<const TrainingData::Pair> pairs, Random draws,
                         double rate) {
  draw_entities(task, pairs, draws);
  embed_entities();
  active_.assign(entities_.size(), 0);
  double loss = learn(task, weight, pairs, whole_);
  for (const std::uint32_t dimensions : options_.nested) {
    cut_units(dimensions);
    loss += learn(task, weight, pairs, prefix_);
  }
  unusable_rows_ = rows_.step(gradients_.data(), active_, rate, options_.max_norm, threads_);
  return loss / static_cast<double>(1 + options_.nested.size());
}

/// Adds the gradients of one prefix; returns the sum of the pairs' losses.
double TrainingStep::learn(const TaskPairs& task, double weight, std::span<const TrainingData::Pair> pairs,
                           const Units& units) {
  packed_ = std::make_unique<PackedRows>(std::span(units.rows).first(pool_size_ * units.width), units.width);
  threads_.for_each(pairs.size(), 8, [&](std::size_t begin, std::size_t end) {
    Scratch scratch;
    for (std::size_t k = begin; k < end; ++k) losses_[k] = compare(task, weight, pairs[k], k, units, scratch);
  });
  threads_.for_each(query_of(0), 64, [&](std::size_t begin, std::size_t end) {
    turn_shares(begin, end);
    for (std::size_t e = begin; e < end; ++e) differentiate(e, units);
  });
  double loss = 0;
  for (const double pair_loss : losses_) loss += pair_loss;
  return loss;
}

void TrainingStep::draw_entities(const TaskPairs& task, std::span<const TrainingData::Pair> pairs, Random& draws) {
  pairs_ = pairs.size();
  pool_size_ = negatives() + (options_.in_batch ? pairs_ : 0);
  const std::size_t entities = query_of(pairs_);
  entities_.resize(entities);
  bags_.resize(entities);
  for (Units* units : {&whole_, &prefix_}) units->norms.resize(entities);
  whole_.width = rows_.dimensions();
  whole_.rows.resize(entities * whole_.width);
  shares_.resize(std::max(shares_.size(), entities));
  gradients_.resize(entities * rows_.dimensions());
  losses_.resize(pairs_);
  places_.clear();
  for (std::size_t j = 0; j < negatives(); ++j) {
    places_.push_back(draws.below(task.candidates().size()));
    entities_[j] = task.candidates()[places_.back()];
  }
  if (options_.in_batch || options_.log_q)
    for (const TrainingData::Pair& pair : pairs) places_.push_back(task.candidate(pair.item));
  for (std::size_t k = 0; k < pairs_; ++k) {
    entities_[positive_of(k)] = pairs[k].item;
    entities_[query_of(k)] = pairs[k].query;
  }
  for (std::size_t e = 0; e < entities; ++e) bags_[e] = bags_of_all_[entities_[e]];
  if (options_.dropout > 0) drop_words(draws.bits());
  pool_.clear();
  for (std::uint32_t j = 0; j < pool_size_; ++j) pool_.push_back({entities_[j], j});
  std::ranges::sort(pool_);
  log_q_.clear();
  if (options_.objective == Objective::kSoftmax && options_.log_q) correct_for_frequency(task);
}

// An entity that would lose all its words keeps them.
void TrainingStep::drop_words(std::uint64_t seed) {
  kept_.resize(std::max(kept_.size(), entities_.size()));
  const auto kept_below = static_cast<std::uint64_t>((1 - options_.dropout) * 0x1.0p16);
  threads_.for_each(entities_.size(), 32, [&](std::size_t begin, std::size_t end) {
    for (std::size_t e = begin; e < end; ++e) {
      Random random(seed, e);
      std::uint64_t bits = 0;
      kept_[e].clear();
      for (std::size_t i = 0; i < bags_[e].size(); ++i) {
        bits = i % 4 == 0 ? random.bits() : bits >> 16;
        if ((bits & 0xffff) < kept_below) kept_[e].push_back(bags_[e][i]);
      }
      if (!kept_[e].empty()) bags_[e] = kept_[e];
    }
  });
}

// A candidate is expected in a pool once for each of the batch's pairs that leads to it, and once for each draw of it.
void TrainingStep::correct_for_frequency(const TaskPairs& task) {
  const double in_batch = options_.in_batch ? static_cast<double>(pairs_) / static_cast<double>(task.size()) : 0.0;
  const double drawn = static_cast<double>(negatives()) / static_cast<double>(task.candidates().size());
  for (const std::size_t place : places_)
    log_q_.push_back(static_cast<float>(portable_log(in_batch * task.count(place) + drawn)));
}

float TrainingStep::embed_bag(std::size_t entity, std::span<const Share<float>> bag, std::span<float> out) const {
  if (const auto fixed = data_.vector(entity); !fixed.empty()) {
    std::fill(std::ranges::copy(fixed, out.begin()).out, out.end(), 0.0F);
    return 1;
  }
  rows_.sum(bag, out);
  return make_unit(out);
}

void TrainingStep::embed(std::size_t entity, std::span<float> out) const {
  AlignedFloats unit(rows_.dimensions());
  embed_bag(entity, bags_of_all_[entity], unit);
  std::copy_n(unit.begin(), out.size(), out.begin());
}

/// Collecting the rows is one thread's work, so it is done beside.
void TrainingStep::embed_entities() {
  constexpr std::size_t kPiece = 32;
  threads_.for_each(1 + (entities_.size() + kPiece - 1) / kPiece, 1, [&](std::size_t piece, std::size_t) {
    if (piece == 0) return rows_.collect(bags_);
    const std::size_t end = std::min(piece * kPiece, entities_.size());
    for (std::size_t e = (piece - 1) * kPiece; e < end; ++e)
      whole_.norms[e] = embed_bag(entities_[e], bags_[e], whole_[e]);
  });
}

/// The prefix's units, from the whole ones.
void TrainingStep::cut_units(std::size_t dimensions) {
  prefix_.width = aligned_dimensions(dimensions);
  prefix_.rows.assign(entities_.size() * prefix_.width, 0.0F);
  threads_.for_each(entities_.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t e = begin; e < end; ++e) {
      std::ranges::copy(whole_[e].first(dimensions), prefix_[e].begin());
      prefix_.norms[e] = whole_.norms[e] * make_unit(prefix_[e]);
    }
  });
}

void TrainingStep::mask_known(const TaskPairs& task, std::uint32_t query, const Units& units,
                              std::vector<std::uint8_t>& masked) const {
  masked.resize(pool_size_);
  for (std::size_t j = 0; j < pool_size_; ++j) masked[j] = units.norms[j] > 0 ? 0 : 1;
  if (const auto bits = task.known_bits(query); !bits.empty()) {
    for (std::size_t j = 0; j < pool_size_; ++j)
      masked[j] |= static_cast<std::uint8_t>(bits[places_[j] / 64] >> (places_[j] % 64) & 1);
    return;
  }
  const auto known = task.known(query);
  const auto mask = [&](auto candidate, std::uint32_t item) {
    for (; candidate != pool_.end() && candidate->first == item; ++candidate) masked[candidate->second] = 1;
  };
  if (known.size() < pool_.size()) {
    for (const std::uint32_t item : known) mask(std::ranges::lower_bound(pool_, std::pair(item, 0U)), item);
  } else {
    for (const auto& [item, j] : pool_)
      if (std::ranges::binary_search(known, item)) masked[j] = 1;
  }
}

/// The gradient of pair k's query, and the query's share in its positive's; returns its loss.
double TrainingStep::compare(const TaskPairs& task, double weight, const TrainingData::Pair& pair, std::size_t k,
                             const Units& units, Scratch& scratch) {
  auto& [cosines, scores, masked] = scratch;
  const std::size_t query = query_of(k);
  const std::size_t positive = positive_of(k);
  shares_[query].clear();
  if (!(units.norms[query] > 0) || !(units.norms[positive] > 0)) return 0;
  cosines.resize(pool_size_);
  packed_->products(units[query], cosines);
  const auto cosine = static_cast<float>(lane_dot<float>(units[query], units[positive]));
  mask_known(task, pair.query, units, masked);
  PairLoss<float> result;
  if (options_.objective == Objective::kHinge) {
    result = hinge_loss<float>(static_cast<float>(options_.margin), cosine, cosines, masked, shares_[query]);
    result.loss *= static_cast<double>(shares_[query].size()) / static_cast<double>(pool_size_);
  } else {
    result = softmax_loss<float>(
        static_cast<float>(options_.temperature), cosine, log_q_.empty() ? 0.0F : log_q_[positive], cosines,
        std::span<const float>(log_q_).first(std::min(log_q_.size(), pool_size_)), masked, shares_[query], scores);
  }
  if (result.positive == 0) {
    shares_[query].clear();
    return result.loss;
  }
  const float factor = static_cast<float>(weight) * pair.weight;
  for (Share<float>& share : shares_[query]) share.factor *= factor;
  shares_[query].push_back({static_cast<std::uint32_t>(positive), result.positive * factor});
  differentiate(query, units);
  return result.loss;
}

/// The shares of the queries in the gradients of negatives and positives [begin, end), from theirs in the queries'.
void TrainingStep::turn_shares(std::size_t begin, std::size_t end) {
  for (std::size_t e = begin; e < end; ++e) shares_[e].clear();
  for (std::size_t k = 0; k < pairs_; ++k) {
    const auto& shares = shares_[query_of(k)];
    if (shares.empty()) continue;
    const auto turned = static_cast<std::uint32_t>(query_of(k));
    const auto candidates = std::span(shares).first(shares.size() - 1);
    auto share = std::ranges::lower_bound(candidates, begin, {}, &Share<float>::row);
    for (; share != candidates.end() && share->row < end; ++share)
      shares_[share->row].push_back({turned, share->factor});
    const Share<float>& positive = shares.back();
    if (positive.row >= begin && positive.row < end) shares_[positive.row].push_back({turned, positive.factor});
  }
}

/// Of the first prefix, which is all dimensions, the gradient is what it adds.
void TrainingStep::differentiate(std::size_t entity, const Units& units) {
  if (shares_[entity].empty() || bags_[entity].empty()) return;
  const std::span<float> sum = std::span(gradients_).subspan(entity * whole_.width, whole_.width);
  AlignedFloats scratch(&units == &whole_ ? 0 : units.width);
  const std::span<float> gradient = scratch.empty() ? sum : std::span<float>(scratch);
  weighted_sum(units.rows.data(), shares_[entity], gradient);
  cosine_gradient<float>(units[entity], units.norms[entity], gradient);
  if (!scratch.empty()) {
    if (active_[entity] == 0) std::ranges::fill(sum, 0.0F);
    for (std::size_t i = 0; i < gradient.size(); ++i) sum[i] += gradient[i];
  }
  active_[entity] = 1;
}

}  // namespace vecterm
