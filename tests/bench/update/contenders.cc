// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/update/contenders.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/updates/procrustes.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::bench {
namespace {

std::shared_ptr<const HashSpace> hash_space(const DictionaryContents& contents, const UpdateData& data,
                                            const HashSpaceOptions& options) {
  return learn_hash_space(document_vectors(contents, data.before, data.documents, options.threads), contents.dimensions,
                          options);
}

HashSpaceOptions cells(unsigned threads) {
  HashSpaceOptions options;
  options.threads = threads;
  return options;
}

HashSpaceOptions hyperplanes(unsigned threads) {
  HashSpaceOptions options = cells(threads);
  options.family = "hyperplane";
  options.tables = 16;
  options.bits = 8;
  return options;
}

Contender learned(const std::string& name, const TrainingData& data, const TrainingOptions& options) {
  fmt::print(stderr, "update: learning {}\n", name);
  const auto start = std::chrono::steady_clock::now();
  Contender contender{name, train(data, options).dictionary};
  contender.contents.tokenizer = XapianTokenizer().name();
  contender.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return contender;
}

std::string anchor_name(double lambda) { return lambda > 0 ? fmt::format("anchor {}", lambda) : kWarmStart; }

}  // namespace

std::shared_ptr<const Dictionary> with_hash_space(DictionaryContents contents, std::shared_ptr<const HashSpace> space) {
  contents.hash_space = std::move(space);
  return Dictionary::parse(serialise_dictionary(contents));
}

Contenders train_all(const UpdateData& data, const std::vector<double>& lambdas, std::uint32_t epochs,
                     unsigned threads) {
  TrainingOptions options;
  options.epochs = epochs;
  options.threads = threads;
  Contenders all;
  all.followers.push_back(learned(kOld, data.before, options));
  DictionaryContents& old = all.followers.front().contents;
  all.hyperplanes = hash_space(old, data, hyperplanes(threads));
  old.hash_space = hash_space(old, data, cells(threads));
  all.old = with_hash_space(old, old.hash_space);

  Contender anew = learned("retrained", data.after, options);
  anew.contents.hash_space = all.old->shared_hash_space();
  all.followers.push_back(anew);
  const auto retrained = with_hash_space(anew.contents, anew.contents.hash_space);
  all.followers.push_back({"Procrustes", aligned(*retrained, *all.old), anew.seconds});

  options.update.old = all.old;
  all.followers.push_back(learned(kDefault, data.after, options));
  options.update.epsilon = 0;
  for (const double lambda : lambdas) {
    options.update.anchor = lambda;
    all.followers.push_back(learned(anchor_name(lambda), data.after, options));
  }
  return all;
}

}  // namespace vecterm::bench
