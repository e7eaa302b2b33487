// SPDX-License-Identifier: GPL-2.0-or-later

#include "analyzers/errors.h"
#include "tests/support/text.h"
#include "tests/support/two_phase.h"

using namespace vecterm;
using namespace vecterm::test::two_phase;

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
