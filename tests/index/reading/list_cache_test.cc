// SPDX-License-Identifier: GPL-2.0-or-later
// Tests posting_reader.cc, too.
#include "index/reading/list_cache.h"

#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

ListCache::List list_of(std::size_t size) { return std::make_shared<const DocidList>(size, 7); }

}  // namespace

TEST_CASE("a cache never keeps more bytes than its capacity, whatever is put in") {
  constexpr std::size_t kCapacity = 20000;
  ListCache cache(kCapacity);
  test::Random random(3);
  std::size_t kept = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string key = "t" + std::to_string(random.below(300));
    const std::size_t size = random.below(i % 50 == 0 ? 10000 : 400);
    cache.insert("1", key, list_of(size));
    CHECK(cache.bytes() <= kCapacity);
    if (const auto found = cache.find("1", "t" + std::to_string(random.below(300)))) {
      CHECK((found->empty() || found->front() == 7));
      ++kept;
    }
  }
  CHECK(kept > 100);
}

TEST_CASE("the list that was used longest ago is dropped first") {
  ListCache cache(4000);
  for (const char* key : {"a", "b", "c"}) cache.insert("1", key, list_of(250));
  for (const char* key : {"a", "b", "c"}) REQUIRE(cache.find("1", key));
  cache.find("1", "a");
  cache.insert("1", "d", list_of(250));
  CHECK_FALSE(cache.find("1", "b"));
  for (const char* key : {"a", "c", "d"}) CHECK(cache.find("1", key));
}

TEST_CASE("a list larger than the capacity is not kept, and drops nothing") {
  ListCache cache(4000);
  cache.insert("1", "a", list_of(250));
  cache.insert("1", "large", list_of(10000));
  CHECK(cache.find("1", "a"));
  CHECK_FALSE(cache.find("1", "large"));
  ListCache none(0);
  none.insert("1", "a", list_of(0));
  CHECK_FALSE(none.find("1", "a"));
  CHECK(none.bytes() == 0);
}

TEST_CASE("another state of the database empties a cache") {
  ListCache cache(4000);
  cache.insert("1", "a", list_of(10));
  CHECK_FALSE(cache.find("2", "a"));
  CHECK(cache.find("1", "a"));
  cache.insert("2", "b", list_of(20));
  CHECK_FALSE(cache.find("1", "a"));
  CHECK_FALSE(cache.find("2", "a"));
  CHECK(cache.find("2", "b")->size() == 20);
}

TEST_CASE("a list that was found stays whole after the cache has dropped it") {
  ListCache cache(2000);
  cache.insert("1", "a", list_of(300));
  const auto found = cache.find("1", "a");
  cache.insert("1", "b", list_of(300));
  CHECK_FALSE(cache.find("1", "a"));
  CHECK(found->size() == 300);
}
