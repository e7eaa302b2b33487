// SPDX-License-Identifier: GPL-2.0-or-later
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/two_phase.h"

using namespace vecterm;
using namespace vecterm::test::two_phase;

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
