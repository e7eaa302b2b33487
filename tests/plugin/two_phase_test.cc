// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "analyzers/errors.h"
#include "plugin/searcher.h"
#include "tests/plugin/support_index.h"
#include "tests/support.h"
#include "tests/support_text.h"

using namespace vecterm;

namespace {

constexpr std::size_t kWords = 60;
constexpr Xapian::docid kDocuments = 300;
constexpr Xapian::valueno kNumber = 3;  // in every case but each fifth, of either sign
constexpr Xapian::valueno kGroup = 4;   // one of 40 values, in every other case none

/// What the features of a document are, without any of the code that searches.
struct Oracle {
  std::map<Xapian::docid, double> bm25;    // where a word matches
  std::map<Xapian::docid, double> cosine;  // where there is a vector
  RankingQuery facts;
};

/// The same documents in one database on disk (in memory, posting lists are not read), and dealt out to two. "common"
/// is in nine of ten.
struct Fixture {
  explicit Fixture(std::shared_ptr<const HashSpace> space = test::small_cells(8, 32)) {
    embedder = test::embedder_of(test::small_dictionary(test::numbered_words(kWords), std::move(space)));
    builder = std::make_shared<QueryBuilder>(embedder);
    test::Random random(7);
    std::vector<std::string> texts;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      const std::string common = docid % 10 != 0 ? "common " : "";
      const bool known = docid % 17 != 0;
      texts.push_back(common + (known ? test::random_text(random, kWords + 20, 3 + random.below(15)) : "rare words"));
    }
    const Xapian::WritableDatabase made = test::index_of(texts, embedder);
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

  // What BM25 gives the words for a wdf without end: k1 + 1 = 2 times the logarithm of the odds against each.
  double saturation(const Xapian::Query& words) const {
    double sum = 0;
    for (auto term = words.get_terms_begin(); term != words.get_terms_end(); ++term) {
      const double termfreq = database.get_termfreq(*term);
      const double odds = (kDocuments - termfreq + 0.5) / (termfreq + 0.5);
      if (termfreq > 0) sum += 2 * std::log(odds < 2 ? odds / 2 + 1 : odds);
    }
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
  test::TemporaryDirectory directory;
  Xapian::Database database;
  std::unique_ptr<Searcher> searcher;
  std::unique_ptr<Searcher> shards;
};

RankingProfile profile_of(const std::string& first_phase, const std::string& second_phase = "",
                          std::size_t window = 40) {
  return {.first_phase = first_phase, .second_phase = second_phase, .window = window, .parameters = {{"share", 0.25}}};
}

std::shared_ptr<const Ranking> ranking(const RankingProfile& profile) {
  return std::make_shared<const Ranking>(profile);
}

std::vector<Xapian::docid> docids_of(const std::vector<Hit>& hits) {
  std::vector<Xapian::docid> docids;
  for (const Hit& hit : hits) docids.push_back(hit.docid);
  return docids;
}

bool has_common(Xapian::docid docid) { return docid % 10 != 0; }

// Weights of shards add up in another order, hence `within`.
void check_same(const std::vector<Hit>& hits, const std::vector<Hit>& expected, double within = 0) {
  REQUIRE(hits.size() == expected.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    CAPTURE(i);
    CHECK(hits[i].docid == expected[i].docid);
    CHECK(std::abs(hits[i].score - expected[i].score) <= within * std::max(1.0, std::abs(expected[i].score)));
    CHECK(std::abs(hits[i].bm25 - expected[i].bm25) <= within);
    CHECK(hits[i].cosine == expected[i].cosine);
  }
}

std::vector<Hit> first(std::vector<Hit> hits, std::size_t k) {
  hits.resize(std::min(k, hits.size()));
  return hits;
}

/// All that can be found, page by page, until one is not full.
std::vector<Xapian::docid> all_pages(Searcher& searcher, SearchRequest request) {
  std::vector<Xapian::docid> docids;
  for (request.offset = 0;; request.offset += request.k) {
    const auto page = docids_of(searcher.search(request));
    docids.insert(docids.end(), page.begin(), page.end());
    if (page.size() < request.k) return docids;
  }
}

const std::vector<RankingProfile> kProfiles{
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

const std::vector<std::string> kFeatures{"bm25",       "cosine",     "distance",    "closeness", "votes",
                                         "doclength",  "rank_words", "rank_cosine", "max_bm25",  "max_cosine",
                                         "saturation", "coverage",   "words",       "asked",     "mean_cosine",
                                         "dimensions", "value(3)"};

const std::vector<std::pair<std::string, std::string>> kQueries{
    {"w5 w6", "w5 w6"}, {"common w3", "w30 w2"}, {"rare w40", "w1"}, {"unknown", "w9 w10"}};

}  // namespace

TEST_CASE("with a window as large as the database every score is the expression of brute-force features") {
  const Fixture fixture;
  for (const RankingProfile& profile : kProfiles) {
    for (const auto& [words, meaning] : kQueries) {
      CAPTURE(Ranking(profile).score().text());
      CAPTURE(words);
      RankingProfile wide = profile;
      wide.window = kDocuments + 1;
      SearchRequest request = fixture.request(words, meaning);
      request.ranking = ranking(wide);
      request.k = kDocuments;
      const auto expected = fixture.ranked(request, wide);
      REQUIRE(expected.size() > 250);
      check_same(fixture.searcher->search(request), expected);
      check_same(fixture.shards->search(request), expected, 1e-12);
      request.plan = Plan::kPlainTerms;
      check_same(fixture.searcher->search(request), expected);
      check_same(fixture.shards->search(request), expected, 1e-12);
    }
  }
}

TEST_CASE("words alone and vectors alone are ranked by any expression too") {
  const Fixture fixture;
  for (const RankingProfile& profile : kProfiles) {
    CAPTURE(Ranking(profile).score().text());
    for (const auto& [words, meaning] : {std::pair<std::string, std::string>{"common w3", ""}, {"", "w9 w10"}}) {
      SearchRequest request = fixture.request(words, meaning);
      request.ranking = ranking(profile);
      request.k = kDocuments;
      check_same(fixture.searcher->search(request), fixture.ranked(request, profile));
      request.plan = Plan::kPlainTerms;
      check_same(fixture.searcher->search(request), fixture.ranked(request, profile));
    }
  }
}

TEST_CASE("a first phase finds the best of all word matches, neither best by words nor near, by brute force") {
  const Fixture fixture;
  for (const std::string expression :
       {"bm25 + 10*value(3)", "bm25 - 10*value(3)", "0*bm25 + value(3)", "value(3)*doclength",
        "bm25/saturation + share*cosine - doclength", "cosine*value(3)", "0 - doclength", "bm25 - 9*cosine",
        "abs(cosine) + share*bm25", "bm25 - 9*abs(cosine - 0.3)", "input(boost)*value(3) + bm25"}) {
    CAPTURE(expression);
    SearchRequest request = fixture.request("common w3", "w30 w2");
    request.filter = Xapian::Query("common");
    request.inputs["boost"] = 2;
    const RankingProfile profile = profile_of(expression);
    request.ranking = ranking(profile);
    request.k = 5;
    const auto all = fixture.ranked(request, profile, has_common);
    check_same(fixture.searcher->search(request), first(all, 5));
    check_same(fixture.shards->search(request), first(all, 5), 1e-12);
    CHECK(all_pages(*fixture.searcher, request) == docids_of(all));
    request.vector.reset();
    if (Ranking(profile).score().uses(RankingVariable::kCosine)) continue;
    check_same(fixture.searcher->search(request), first(fixture.ranked(request, profile, has_common), 5));
  }
}

TEST_CASE("a first phase orders candidates and the second gives the scores") {
  const Fixture fixture;
  const RankingProfile profile = profile_of("bm25 + 10*value(3)", "0 - value(3)", 40);
  SearchRequest request = fixture.request("common w3", "w30 w2");
  request.filter = Xapian::Query("common");
  request.ranking = ranking(profile);
  request.k = 5;
  auto candidates = first(
      fixture.ranked(request, profile_of(profile.first_phase), [](Xapian::docid docid) { return docid % 10 != 0; }),
      40);
  for (Hit& hit : candidates) hit.score = 0 - fixture.number(hit.docid).value_or(0);
  std::ranges::sort(candidates, [](const Hit& a, const Hit& b) {
    return a.score != b.score ? a.score > b.score : a.docid < b.docid;
  });
  check_same(fixture.searcher->search(request), first(candidates, 5));
}

TEST_CASE("documents below the minimum score are no hits") {
  const Fixture fixture;
  for (const RankingProfile& profile : {profile_of("bm25/saturation + share*cosine"), profile_of("bm25 + value(3)"),
                                        profile_of("", "minmax(bm25) + cosine", 1000)}) {
    CAPTURE(Ranking(profile).score().text());
    SearchRequest request = fixture.request("common w3", "w30 w2");
    request.ranking = ranking(profile);
    request.k = kDocuments;
    auto expected = fixture.ranked(request, profile);
    request.min_score = expected[70].score;
    const auto hits = fixture.searcher->search(request);
    check_same(hits, first(expected, 71));
    request.min_score = std::nextafter(expected[70].score, HUGE_VAL);
    CHECK(fixture.searcher->search(request).size() == 70);
    request.k = 10;
    CHECK(all_pages(*fixture.searcher, request) == docids_of(first(expected, 70)));
    request.min_score = 1e9;
    CHECK(fixture.searcher->search(request).empty());
  }
}

TEST_CASE("a minimum cosine leaves exactly the documents that are near enough, with words and without") {
  const Fixture fixture;
  for (const std::string words : {"", "common w3", "rare"}) {
    for (const double least : {-1.0, -0.2, 0.0, 0.35, 0.9, 1.0}) {
      for (const std::string expression : {"", "bm25 + cosine", "bm25 + value(3)", "rrf(60)"}) {
        CAPTURE(words);
        CAPTURE(least);
        CAPTURE(expression);
        SearchRequest request = fixture.request(words, "w30 w2");
        const RankingProfile profile = profile_of("", expression.empty() ? "cosine" : expression);
        if (!expression.empty()) request.ranking = ranking(profile);
        request.min_cosine = least;
        const auto oracle = fixture.oracle(request);
        std::set<Xapian::docid> expected;
        for (const auto& [docid, cosine] : oracle.cosine)
          if (cosine >= least) expected.insert(docid);
        for (const Plan plan : {Plan::kAuto, Plan::kPlainTerms})
          for (Searcher* const searcher : {fixture.searcher.get(), fixture.shards.get()}) {
            request.plan = plan;
            request.probes = 1000;  // more than there are buckets
            request.k = 7;
            const auto pages = all_pages(*searcher, request);
            CHECK(std::set(pages.begin(), pages.end()) == expected);
            CHECK(pages.size() == expected.size());
            if (words.empty() && expression.empty() && plan == Plan::kAuto)
              CHECK(pages ==
                    docids_of(fixture.ranked(request, profile, [&](auto docid) { return expected.contains(docid); })));
          }
      }
    }
  }
}

TEST_CASE("of documents with the same value the best is a hit, the others are counted, and there are k hits") {
  const Fixture fixture;
  for (const RankingProfile& profile :
       {profile_of("bm25/saturation + share*cosine"), profile_of("bm25 + value(3)"), profile_of("", "rrf(60)", 1000)}) {
    SearchRequest request = fixture.request("common w3", "w30 w2");
    request.ranking = ranking(profile);
    request.collapse = kGroup;
    std::vector<Hit> expected;
    std::map<std::string, std::size_t> by_value;
    for (const Hit& hit : fixture.ranked(request, profile)) {
      const std::string value = fixture.database.get_document(hit.docid).get_value(kGroup);
      if (!value.empty() && by_value.contains(value)) {
        ++expected[by_value.at(value)].collapsed;
        continue;
      }
      by_value[value] = expected.size();
      expected.push_back(hit);
    }
    request.k = kDocuments;
    const auto hits = fixture.searcher->search(request);
    check_same(hits, expected);
    for (std::size_t i = 0; i < hits.size(); ++i) CHECK(hits[i].collapsed == expected[i].collapsed);
    request.k = 30;
    CHECK(fixture.searcher->search(request).size() == 30);
    CHECK(all_pages(*fixture.searcher, request) == docids_of(expected));
  }
}

TEST_CASE("several excluded documents are no hits, and as many others follow") {
  const Fixture fixture;
  for (const std::string expression : {"", "bm25 + cosine", "rrf(60)"}) {
    SearchRequest request = fixture.request("common w3", "w30 w2");
    if (!expression.empty()) request.ranking = ranking(profile_of("", expression, 1000));
    request.k = 20;
    auto expected = docids_of(fixture.searcher->search(request));
    request.exclude = {expected[0], expected[3], expected[7], 99999};
    for (const std::size_t taken : {7U, 3U, 0U}) expected.erase(expected.begin() + taken);
    request.k = 17;
    if (expression != "rrf(60)") CHECK(docids_of(fixture.searcher->search(request)) == expected);
    for (const Hit& hit : fixture.searcher->search(request))
      CHECK(std::ranges::find(request.exclude, hit.docid) == request.exclude.end());
    CHECK(fixture.searcher->search(request).size() == 17);
  }
}

TEST_CASE("pages of any search are disjoint, full but for the last, and leave out no document that can be a hit") {
  const Fixture cells;
  const Fixture planes(test::small_hyperplanes(8, 4, 5));
  const bool holds = rc::check([&](std::uint64_t seed) {
    test::Random random(seed);
    const Fixture& fixture = random.below(2) == 0 ? cells : planes;
    const std::size_t mode = random.below(3);
    SearchRequest request = fixture.request(mode == 1              ? ""
                                            : random.below(2) == 0 ? "common"
                                                                   : test::random_text(random, kWords + 5, 2),
                                            mode == 0 ? "" : test::random_text(random, kWords, 1 + random.below(3)));
    if (const std::size_t which = random.below(kProfiles.size() + 3); which < kProfiles.size()) {
      request.ranking = ranking(kProfiles[which]);
    }
    request.k = 1 + random.below(random.below(2) == 0 ? 20 : 150);
    request.exact_below = random.below(2) == 0 ? 0 : 10000;
    request.probes = 1 + random.below(5);
    request.plan = random.below(3) == 0 ? Plan::kPlainTerms : Plan::kAuto;
    if (random.below(3) == 0) request.filter = Xapian::Query("XPthird");
    if (random.below(3) == 0) request.exclude = {1, 3, 6};
    const auto oracle = fixture.oracle(request);
    std::set<Xapian::docid> possible;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      const bool filtered = !request.filter.empty() && docid % 3 != 0;
      const bool excluded = std::ranges::find(request.exclude, docid) != request.exclude.end();
      if ((oracle.bm25.contains(docid) || oracle.cosine.contains(docid)) && !filtered && !excluded)
        possible.insert(docid);
    }
    const auto pages = all_pages(*fixture.searcher, request);
    RC_ASSERT((std::set(pages.begin(), pages.end()) == possible));
    RC_ASSERT(pages.size() == possible.size());
    // Any page by itself, from a searcher that has seen none before it.
    request.offset = request.k * random.below(pages.size() / request.k + 1);
    const auto page = docids_of(Searcher(fixture.database, fixture.builder).search(request));
    const auto begin = pages.begin() + static_cast<std::ptrdiff_t>(std::min(request.offset, pages.size()));
    RC_ASSERT((page == std::vector(begin, begin + static_cast<std::ptrdiff_t>(page.size()))));
    // Weights of shards add up in another order, so ties may not break alike.
    const auto over_shards = all_pages(*fixture.shards, request);
    RC_ASSERT((std::set(over_shards.begin(), over_shards.end()) == possible));
  });
  CHECK(holds);
}

TEST_CASE("all matches are counted exactly where that is asked for") {
  const Fixture fixture;
  for (const std::string words : {"common", "w3 w4", "rare", "unknown"}) {
    for (const Plan plan : {Plan::kAuto, Plan::kPlainTerms}) {
      SearchRequest request = fixture.request(words, "w9");
      request.plan = plan;
      request.count_all = true;
      const std::size_t matching = fixture.oracle(request).bm25.size();
      SearchReport report;
      fixture.searcher->search(request, &report);
      CHECK(report.matches.least == matching);
      CHECK(report.matches.estimated == matching);
      CHECK(report.matches.most == matching);
      request.vector.reset();
      request.ranking = ranking(profile_of("bm25 + value(3)"));
      fixture.searcher->search(request, &report);
      CHECK(report.matches.least == matching);
      CHECK(report.matches.most == matching);
    }
  }
}

TEST_CASE("of a vector alone the documents that could be hits are counted") {
  const Fixture fixture;
  SearchRequest request = fixture.request("", "w9");
  SearchReport report;
  fixture.searcher->search(request, &report);
  const std::size_t vectors = fixture.oracle(request).cosine.size();
  CHECK(report.matches.least <= vectors);
  CHECK(report.matches.most == vectors);
  request.k = kDocuments;
  fixture.searcher->search(request, &report);
  CHECK(report.matches.least == vectors);
  request.min_cosine = 0.5;
  const std::size_t hits = fixture.searcher->search(request, &report).size();
  CHECK(hits < vectors);
  CHECK(report.matches.most == hits);
}

TEST_CASE("the features of hits are those of brute force, among the candidates where they are of the candidates") {
  const Fixture fixture;
  SearchRequest request = fixture.request("common w3", "w30 w2");
  const RankingProfile profile = profile_of("", "rrf(60) + value(3)", kDocuments + 1);
  request.ranking = ranking(profile);
  request.features = true;
  request.k = 25;
  std::vector<Xapian::docid> docids;
  const Oracle oracle = fixture.oracle(request);
  for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
    if (oracle.bm25.contains(docid) || oracle.cosine.contains(docid)) docids.push_back(docid);
  const RankingCandidates columns = fixture.columns(docids, request, oracle);
  for (Searcher* const searcher : {fixture.searcher.get(), fixture.shards.get()}) {
    const auto hits = searcher->search(request);
    REQUIRE(hits.size() == 25);
    REQUIRE(hits[0].features.size() == kFeatures.size());
    for (std::size_t i = 0; i < hits[0].features.size(); ++i) {
      const std::string& name = hits[0].features[i].first;
      CAPTURE(name);
      CHECK(name == kFeatures[i]);
      if (name == "mean_cosine") continue;
      std::vector<double> values(docids.size());
      RankingExpression::compile(name).evaluate(columns, oracle.facts, values);
      for (const Hit& hit : hits) {
        const auto row = std::ranges::lower_bound(docids, hit.docid) - docids.begin();
        CHECK(hit.features[i].first == name);
        CHECK(std::abs(hit.features[i].second - values[static_cast<std::size_t>(row)]) <= 1e-12);
      }
    }
  }
}

TEST_CASE("words and a vector are ranked by the default formula where nothing else is asked for") {
  const Fixture fixture;
  SearchRequest request = fixture.request("w3 w4", "w3 w4");
  request.features = true;
  request.k = kDocuments;
  const auto hits = fixture.searcher->search(request);
  REQUIRE(hits.size() > 250);
  const auto feature = [](const Hit& hit, const std::string& name) {
    return std::ranges::find(hit.features, name, &std::pair<std::string, double>::first)->second;
  };
  const double mean = feature(hits[0], "mean_cosine");
  const double largest = feature(hits[0], "max_bm25");
  const double fit = std::clamp(1 - std::sqrt(8) * mean, 0.0, 1.0);
  const double room = std::clamp(1 - largest / fixture.saturation(request.words), 0.0, 1.0);
  CHECK(room > 0);
  for (const Hit& hit : hits) {
    const double near = request.coverage * std::max(0.0, hit.cosine);
    const double score = std::pow(hit.bm25 / largest, 3) + 1.5 * fit * room * near * near;
    CHECK(feature(hit, "mean_cosine") == mean);
    CHECK(hit.score == doctest::Approx(score).epsilon(1e-9));
  }
}

TEST_CASE("the mean cosine is that of the query and the mean of the documents' vectors, the same over shards") {
  const Fixture fixture;
  for (const std::string meaning : {"w30 w2", "w1"}) {
    SearchRequest request = fixture.request("", meaning);
    request.ranking = ranking(profile_of("", "mean_cosine"));
    request.k = 1;
    double sum = 0;
    std::size_t vectors = 0;
    for (const auto& [docid, cosine] : fixture.oracle(request).cosine) {
      sum += cosine;
      ++vectors;
    }
    const double mean = sum / static_cast<double>(vectors);  // of few documents all are looked at
    CHECK(fixture.searcher->search(request)[0].score == doctest::Approx(mean).epsilon(1e-6));
    CHECK(fixture.shards->search(request)[0].score == fixture.searcher->search(request)[0].score);
  }
}

TEST_CASE("coverage is the share of words that the dictionary knows, as the request says") {
  const Fixture fixture;
  CHECK(fixture.builder->coverage("w1 w2 common") == doctest::Approx(2.0 / 3));
  CHECK(fixture.builder->coverage("w1 w1 common") == 0.5);
  CHECK(fixture.builder->coverage("common") == 0);
  SearchRequest request = fixture.request("common", "w1");
  request.ranking = ranking(profile_of("", "coverage"));
  CHECK(fixture.searcher->search(request)[0].score == 0.75);
  request.coverage = 1.5;
  CHECK_THROWS_WITH_AS(fixture.searcher->search(request), "coverage must be in [0, 1]; was 1.5", InvalidArgument);
}

TEST_CASE("an input that the ranking reads must be given, and a minimum cosine needs a vector") {
  const Fixture fixture;
  SearchRequest request = fixture.request("common", "w1");
  request.ranking = ranking(profile_of("", "bm25 + input(boost)"));
  CHECK_THROWS_WITH_AS(fixture.searcher->search(request),
                       "input 'boost' of the ranking expression must be given; was not", InvalidArgument);
  request.inputs["boost"] = 1;
  CHECK_FALSE(fixture.searcher->search(request).empty());
  request.min_cosine = 1.1;
  CHECK_THROWS_WITH_AS(fixture.searcher->search(request), "min_cosine must be in [-1, 1]; was 1.1", InvalidArgument);
  request.min_cosine = 0.5;
  request.vector.reset();
  CHECK_THROWS_WITH_AS(fixture.searcher->search(request), "min_cosine needs a query vector; the query has none",
                       InvalidArgument);
}

TEST_CASE("profiles come back from their JSON and from a database, and damaged ones are a data error") {
  const RankingProfiles profiles{{"default", default_profile()},
                                 {"recent", profile_of("bm25/saturation + share*cosine", "rrf(60) + value(3)", 200)}};
  CHECK(profiles_from_json(to_json(profiles)) == profiles);
  CHECK(profiles_from_json(to_json({})).empty());
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  CHECK(read_profiles(database).empty());
  write_profiles(database, profiles);
  CHECK(read_profiles(database) == profiles);
  const std::string good = to_json(profiles);
  const std::vector<std::pair<std::string, std::string>> damages{{"\"version\":1", "\"version\":2"},
                                                                 {"200", "-1"},
                                                                 {"200", "\"wide\""},
                                                                 {"\"window\"", "\"widow\""},
                                                                 {"200", "1e30"},
                                                                 {"0.25", "[]"},
                                                                 {"{", ""},
                                                                 {"\"profiles\":{", "\"profiles\":[{"}};
  for (const auto& [from, to] : damages) {
    CAPTURE(to);
    std::string damaged = good;
    damaged.replace(damaged.find(from), from.size(), to);
    CHECK_THROWS_AS(profiles_from_json(damaged), DataError);
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_THROWS_AS(profiles_from_json(good.substr(0, size)), DataError);
  CHECK_THROWS_AS(profiles_from_json("{\"version\":1,\"profiles\":7}"), DataError);
}

TEST_CASE("a bad profile is refused with the phase at fault, and a bad name with what names may be") {
  const auto refusal = [](const RankingProfile& profile) {
    return test::message_of<InvalidArgument>([&] { Ranking made(profile); });
  };
  CHECK(refusal(profile_of("bm25 + cosin")).starts_with("first_phase: "));
  CHECK(refusal(profile_of("bm25", "cosine +")).starts_with("second_phase: "));
  CHECK(refusal(profile_of("rrf(60)", "cosine")).starts_with("first_phase must be A*bm25 + G"));
  CHECK(refusal(profile_of("bm25*cosine")).starts_with("first_phase must be A*bm25 + G"));
  CHECK(refusal({}) == "a ranking profile must have a first_phase or a second_phase; has neither");
  CHECK(refusal(profile_of("bm25", "", 0)) == "window must be in [1, 100000]; was 0");
  CHECK(refusal(profile_of("bm25", "", 100001)) == "window must be in [1, 100000]; was 100001");
  RankingProfile endless = profile_of("bm25");
  endless.parameters["share"] = HUGE_VAL;
  CHECK(refusal(endless).ends_with("ranking parameter share must be a finite number; was inf"));
  RankingProfile reserved = profile_of("bm25");
  reserved.parameters["cosine"] = 1;
  CHECK(refusal(reserved).find("'cosine'") != std::string::npos);
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  CHECK_THROWS_WITH_AS(write_profiles(database, {{"a b", default_profile()}}),
                       "the name of a profile must be of letters, digits, - and _; was \"a b\"", InvalidArgument);
  CHECK_THROWS_WITH_AS(write_profiles(database, {{"flat", profile_of("bm25", "", 0)}}),
                       "profile flat: window must be in [1, 100000]; was 0", InvalidArgument);
  CHECK(read_profiles(database).empty());
}
