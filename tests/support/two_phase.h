// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/documents/shard.h"
#include "plugin/searcher.h"
#include "tests/support/index.h"
#include "tests/support/saturation.h"
#include "tests/support/support.h"

/// Documents with words, vectors and values, and a brute-force search over them, for the tests of two-phase search.
namespace vecterm::test::two_phase {

inline constexpr std::size_t kWords = 60;
inline constexpr Xapian::docid kDocuments = 300;
inline constexpr Xapian::valueno kNumber = 3;  // in every case but each fifth, of either sign
inline constexpr Xapian::valueno kGroup = 4;   // one of 40 values, in every other case none

/// What the features of a document are, without any of the code that searches.
struct Oracle {
  std::map<Xapian::docid, double> bm25;    // where a word matches
  std::map<Xapian::docid, double> cosine;  // where there is a vector
  RankingQuery facts;
};

/// The same documents in one database on disk (in memory, posting lists are not read), and dealt out to two. "common"
/// is in nine of ten.
struct Fixture {
  explicit Fixture(std::shared_ptr<const HashSpace> space = small_cells(8, 32)) {
    embedder = embedder_of(small_dictionary(numbered_words(kWords), std::move(space)));
    builder = std::make_shared<QueryBuilder>(embedder);
    Random random(7);
    std::vector<std::string> texts;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      const std::string common = docid % 10 != 0 ? "common " : "";
      const bool known = docid % 17 != 0;
      texts.push_back(common + (known ? random_text(random, kWords + 20, 3 + random.below(15)) : "rare words"));
    }
    const Xapian::WritableDatabase made = index_of(texts, embedder);
    std::vector<Xapian::WritableDatabase> written;
    for (const std::string name : {"all", "odd", "even"}) written.emplace_back(directory / name, Xapian::DB_CREATE);
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      Xapian::Document document = made.get_document(docid);
      document.add_boolean_term(docid % 3 == 0 ? "XPthird" : "XPother");
      if (docid % 5 != 0)
        document.add_value(kNumber, Xapian::sortable_serialise(5 * static_cast<double>(random.number())));
      if (docid % 2 == 0) document.add_value(kGroup, "g" + std::to_string(random.below(40)));
      written[0].add_document(document);
      written[1 + (docid - 1) % 2].add_document(document);
    }
    for (Xapian::WritableDatabase& each : written) {
      embedder->record().write(each);
      each.commit();
    }
    database = Xapian::Database(directory / "all");
    searcher = std::make_unique<Searcher>(database, builder);
    shards = over_shards();
  }

  std::unique_ptr<Searcher> over_shards() const {
    Xapian::Database both;
    std::vector<Shard> halves;
    for (const std::string name : {"odd", "even"}) {
      const Xapian::Database half(directory / name);
      both.add_database(half);
      halves.push_back(
          {half, std::make_shared<SlotVectorReader>(half, *embedder), std::make_shared<DatabasePostingReader>(half)});
    }
    return std::make_unique<Searcher>(both, builder, std::move(halves));
  }

  SearchRequest request(const std::string& words, const std::string& meaning) const {
    SearchRequest made;
    if (!words.empty()) made.words = builder->words(words);
    if (!meaning.empty()) made.vector = builder->vector(meaning);
    made.coverage = 0.75;
    return made;
  }

  std::optional<double> number(Xapian::docid docid) const {
    const std::string value = database.get_document(docid).get_value(kNumber);
    if (value.empty()) return std::nullopt;
    return Xapian::sortable_unserialise(value);
  }

  std::optional<UnitVector> vector(Xapian::docid docid) const {
    UnitVector row(8);
    if (!decode_value(database.get_document(docid).get_value(schema::kVectorSlot), 0, row)) return std::nullopt;
    return row;
  }

  Oracle oracle(const SearchRequest& request) const {
    Oracle oracle;
    if (!request.words.empty()) {
      Xapian::Enquire enquire(database);
      enquire.set_query(request.words);
      const Xapian::MSet matches = enquire.get_mset(0, kDocuments);
      for (auto match = matches.begin(); match != matches.end(); ++match) oracle.bm25[*match] = match.get_weight();
      oracle.facts.saturation = saturation(request.words);
      oracle.facts.words = request.words.get_length();
    }
    for (Xapian::docid docid = 1; docid <= kDocuments && request.vector; ++docid)
      if (const auto row = vector(docid)) oracle.cosine[docid] = dot(*request.vector, *row);
    oracle.facts.coverage = request.coverage;
    oracle.facts.dimensions = 8;
    oracle.facts.inputs = request.inputs;
    return oracle;
  }

  double saturation(const Xapian::Query& words) const {
    const double sum = saturation_by_xapian(database, words);
    return sum > 0 ? sum : 1;
  }

  double votes(Xapian::docid docid, const SearchRequest& request) const {
    const auto document = database.get_document(docid);
    double votes = 0;
    for (const Probe& probe :
         embedder->embedder().dictionary().hash_space().probes(*request.vector, searcher->limits(request))) {
      auto term = document.termlist_begin();
      term.skip_to(embedder->term(probe.bucket));
      if (term != document.termlist_end() && *term == embedder->term(probe.bucket)) ++votes;
    }
    return votes;
  }

  RankingCandidates columns(const std::vector<Xapian::docid>& docids, const SearchRequest& request,
                            const Oracle& oracle) const {
    RankingCandidates columns;
    columns.size = docids.size();
    for (const Xapian::docid docid : docids) {
      const auto bm25 = oracle.bm25.find(docid);
      const auto cosine = oracle.cosine.find(docid);
      columns.bm25.push_back(bm25 == oracle.bm25.end() ? 0 : bm25->second);
      columns.cosine.push_back(cosine == oracle.cosine.end() ? 0 : cosine->second);
      columns.has_vector.push_back(cosine != oracle.cosine.end());
      columns.votes.push_back(request.vector ? votes(docid, request) : 0);
      columns.doclength.push_back(database.get_doclength(docid));
      columns.values[kNumber].push_back(number(docid).value_or(0));
    }
    return columns;
  }

  /// All documents that have a word of the query or a vector, in the order of an expression over all of them.
  std::vector<Hit> ranked(
      const SearchRequest& request, const RankingProfile& profile,
      const std::function<bool(Xapian::docid)>& allowed = [](Xapian::docid) { return true; }) const {
    Oracle oracle = this->oracle(request);
    oracle.facts.parameters = profile.parameters;
    std::vector<Xapian::docid> docids;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
      if ((oracle.bm25.contains(docid) || oracle.cosine.contains(docid)) && allowed(docid)) docids.push_back(docid);
    const RankingCandidates columns = this->columns(docids, request, oracle);
    std::vector<double> scores(docids.size());
    Ranking(profile).score().evaluate(columns, oracle.facts, scores);
    std::vector<Hit> hits;
    for (std::size_t i = 0; i < docids.size(); ++i)
      hits.push_back({.docid = docids[i],
                      .score = scores[i],
                      .bm25 = columns.bm25[i],
                      .cosine = columns.cosine[i],
                      .features = {}});
    std::ranges::sort(
        hits, [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.docid < b.docid; });
    return hits;
  }

  std::shared_ptr<const DocumentEmbedder> embedder;
  std::shared_ptr<const QueryBuilder> builder;
  TemporaryDirectory directory;
  Xapian::Database database;
  std::unique_ptr<Searcher> searcher;
  std::unique_ptr<Searcher> shards;
};

inline RankingProfile profile_of(const std::string& first_phase, const std::string& second_phase = "",
                                 std::size_t window = 40) {
  return {.first_phase = first_phase, .second_phase = second_phase, .window = window, .parameters = {{"share", 0.25}}};
}

inline std::shared_ptr<const Ranking> ranking(const RankingProfile& profile) {
  return std::make_shared<const Ranking>(profile);
}

inline std::vector<Xapian::docid> docids_of(const std::vector<Hit>& hits) {
  std::vector<Xapian::docid> docids;
  for (const Hit& hit : hits) docids.push_back(hit.docid);
  return docids;
}

inline bool has_common(Xapian::docid docid) { return docid % 10 != 0; }

// Weights of shards add up in another order, hence `within`.
inline void check_same(const std::vector<Hit>& hits, const std::vector<Hit>& expected, double within = 0) {
  REQUIRE(hits.size() == expected.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    CAPTURE(i);
    CHECK(hits[i].docid == expected[i].docid);
    CHECK(std::abs(hits[i].score - expected[i].score) <= within * std::max(1.0, std::abs(expected[i].score)));
    CHECK(std::abs(hits[i].bm25 - expected[i].bm25) <= within);
    CHECK(hits[i].cosine == expected[i].cosine);
  }
}

inline std::vector<Hit> first(std::vector<Hit> hits, std::size_t k) {
  hits.resize(std::min(k, hits.size()));
  return hits;
}

/// All that can be found, page by page, until one is not full.
inline std::vector<Xapian::docid> all_pages(Searcher& searcher, SearchRequest request) {
  std::vector<Xapian::docid> docids;
  for (request.offset = 0;; request.offset += request.k) {
    const auto page = docids_of(searcher.search(request));
    docids.insert(docids.end(), page.begin(), page.end());
    if (page.size() < request.k) return docids;
  }
}

inline const std::vector<RankingProfile> kProfiles{
    profile_of("bm25/saturation + share*cosine"),
    profile_of("bm25 + 3*value(3) - 0.01*doclength"),
    profile_of("0*bm25 + closeness"),
    profile_of("2*cosine - value(3)/10"),
    profile_of("bm25 - cosine"),
    profile_of("value(3) - bm25/10"),
    profile_of("bm25 + cosine", "value(3) - share*rank_words"),
    profile_of("", "rrf(60)"),
    profile_of("", "minmax(bm25) + minmax(cosine)"),
    profile_of("", "if(cosine >= 0.4, bm25, 0) + log(1 + max(0, value(3)))"),
    profile_of("", "votes + max_cosine - coverage*words/doclength"),
};

inline const std::vector<std::string> kFeatures{"bm25",       "cosine",     "distance",    "closeness", "votes",
                                                "doclength",  "rank_words", "rank_cosine", "max_bm25",  "max_cosine",
                                                "saturation", "coverage",   "words",       "asked",     "mean_cosine",
                                                "dimensions", "value(3)"};

inline const std::vector<std::pair<std::string, std::string>> kQueries{
    {"w5 w6", "w5 w6"}, {"common w3", "w30 w2"}, {"rare w40", "w1"}, {"unknown", "w9 w10"}};

}  // namespace vecterm::test::two_phase
