// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/update_cost.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/embedding.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/vector_codec.h"
#include "analyzers/words/dictionary_difference.h"

namespace vecterm {
namespace {

constexpr std::size_t kGrain = 256;

/// What an index keeps of a document; nothing of one without a vector.
struct Stored {
  Stored(const Embedder& embedder, const TermList& terms) {
    const auto unit = embedder.embed(terms);
    if (!unit) return;
    tokens = embedder.dictionary().hash_space().hash(*unit);
    append_row(VectorCodec::kFloat16, *unit, vector);
  }

  std::vector<Bucket> tokens;
  std::string vector;
};

class Count {
 public:
  Count(std::shared_ptr<const Dictionary> before, std::shared_ptr<const Dictionary> after, const TrainingData& data)
      : same_space_(before->hash_space().fingerprint() == after->hash_space().fingerprint()),
        data_(data),
        before_(std::move(before)),
        after_(std::move(after)) {
    const auto entries = difference(before_.dictionary(), after_.dictionary()).words();
    const std::unordered_set<std::string_view> changed(entries.begin(), entries.end());
    const auto is_changed = [&](const std::string& word) { return changed.contains(word); };
    for (const std::string& word : data.words()) {
      const bool unknown = ngram_of(word) == NGram::kWord && !after_.dictionary().find(word);
      const bool made_anew = before_.dictionary().pieces() != after_.dictionary().pieces() ||
                             std::ranges::any_of(trigrams_of(word), is_changed) ||
                             std::ranges::any_of(after_.dictionary().subwords_of(word), is_changed);
      changed_.push_back(is_changed(word) || (unknown && made_anew) ? 1 : 0);
    }
  }

  void add(std::size_t document, UpdateCost& cost) const {
    TermList terms;
    bool has_changed_word = false;
    for (const auto& [word, wdf] : data_.bag(document)) {
      terms.push_back({data_.words()[word], wdf});
      has_changed_word = has_changed_word || changed_[word] != 0;
    }
    const Stored before(before_, terms);
    const Stored after = has_changed_word || !same_space_ ? Stored(after_, terms) : before;
    if (before.tokens.empty() && after.tokens.empty()) return;
    std::vector<Bucket> kept;
    if (same_space_) std::ranges::set_intersection(before.tokens, after.tokens, std::back_inserter(kept));
    ++cost.documents;
    cost.with_changed_word += has_changed_word ? 1 : 0;
    cost.changed += !same_space_ || before.tokens != after.tokens || before.vector != after.vector ? 1 : 0;
    cost.tokens += before.tokens.size();
    cost.kept_tokens += kept.size();
  }

 private:
  bool same_space_;
  const TrainingData& data_;
  Embedder before_;
  Embedder after_;
  std::vector<std::uint8_t> changed_;  ///< of each of the data's words, or trigrams where it is unknown
};

}  // namespace

UpdateCost update_cost(std::shared_ptr<const Dictionary> before, std::shared_ptr<const Dictionary> after,
                       const TrainingData& data, std::size_t documents, unsigned threads) {
  const Count count(std::move(before), std::move(after), data);
  std::vector<UpdateCost> parts((documents + kGrain - 1) / kGrain);
  parallel_for(documents, kGrain, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t document = begin; document < end; ++document) count.add(document, parts[begin / kGrain]);
  });
  UpdateCost total;
  for (const UpdateCost& part : parts) {
    total.documents += part.documents;
    total.with_changed_word += part.with_changed_word;
    total.changed += part.changed;
    total.tokens += part.tokens;
    total.kept_tokens += part.kept_tokens;
  }
  return total;
}

}  // namespace vecterm
