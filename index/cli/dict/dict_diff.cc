// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <tuple>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/embedding.h"
#include "analyzers/words/dictionary_difference.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/following/update_forecast.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm dict diff old.dict new.dict
  vecterm dict diff old.dict new.dict --examples 50 --json

Examples of added and removed words are the most frequent ones; of moved words those whose vectors moved farthest, with
the distance and the cosine between both: 0 and 1 where only the weight is another. With the same hash space and
tokenizer NEW is a compatible update: an index of OLD follows it by the documents that have one of these words.
N-grams stand in quotes.)";

struct DiffRequest {
  std::string old;
  std::string recent;
  std::uint32_t examples = 10;
  bool json = false;
};

struct Move {
  std::string word;
  double distance = 0;
  double cosine = 0;
};

Move move_of(const std::string& word, const Dictionary& old, const Dictionary& recent) {
  std::vector<float> before(old.dimensions()), after(old.dimensions());
  old.copy_vector(*old.find(word), before);
  recent.copy_vector(*recent.find(word), after);
  double squares = 0;
  for (std::size_t i = 0; i < before.size(); ++i) squares += std::pow(double{after[i]} - double{before[i]}, 2);
  const auto a = normalised(before), b = normalised(after);
  return {word, std::sqrt(squares), a && b ? double{dot(*a, *b)} : 0};
}

/// The first `count` of `all` by `better`.
template <class T, class Better>
std::vector<T> best(std::vector<T> all, std::size_t count, const Better& better) {
  const std::size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), better);
  all.resize(kept);
  return all;
}

std::vector<std::string> most_frequent(const std::vector<std::string>& words, const Dictionary& dictionary,
                                       std::size_t count) {
  const auto count_of = [&](const std::string& word) { return dictionary.count(*dictionary.find(word)); };
  return best(words, count, [&](const std::string& a, const std::string& b) {
    return std::tuple(count_of(b), std::string_view(a)) < std::tuple(count_of(a), std::string_view(b));
  });
}

NGramCounts counts_of(const std::vector<std::string>& entries) {
  NGramCounts counts;
  for (const std::string& entry : entries) counts.add(ngram_of(entry));
  return counts;
}

/// What is printed.
struct Comparison {
  Comparison(const DiffRequest& request, const Dictionary& old, const Dictionary& recent)
      : difference(vecterm::difference(old, recent)),
        forecast(vecterm::forecast(difference, old, recent)),
        has_ngrams(old.ngrams().any() || recent.ngrams().any()),
        unchanged(old.size() - difference.removed.size() - difference.moved.size()),
        same_hash_space(old.hash_space().fingerprint() == recent.hash_space().fingerprint()),
        compatible(same_hash_space && old.tokenizer() == recent.tokenizer()),
        added(most_frequent(difference.added, recent, request.examples)),
        removed(most_frequent(difference.removed, old, request.examples)) {
    std::vector<Move> moves;
    for (const std::string& word : difference.moved) moves.push_back(move_of(word, old, recent));
    moved = best(std::move(moves), request.examples, [](const Move& a, const Move& b) {
      return std::tie(b.distance, a.word) < std::tie(a.distance, b.word);
    });
  }

  /// "7 words", or "7 words, 5 bigrams, 3 trigrams" where one of the dictionaries has such.
  std::string counted(const std::vector<std::string>& entries) const {
    if (!has_ngrams) return fmt::format("{}", entries.size());
    return counts_of(entries).text();
  }

  DictionaryDifference difference;
  UpdateForecast forecast;
  bool has_ngrams;
  std::size_t unchanged;
  bool same_hash_space;
  bool compatible;
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<Move> moved;
};

Json json(const NGramCounts& counts) {
  return {
      {"words", counts.words}, {"bigrams", counts.bigrams}, {"trigrams", counts.trigrams}, {"pieces", counts.pieces}};
}

void print_json(const Comparison& found, Output& out) {
  std::vector<Json> moved;
  for (const Move& move : found.moved)
    moved.push_back({{"word", move.word}, {"distance", move.distance}, {"cosine", move.cosine}});
  Json kinds;
  if (found.has_ngrams)
    kinds = {{"added", json(counts_of(found.difference.added))},
             {"removed", json(counts_of(found.difference.removed))},
             {"moved", json(counts_of(found.difference.moved))}};
  out.json(Json{{"added", found.difference.added.size()},
                {"removed", found.difference.removed.size()},
                {"moved", found.difference.moved.size()},
                {"unchanged", found.unchanged},
                {"kinds", kinds},
                {"hashed", found.forecast.hashed},
                {"changed_share", found.forecast.changed_share},
                {"same_hash_space", found.same_hash_space},
                {"compatible_update", found.compatible},
                {"examples", {{"added", found.added}, {"removed", found.removed}, {"moved", moved}}}});
}

// N-grams stand in quotes: "text editor", " edi".
std::string quoted(const std::string& entry) {
  return entry.find(' ') == std::string::npos ? entry : fmt::format("\"{}\"", entry);
}

std::string with_examples(const Comparison& found, const std::vector<std::string>& entries,
                          const std::vector<std::string>& examples) {
  const std::string count = found.counted(entries);
  if (examples.empty()) return count;
  return printable(
      fmt::format("{}: {}{}", count, fmt::join(examples, " "), examples.size() < entries.size() ? " ..." : ""));
}

void print_table(const Comparison& found, Output& out) {
  std::vector<std::string> added, removed, moved;
  std::ranges::transform(found.added, std::back_inserter(added), quoted);
  std::ranges::transform(found.removed, std::back_inserter(removed), quoted);
  for (const Move& move : found.moved)
    moved.push_back(fmt::format("{} ({:.2f}, cosine {:.3f})", quoted(move.word), move.distance, move.cosine));
  if (const std::string warning = found.forecast.text(); !warning.empty()) message(warning);
  out.table({{"added", with_examples(found, found.difference.added, added)},
             {"removed", with_examples(found, found.difference.removed, removed)},
             {"moved", with_examples(found, found.difference.moved, moved)},
             {"unchanged", fmt::format("{}", found.unchanged)},
             {"hash space", found.same_hash_space ? "the same" : "another"},
             {"compatible update", found.compatible ? "yes" : "no: an index needs a new generation"}});
}

}  // namespace

void add_dict_diff(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<DiffRequest>();
  CLI::App& verb = add_verb(dict, "diff", "Show which words differ between two dictionaries", kFooter);
  add_text(verb, "OLD", request->old, "FILE", "dictionary file").required();
  add_text(verb, "NEW", request->recent, "FILE", "dictionary file of the same dimensions").required();
  add_number(verb, "--examples", request->examples, "words to show of each kind");
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) {
    const Comparison found(*request, *Dictionary::open(request->old), *Dictionary::open(request->recent));
    request->json ? print_json(found, out) : print_table(found, out);
    return kOk;
  });
}

}  // namespace vecterm::cli
