// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/train/hash_space_request.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/word_vectors.h"
#include "index/cli/options.h"
#include "index/feeding/training_input.h"

namespace vecterm::cli {

void add_hash_space_request(CLI::App& verb, HashSpaceRequest& request) {
  add_texts(verb, "--corpus", request.corpora, "FILE", "documents, JSON lines with _id, title, text");
  add_fields(verb, request.fields);
  add_family(verb, request.family).default_text("cells with a corpus, else hyperplane");
  add_hash_space_options(verb, request.options);
  add_threads(verb, request.options.threads);
  add_number(verb, "--seed", request.options.seed, "of all random choices");
}

void complete(HashSpaceRequest& request) {
  if (request.family.empty()) request.family = request.corpora.empty() ? "hyperplane" : "cells";
  if (is_learned_family(request.family) && request.corpora.empty())
    throw InvalidArgument(
        fmt::format("--family {} is learned from documents: give them with --corpus", request.family));
  request.options.family = request.family;
  check_hash_space_options(request.options);
}

TrainingData read_documents(const HashSpaceRequest& request, const Tokenizer& tokenizer,
                            const ProgressFunction& progress) {
  if (request.corpora.empty()) return TrainingData();
  TrainingFiles files;
  files.corpora = request.corpora;
  files.fields = request.fields;
  files.threads = request.options.threads;
  TrainingSummary summary;
  return read_training_files(files, tokenizer, summary, progress);
}

std::shared_ptr<const HashSpace> make_hash_space(const HashSpaceRequest& request, const DictionaryContents& contents,
                                                 const TrainingData& documents, const ProgressFunction& progress) {
  if (request.corpora.empty()) return random_hash_space(weighted_mean(contents), request.options);
  return learn_hash_space(document_vectors(contents, documents, documents.size(), request.options.threads),
                          contents.dimensions, request.options, progress);
}

}  // namespace vecterm::cli
