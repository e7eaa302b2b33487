// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "analyzers/base/json.h"
#include "analyzers/dictionary.h"
#include "analyzers/embedding.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict neighbors words.dict film
  vecterm dict neighbors words.dict film music -k 5 --json

Words are looked up as they stand in the index: in lower case and not stemmed. A bigram is one argument: "text editor".
A dictionary with trigrams or pieces has neighbours for words that it does not know, too.)";

struct NeighborsRequest {
  std::string dictionary;
  std::vector<std::string> words;
  std::uint32_t k = 10;
  bool json = false;
};

struct Neighbor {
  double cosine = 0;
  std::uint32_t number = 0;
};

/// The words and bigrams with the largest cosine of their rows to `unit`, best first; rows without a direction never
/// count.
std::vector<Neighbor> neighbors(const Dictionary& dictionary, const UnitVector& unit, std::size_t k) {
  std::vector<float> row(dictionary.dimensions());
  std::vector<Neighbor> all;
  for (std::uint32_t i = 0; i < dictionary.size(); ++i) {
    if (dictionary.word(i).starts_with(' ')) continue;  // trigrams and pieces
    dictionary.copy_vector(i, row);
    if (const auto other = normalised(row)) all.push_back({double{dot(unit, *other)}, i});
  }
  const auto better = [](const Neighbor& a, const Neighbor& b) {
    return std::tuple(-a.cosine, a.number) < std::tuple(-b.cosine, b.number);
  };
  const std::size_t kept = std::min(k, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), better);
  all.resize(kept);
  return all;
}

/// Also of a word of which the dictionary knows only trigrams or pieces. Returns false where there is nothing to add.
bool add_direction(const Dictionary& dictionary, const std::string& word, EmbeddingSum& sum) {
  const auto number = dictionary.find(word);
  if (!number) return dictionary.add_subwords(word, 1, sum.values());
  std::vector<float> row(dictionary.dimensions());
  dictionary.copy_vector(*number, row);
  sum.add(1, row);
  return true;
}

void print(const NeighborsRequest& request, const Dictionary& dictionary, const std::string& word, Neighbor neighbor,
           Output& out) {
  const std::string_view found = dictionary.word(neighbor.number);
  if (request.json) {
    out.json(Json{{"word", word}, {"neighbor", found}, {"cosine", neighbor.cosine}});
  } else {
    out.line(fmt::format("{}  {:7.4f}  {}", word, neighbor.cosine, found));
  }
}

int run_neighbors(const NeighborsRequest& request, Output& out) {
  const auto dictionary = Dictionary::open(request.dictionary);
  int code = kOk;
  for (const std::string& word : request.words) {
    EmbeddingSum sum(dictionary->dimensions());
    if (!add_direction(*dictionary, word, sum)) {
      message(fmt::format("'{}' is not in the dictionary; words are in lower case and not stemmed", word));
      code = kNoMatch;
      continue;
    }
    const auto unit = sum.unit();
    if (!unit) continue;
    std::vector<Neighbor> found = neighbors(*dictionary, *unit, std::size_t{request.k} + 1);
    std::erase_if(found, [&](const Neighbor& neighbor) { return dictionary->word(neighbor.number) == word; });
    found.resize(std::min<std::size_t>(found.size(), request.k));
    for (const Neighbor neighbor : found) print(request, *dictionary, word, neighbor, out);
  }
  return code;
}

}  // namespace

void add_dict_neighbors(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<NeighborsRequest>();
  CLI::App& verb = add_verb(dict, "neighbors", "Show the words with the most similar vectors", kFooter);
  add_text(verb, "DICT", request->dictionary, "FILE", "dictionary file").required();
  add_texts(verb, "WORD", request->words, "WORD", "words to look up").required();
  add_number(verb, "-k", request->k, "neighbours a word");
  add_flag(verb, "--json", request->json, "one JSON object a line");
  set_action(verb, action, [request](Output& out) { return run_neighbors(*request, out); });
}

}  // namespace vecterm::cli
