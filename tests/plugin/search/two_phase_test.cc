// SPDX-License-Identifier: GPL-2.0-or-later
// Tests candidate_search.cc and second_phase.cc, too.
#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "tests/support/two_phase.h"

using namespace vecterm;
using namespace vecterm::test::two_phase;

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

TEST_CASE("a first phase alone may read the mean cosine and the saturation") {
  const Fixture fixture;
  SearchRequest request = fixture.request("common", "w9 w10");
  request.k = 1;
  double nearest = 0;
  for (const auto& [docid, cosine] : fixture.oracle(request).cosine) nearest = std::max(nearest, cosine);
  for (const std::string expression :
       {"if(mean_cosine != 0, cosine, 0 - cosine)", "if(saturation != 1, cosine, 0 - cosine)"}) {
    request.ranking = ranking(profile_of(expression, "cosine", 22));
    CHECK(fixture.searcher->search(request).front().cosine == nearest);
    CHECK(fixture.shards->search(request).front().cosine == nearest);
  }
}
