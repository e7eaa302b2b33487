// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>

#include "plugin/documents/posting_reader.h"
#include "plugin/documents/vector_reader.h"

namespace vecterm {

/// One local database of a collection, with what reads it.
struct Shard {
  Xapian::Database database;
  std::shared_ptr<VectorReader> vectors;
  std::shared_ptr<PostingReader> postings;
};

}  // namespace vecterm
