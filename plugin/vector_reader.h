// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <optional>
#include <span>

#include "../analyzers/embedding.h"
#include "../analyzers/export.h"
#include "analyzer_settings.h"

namespace vecterm {

/// Reads the vectors of a database's documents. One reader serves one thread, like the database under it.
class VECTERM_API VectorReader {
 public:
  virtual ~VectorReader();

  /// Called for many documents of one query, in ascending order of docid where possible.
  /// @returns the exact cosine of `unit` and the document's vector, or nothing where it has none
  virtual std::optional<float> cosine(Xapian::docid docid, std::span<const float> unit) = 0;

  /// Calls visit(docid, cosine) for every document that has a vector, in ascending order of docid.
  virtual void scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) = 0;

  /// The number of documents that have a vector.
  virtual Xapian::doccount size() const = 0;
};

/// Reads vectors from the value slot that the record names. @throws DataError where a value is damaged.
class VECTERM_API SlotVectorReader : public VectorReader {
 public:
  SlotVectorReader(Xapian::Database database, const IndexRecord& record);

  std::optional<float> cosine(Xapian::docid docid, std::span<const float> unit) override;
  void scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) override;
  Xapian::doccount size() const override;

 private:
  Xapian::Database database_;
  Xapian::valueno slot_;
  unsigned generation_;
  UnitVector row_;
  std::optional<Xapian::ValueIterator> position_;
};

}  // namespace vecterm
