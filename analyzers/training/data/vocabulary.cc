// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/data/vocabulary.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "analyzers/dictionary.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/words/term_parts.h"

namespace vecterm {
namespace {

/// What the pairs say of each entity.
struct Roles {
  explicit Roles(const TrainingData& data) : as_query(data.scratch()), paired(data.size()), only_held_out(data.size()) {
    as_query.resize(data.size());
    for (const TrainingData::Task& task : data.tasks())
      for (const TrainingData::Pair& pair : task.held_out) only_held_out[pair.query] = only_held_out[pair.item] = true;
    for (const TrainingData::Task& task : data.tasks())
      for (const TrainingData::Pair& pair : task.pairs) {
        ++as_query[pair.query];
        paired[pair.query] = paired[pair.item] = true;
        only_held_out[pair.query] = only_held_out[pair.item] = false;
      }
  }

  FileArray<std::uint64_t> as_query;  ///< pairs
  std::vector<bool> paired;
  std::vector<bool> only_held_out;
};

NGram kind_of(std::string_view entry, NGramKinds ngrams) { return ngrams.any() ? ngram_of(entry) : NGram::kWord; }

std::size_t number_of(NGram kind, NGramCounts counts) {
  if (kind == NGram::kWord) return counts.words;
  return kind == NGram::kBigram ? counts.bigrams : counts.trigrams;
}

/// A vocabulary's rows as visit_parts() asks them: vectors that are being learned hold no trigrams.
struct VocabularyEntries {
  const Vocabulary& vocabulary;

  std::optional<std::uint32_t> own(std::uint32_t word) const {
    const std::uint32_t row = vocabulary.rows[word];
    return row == Vocabulary::kNone ? std::nullopt : std::optional(row);
  }
  bool holds_subwords(std::uint32_t row) const { return vocabulary.weights[row] == 0; }
  template <class Take>
  bool visit_subwords(std::uint32_t word, const Take& take) const {
    for (const std::uint32_t row : vocabulary.trigram_rows(word)) take(row);
    return !vocabulary.trigram_rows(word).empty();
  }
};

}  // namespace

struct Vocabulary::Occurrences {
  std::uint64_t in_texts = 0;
  std::uint64_t in_pairs = 0;  ///< in the pairs' queries
  bool paired = false;

  void add(const Occurrences& other) {
    in_texts += other.in_texts;
    in_pairs += other.in_pairs;
    paired = paired || other.paired;
  }
};

/// All entries of one kind that there are.
struct Vocabulary::Candidates {
  NGram kind = NGram::kWord;
  std::vector<std::string_view> entries;
  std::vector<Occurrences> met;
};

Vocabulary::Vocabulary(const TrainingData& data, const TrainingOptions& options) : rows(data.words().size(), kNone) {
  const std::vector<Occurrences> met = occurrences_of(data);
  for (const NGram kind : {NGram::kWord, NGram::kBigram}) {
    Candidates candidates{kind, {}, {}};
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t word = 0; word < rows.size(); ++word) {
      const std::string& entry = data.words()[word];
      if (!is_entry(entry, options.ngrams()) || kind_of(entry, options.ngrams()) != kind) continue;
      numbers.push_back(word);
      candidates.entries.push_back(entry);
      candidates.met.push_back(met[word]);
    }
    if (kind == NGram::kBigram) first_bigram = static_cast<std::uint32_t>(size());
    const auto chosen = choose(candidates, options);
    for (std::size_t i = 0; i < numbers.size(); ++i) rows[numbers[i]] = chosen[i];
  }
  first_trigram = static_cast<std::uint32_t>(size());
  choose_trigrams(data, met, options);
}

std::vector<Vocabulary::Occurrences> Vocabulary::occurrences_of(const TrainingData& data) {
  const Roles roles(data);
  std::vector<Occurrences> occurrences(data.words().size());
  for (std::size_t entity = 0; entity < data.size(); ++entity) {
    if (roles.only_held_out[entity]) continue;
    for (const auto& [word, wdf] : data.bag(entity))
      occurrences[word].add({wdf, wdf * roles.as_query[entity], roles.paired[entity]});
  }
  return occurrences;
}

/// Makes rows of the most frequent candidates. @returns of each its row, or kNone
std::vector<std::uint32_t> Vocabulary::choose(const Candidates& candidates, const TrainingOptions& options) {
  const std::vector<Occurrences>& met = candidates.met;
  const std::vector<std::string_view>& spelled = candidates.entries;
  const Dictionary* const old = options.update.old.get();
  const std::uint32_t min_count = candidates.kind == NGram::kWord ? options.min_count : options.ngram_min_count;
  const auto is_old = [&](std::uint32_t i) { return old && old->find(spelled[i]).has_value(); };
  std::vector<std::uint32_t> order;
  double total = 0;
  for (std::uint32_t i = 0; i < met.size(); ++i) {
    total += static_cast<double>(met[i].in_texts);
    if ((met[i].paired && met[i].in_texts + met[i].in_pairs >= min_count) || is_old(i)) order.push_back(i);
  }
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return met[a].in_texts != met[b].in_texts ? met[a].in_texts > met[b].in_texts : spelled[a] < spelled[b];
  });
  std::size_t room = number_of(candidates.kind, {options.max_words, options.max_bigrams, options.max_trigrams});
  if (old) room -= std::min(room, number_of(candidates.kind, old->entries()));
  std::vector<std::uint32_t> chosen(met.size(), kNone);
  for (const std::uint32_t i : order) {
    const bool takes_room = !is_old(i);
    if (takes_room && room == 0) continue;
    room -= takes_room ? 1 : 0;
    chosen[i] = static_cast<std::uint32_t>(size());
    add_row(spelled[i], met[i].in_texts, static_cast<double>(met[i].in_texts) / total, options);
  }
  return chosen;
}

void Vocabulary::add_row(std::string_view entry, std::uint64_t count, double frequency,
                         const TrainingOptions& options) {
  const Dictionary* const old = options.update.old.get();
  entries.emplace_back(entry);
  old_rows.push_back((old ? old->find(entry) : std::nullopt).value_or(kNone));
  const bool is_kept = old_rows.back() != kNone && (options.update.keep_weights || count == 0);
  counts.push_back(is_kept ? old->count(old_rows.back()) : count);
  if (is_kept)
    weights.push_back(old->weight(old_rows.back()));
  else
    weights.push_back(options.sif ? static_cast<float>(*options.sif / (*options.sif + frequency)) : 1.0F);
}

void Vocabulary::choose_trigrams(const TrainingData& data, std::span<const Occurrences> of_words,
                                 const TrainingOptions& options) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  Candidates candidates{NGram::kTrigram, {}, {}};
  std::vector<std::uint32_t> of_all;  // one word's trigrams after another's, by their numbers
  std::vector<std::size_t> ends;
  for (std::size_t word = 0; word < rows.size(); ++word) {
    const bool has_trigrams = options.trigrams && ngram_of(data.words()[word]) == NGram::kWord;
    for (std::string& trigram : has_trigrams ? trigrams_of(data.words()[word]) : std::vector<std::string>()) {
      const auto next = static_cast<std::uint32_t>(numbers.size());
      const auto [number, is_new] = numbers.try_emplace(std::move(trigram), next);
      if (is_new) candidates.met.emplace_back(), candidates.entries.push_back(number->first);
      candidates.met[number->second].add(of_words[word]);
      of_all.push_back(number->second);
    }
    ends.push_back(of_all.size());
  }
  const auto chosen = choose(candidates, options);
  starts_.push_back(0);
  for (std::size_t word = 0; word < rows.size(); ++word) {
    for (std::size_t i = word == 0 ? 0 : ends[word - 1]; i < ends[word]; ++i)
      if (chosen[of_all[i]] != kNone) trigrams_.push_back(chosen[of_all[i]]);
    starts_.push_back(trigrams_.size());
  }
}

Bags::Bags(const TrainingData& data, const Vocabulary& vocabulary) : starts_(data.scratch()), shares_(data.scratch()) {
  starts_.resize(data.size() + 1);
  const VocabularyEntries entries{vocabulary};
  std::vector<Share<float>> trigrams;
  for (std::size_t entity = 0; entity < data.size(); ++entity) {
    trigrams.clear();
    for (const auto& [word, wdf] : data.bag(entity)) {
      visit_parts(entries, word, [&, wdf = wdf](std::uint32_t row) {
        const Share<float> share{row, static_cast<float>(wdf) * vocabulary.weights[row]};
        if (row < vocabulary.first_trigram)
          shares_.push_back(share);
        else
          trigrams.push_back(share);
      });
    }
    std::ranges::stable_sort(trigrams, {}, &Share<float>::row);
    for (std::size_t i = 0; i < trigrams.size(); ++i)
      if (i > 0 && trigrams[i].row == trigrams[i - 1].row)
        shares_[shares_.size() - 1].factor += trigrams[i].factor;
      else
        shares_.push_back(trigrams[i]);
    starts_[entity + 1] = shares_.size();
  }
}

}  // namespace vecterm
