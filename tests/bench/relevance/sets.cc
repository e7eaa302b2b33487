// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "tests/quality/quality.h"
#include "tests/support/shared_data.h"

namespace vecterm::bench {
namespace {

struct Recipe {
  const char* set;
  const char* data;        ///< directory of the shared data
  const char* dictionary;  ///< the data that it is learned from
  const char* of = "";     ///< which queries and judgements
  double rel_min = 1;      ///< as in the data's meta.json
};

constexpr std::array<Recipe, kSets.size()> kRecipes{{{kSets[0], "stackexchange_small", "stackexchange_small"},
                                                     {kSets[1], "debian", "debian"},
                                                     {kSets[2], "debian", "debian", ".related"},
                                                     {kSets[3], "goodbooks", "goodbooks"},
                                                     {kSets[4], "cranfield", "debian"},
                                                     {kSets[5], "cacm", "debian"},
                                                     {kSets[6], "npl", "debian"},
                                                     {kSets[7], "chorus_icecat", "debian", "", 2}}};

const Recipe& recipe_of(const std::string& set) {
  return *std::ranges::find_if(kRecipes, [&](const Recipe& recipe) { return set == recipe.set; });
}

bool has_own_dictionary(const Recipe& recipe) { return std::string(recipe.data) == recipe.dictionary; }

std::string file(const std::string& data, const std::string& name) {
  return (test::shared_data_root() / data / name).lexically_normal().string();
}

// With the titles, which are the queries, debian would be trivial.
bool is_text_only(const std::string& data) { return data == "debian"; }

}  // namespace

Sets::Sets(const WorkDirectory& work, std::string dictionary, unsigned threads)
    : work_(work), dictionary_(std::move(dictionary)), threads_(threads) {}

std::optional<std::string> Sets::missing(const std::string& set) const {
  const Recipe& recipe = recipe_of(set);
  const bool is_given = !dictionary_.empty() && !has_own_dictionary(recipe);
  for (const char* data : {recipe.data, is_given ? recipe.data : recipe.dictionary})
    if (const std::string path = file(data, ""); !std::filesystem::exists(path)) return path;
  return {};
}

PreparedSet Sets::prepare(const std::string& set) {
  const Recipe& recipe = recipe_of(set);
  const std::string data = recipe.data;
  test::SetFiles files{file(data, "corpus.jsonl.gz"), file(data, fmt::format("queries{}.jsonl.gz", recipe.of)),
                       file(data, fmt::format("qrels{}.tsv.gz", recipe.of))};
  if (data == "goodbooks") files = test::write_held_out(file(data, ""), work_.below("held_out"));
  const auto with =
      dictionary_.empty() || has_own_dictionary(recipe) ? dictionary(recipe.dictionary) : Dictionary::open(dictionary_);
  return {set, index(data, files.corpus, with), files.queries, files.judgements, recipe.rel_min};
}

std::shared_ptr<const Dictionary> Sets::dictionary(const std::string& data) {
  std::shared_ptr<const Dictionary>& known = dictionaries_[data];
  if (known) return known;
  const std::string path = fmt::format("{}/{}.dict", work_.below("dictionaries"), data);
  if (!std::filesystem::exists(path)) {
    fmt::print(stderr, "relevance: learning the dictionary of {}\n", data);
    const DocumentFields fields = is_text_only(data) ? DocumentFields{DocumentField{"text"}} : default_fields();
    write_dictionary(path, test::learned(file(data, "corpus.jsonl.gz"), file(data, "pairs.tsv.gz"), fields, threads_));
  }
  return known = Dictionary::open(path);
}

std::string Sets::index(const std::string& data, const std::string& corpus,
                        std::shared_ptr<const Dictionary> dictionary) {
  const std::string path = fmt::format("{}/{}-{}", work_.below("indexes"), data, dictionary->fingerprint());
  if (std::filesystem::exists(path)) return path;
  fmt::print(stderr, "relevance: indexing {}\n", data);
  // Renamed when it is whole, so that an interrupted run leaves nothing that the next one would take up.
  const std::string unfinished = path + ".unfinished";
  std::filesystem::remove_all(unfinished);
  const std::string text = unfinished + ".jsonl";
  if (is_text_only(data)) test::write_text_only(corpus, text);
  test::indexed(unfinished, is_text_only(data) ? text : corpus, std::move(dictionary), "en", threads_);
  std::filesystem::remove(text);
  std::filesystem::rename(unfinished, path);
  return path;
}

}  // namespace vecterm::bench
