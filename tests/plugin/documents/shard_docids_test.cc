// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/documents/shard_docids.h"

#include <doctest/doctest.h>

#include <string>

using namespace vecterm;

TEST_CASE("docids of shards are those of Xapian") {
  Xapian::WritableDatabase shards[3];
  Xapian::Database all;
  for (std::size_t shard = 0; shard < 3; ++shard) {
    shards[shard] = Xapian::WritableDatabase("", Xapian::DB_BACKEND_INMEMORY);
    for (std::size_t i = 0; i < 4; ++i) {
      Xapian::Document document;
      document.set_data(std::to_string(shard) + " " + std::to_string(i + 1));
      shards[shard].add_document(document);
    }
    all.add_database(shards[shard]);
  }
  for (Xapian::docid docid = 1; docid <= all.get_lastdocid(); ++docid) {
    const std::size_t shard = shard_of(docid, 3);
    const Xapian::docid local = local_docid(docid, 3);
    CHECK(all.get_document(docid).get_data() == std::to_string(shard) + " " + std::to_string(local));
    CHECK(global_docid(local, shard, 3) == docid);
  }
}
