// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "analyzers/dictionary.h"
#include "tests/bench/ann/curve.h"

/// Builds the indexes that vecterm searches, by the plugin's own classes, as an application does. Their documents
/// have the terms of kFilters; document i has the docid i + 1.
namespace vecterm::bench {

/// The documents of a set; text(i) is the same each time.
struct Documents {
  std::size_t size = 0;
  std::function<std::string(std::size_t i)> text;
};

/// Indexes the words at `path`, and makes the documents' vectors on the way; only the former is in the costs.
Costs build_words(const std::string& path, const Documents& documents, const DictionaryContents& contents,
                  Collection& collection);

/// Indexes words, tokens and vectors. REQUIRES: contents.hash_space.
Costs build_mixed(const std::string& path, const Documents& documents, const DictionaryContents& contents);

/// Indexes tokens and vectors. REQUIRES: contents.hash_space.
Costs build_tokens(const std::string& path, const Collection& collection, const DictionaryContents& contents);

/// CPU time of making all documents' tokens from their vectors, by one thread.
double hashing_seconds(const HashSpace& space, const Collection& collection);

}  // namespace vecterm::bench
