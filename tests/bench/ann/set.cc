// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/bench/ann/build_once.h"
#include "tests/bench/ann/peers.h"
#include "tests/bench/ann/resident.h"
#include "tests/bench/ann/usage.h"
#include "tests/bench/ann/vecterm_curves.h"
#include "tests/bench/ann/vecterm_index.h"
#include "tests/bench/bench_data.h"

namespace vecterm::bench {
namespace {

constexpr std::size_t kPassages = 1000000;

Documents documents_of(const std::string& set, const AnnOptions& options, const Texts& texts) {
  const auto& corpus = data().documents;
  Documents documents;
  if (set == "64k") {
    documents.size = corpus.size();
    documents.text = [&corpus](std::size_t i) { return corpus[i].title + ". " + corpus[i].text; };
  } else {
    documents.size = kPassages;
    documents.text = [&texts](std::size_t i) { return texts.passage(i); };
  }
  if (options.limit != 0) documents.size = std::min(documents.size, options.limit);
  return documents;
}

// Passages and short queries in turn, those that have a vector.
std::vector<Query> make_queries(const Embedder& embedder, const Texts& texts, std::size_t count) {
  const XapianTokenizer tokenizer;
  std::vector<Query> queries;
  std::array<std::uint64_t, 2> next{};
  while (queries.size() < count) {
    const std::size_t kind = queries.size() % 2;
    const std::string text = kind == 0 ? texts.passage_query(next[kind]++) : texts.short_query(next[kind]++);
    if (auto unit = embedder.embed(tokenizer.terms(text))) queries.push_back({text, std::move(*unit)});
  }
  return queries;
}

void write_rows(const std::string& path, const std::vector<float>& rows) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(float)));
  if (!file.flush()) throw DiskError(path + ": cannot be written");
}

std::vector<float> read_rows(const std::string& path, std::size_t count) {
  std::vector<float> rows(count);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(count * sizeof(float)));
  if (!file) throw DataError(path + ": cannot be read, or is too short");
  return rows;
}

std::uint64_t beyond(std::uint64_t all, std::uint64_t part) { return all > part ? all - part : 0; }

class SetRun {
 public:
  SetRun(const std::string& set, const AnnOptions& options, const Texts& texts, const DictionaryContents& contents,
         const std::string& directory)
      : options_(options),
        documents_(documents_of(set, options, texts)),
        contents_(contents),
        directory_(directory),
        collection_{set, contents.dimensions},
        queries_(make_queries(Embedder(Dictionary::parse(serialise_dictionary(contents))), texts, options.queries)) {
    report_.set = set;
    report_.documents = documents_.size;
  }

  SetReport run() {
    index_words();
    for (const std::string& system : options_.systems) add_system(system);
    const Truth truth(collection_, queries_);
    report_.points = measure(report_.curves, truth, queries_.size(), options_.rounds);
    return std::move(report_);
  }

 private:
  void add(std::vector<Curve> curves) { std::move(curves.begin(), curves.end(), std::back_inserter(report_.curves)); }

  void add_system(const std::string& system) {
    if (system == "vecterm")
      for (const std::string& family : options_.families) add_family(family);
    if (system == "hnswlib") add(hnswlib_curves(collection_, queries_, directory_));
    if (system == "faiss-ivf") add(faiss_ivf_curves(collection_, queries_, directory_));
    if (system == "faiss-hnsw") add(faiss_hnsw_curves(collection_, queries_, directory_));
    if (system == "exact") add(scan_curves(collection_, queries_));
  }

  void index_words() {
    const std::string path = directory_ + "/words";
    const std::string rows = directory_ + "/rows";
    words_ = build_once(path, [&] {
      const Costs costs = build_words(path, documents_, contents_, collection_);
      write_rows(rows, collection_.rows);
      return costs;
    });
    if (collection_.rows.empty()) collection_.rows = read_rows(rows, documents_.size * contents_.dimensions);
    report_.words_s = words_.build_s;
  }

  // The dictionary with this family's hash space. What learning and hashing took comes back in the arguments.
  DictionaryContents with_space(const std::string& family, double& learning_s, double& hashing_s) const {
    DictionaryContents contents = contents_;
    const std::string path = fmt::format("{}/{}.dict", directory_, family);
    learning_s = build_once(path, [&] {
                   HashSpaceOptions options;
                   options.family = family;
                   options.threads = 1;
                   Costs costs;
                   costs.build_s = cpu_seconds([&] {
                     contents.hash_space = learn_hash_space(collection_.rows, collection_.dimensions, options);
                   });
                   write_dictionary(path, contents);
                   return costs;
                 }).build_s;
    contents.hash_space = Dictionary::open(path)->shared_hash_space();
    hashing_s = build_once(path + ".hashing", [&] {
                  return Costs{.build_s = hashing_seconds(*contents.hash_space, collection_)};
                }).build_s;
    return contents;
  }

  void add_family(const std::string& family) {
    double learning_s = 0, hashing_s = 0;
    const DictionaryContents contents = with_space(family, learning_s, hashing_s);
    const std::string path = directory_ + "/" + family;
    if (family == "cells") {
      report_.learning_s = learning_s;
      report_.hashing_s = hashing_s;
      return add_cells(path, contents);
    }
    Costs costs = build_once(path, [&] { return build_tokens(path, collection_, contents); });
    costs.build_s = learning_s + hashing_s;
    add(family_curves(path, family, queries_, costs));
  }

  void add_cells(const std::string& path, const DictionaryContents& contents) {
    Costs mixed = build_once(path, [&] { return build_mixed(path, documents_, contents); });
    report_.mixed_s = mixed.build_s;
    report_.words_resident_bytes = words_.resident_bytes = searching_bytes(path, false, queries_, directory_);
    report_.mixed_resident_bytes = searching_bytes(path, true, queries_, directory_);
    mixed.resident_bytes = beyond(report_.mixed_resident_bytes, words_.resident_bytes);
    const Costs tokens{report_.learning_s + report_.hashing_s, beyond(mixed.disk_bytes, words_.disk_bytes),
                       mixed.resident_bytes};
    add(plan_curves(path, "cells", queries_, tokens));
    add(text_curves(path, queries_, words_, mixed));
  }

  const AnnOptions& options_;
  const Documents documents_;
  const DictionaryContents& contents_;
  const std::string directory_;
  Collection collection_;
  const std::vector<Query> queries_;
  Costs words_;
  SetReport report_;
};

}  // namespace

SetReport run_set(const std::string& set, const AnnOptions& options, const Texts& texts,
                  const DictionaryContents& contents, const WorkDirectory& work) {
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  const std::string name = fmt::format("{}-{}-{}-{}", set, options.limit, options.seed, dictionary->fingerprint());
  return SetRun(set, options, texts, contents, work.below(name)).run();
}

}  // namespace vecterm::bench
