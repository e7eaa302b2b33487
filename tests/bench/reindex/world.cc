// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/reindex/world.h"

#include <xapian.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analyzers/numbers/random.h"
#include "analyzers/training/hash_space_learner.h"
#include "index/indexer.h"
#include "index/tuning/hash_space_tuner.h"
#include "tests/bench/bench_data.h"

namespace vecterm::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEpochs = 3;

std::size_t write_corpus(const std::string& path, std::size_t most) {
  std::ofstream file(path);
  std::size_t written = 0;
  for (const CorpusDocument& document : data().documents) {
    if (most != 0 && written == most) break;
    file << nlohmann::json{{"_id", document.id}, {"title", document.title}, {"text", document.text}}.dump() << '\n';
    ++written;
  }
  return written;
}

DictionaryContents contents_of(const Dictionary& dictionary) {
  return with_hash_space(dictionary, dictionary.shared_hash_space());
}

std::shared_ptr<const Dictionary> opened(const DictionaryContents& contents) {
  return Dictionary::parse(serialise_dictionary(contents));
}

/// Another direction of the same length.
void turn(std::span<float> row, Random& random) {
  double length = 0;
  double drawn_length = 0;
  for (const float number : row) length += double{number} * double{number};
  for (float& number : row) {
    number = static_cast<float>(random.normal());
    drawn_length += double{number} * double{number};
  }
  for (float& number : row) number = static_cast<float>(double{number} * std::sqrt(length / drawn_length));
}

}  // namespace

World::World(const WorkDirectory& work, std::size_t documents)
    : work_(work), corpus_(work.below("reindex") + "/corpus.jsonl"), index_(work.below("reindex") + "/index") {
  documents_ = write_corpus(corpus_, documents);
  DictionaryContents contents = learned(kEpochs);
  contents.hash_space = learn_hash_space(vectors(contents), contents.dimensions, {});
  dictionary_ = opened(contents);
  fs::remove_all(index_);
  index_corpora(index_, dictionary_, {corpus_});
}

std::shared_ptr<const Dictionary> World::moved(const Move& move, std::uint64_t seed) const {
  const Xapian::Database database(index_);
  Random random(seed);
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < dictionary_->size(); ++i) {
    const double documents = database.get_termfreq(std::string(dictionary_->word(i)));
    if (documents == 0) continue;
    // Weighted sampling without replacement: Efraimidis and Spirakis, Information Processing Letters 2006.
    const auto occurrences = static_cast<double>(database.get_collection_freq(std::string(dictionary_->word(i))));
    order.emplace_back(move.rarest ? documents : -std::log(1 - random.uniform()) / occurrences, i);
  }
  std::ranges::sort(order);
  order.resize(static_cast<std::size_t>(std::ceil(move.share * static_cast<double>(order.size()))));
  DictionaryContents contents = contents_of(*dictionary_);
  for (const auto& [key, word] : order)
    turn(std::span(contents.vectors).subspan(word * contents.dimensions, contents.dimensions), random);
  return opened(contents);
}

std::shared_ptr<const Dictionary> World::other_space() const {
  HashSpaceOptions options;
  options.family = "cross-polytope";
  options.tables = 4;
  return opened(with_hash_space(*dictionary_, random_hash_space(dictionary_->hash_space().centre(), options)));
}

std::string World::copy(const std::string& name) const {
  std::string path = work_.below("reindex") + "/" + name;
  fs::remove_all(path);
  fs::copy(index_, path, fs::copy_options::recursive);
  return path;
}

}  // namespace vecterm::bench
