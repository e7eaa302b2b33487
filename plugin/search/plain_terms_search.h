// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <span>
#include <vector>

#include "plugin/documents/vector_reader.h"
#include "plugin/query_builder.h"
#include "plugin/search/nearest_request.h"
#include "plugin/search_request.h"

namespace vecterm {

/// The nearest documents by ordinary queries, on any engine that Xapian reaches: an OR of the tokens under
/// Xapian::CoordWeight, and the exact cosines of its best documents, whose slots are read from here. Serves one thread.
class PlainTermsSearch {
 public:
  PlainTermsSearch(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder);

  /// Best first, at most request.wanted. Where few enough documents are there, or too few have the tokens, all that
  /// match the filter are compared.
  /// @param candidates  documents that are compared exactly, at least request.wanted
  std::vector<Neighbour> find(const NearestRequest& request, std::size_t candidates, SearchReport& report);

  /// The exact cosine of a document, or nothing where it has no vector.
  std::optional<float> cosine(Xapian::docid docid, std::span<const float> unit) { return slot_.cosine(docid, unit); }

 private:
  Xapian::MSet with_tokens(const NearestRequest& request, std::size_t candidates, SearchReport& report);
  Xapian::MSet all(const Xapian::Query& filter);
  std::vector<Neighbour> compare(const Xapian::MSet& matches, std::span<const float> unit);

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
  SlotVectorReader slot_;
};

}  // namespace vecterm
