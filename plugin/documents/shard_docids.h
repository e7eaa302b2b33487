// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>

/// How Xapian numbers the documents of a database of several shards: each shard's in turn.
namespace vecterm {

/// The shard of a docid of the whole collection, from 0.
inline std::size_t shard_of(Xapian::docid docid, std::size_t shards) { return (docid - 1) % shards; }

/// Its docid in that shard.
inline Xapian::docid local_docid(Xapian::docid docid, std::size_t shards) {
  return static_cast<Xapian::docid>((docid - 1) / shards + 1);
}

/// The docid in the whole collection of a shard's document.
inline Xapian::docid global_docid(Xapian::docid local, std::size_t shard, std::size_t shards) {
  return static_cast<Xapian::docid>((local - 1) * shards + shard + 1);
}

}  // namespace vecterm
