// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "analyzers/embedding.h"
#include "analyzers/rows/first_pass.h"
#include "plugin/document_embedder.h"

namespace vecterm {

/// Reads the vectors of a database's documents. All readers give the same numbers; some are quicker. One reader serves
/// one thread, like the database under it.
class VectorReader {
 public:
  virtual ~VectorReader();

  /// cosines[i] = the exact cosine of `unit` and the vector of docids[i]: the float query times the value in the slot,
  /// as defined_cosine() has it. NaN where the document has no vector.
  virtual void cosines(std::span<const Xapian::docid> docids, std::span<const float> unit,
                       std::span<float> cosines) = 0;

  /// scores[i] = the first pass's score of docids[i], kNoScore where it has no vector.
  virtual void first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                          std::span<std::int32_t> scores) = 0;

  /// Calls visit(docid, cosine) for every document that has a vector, in ascending order of docid.
  virtual void scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) = 0;

  /// The number of documents that have a vector.
  virtual Xapian::doccount size() const = 0;

  /// The exact cosine of one document, or nothing where it has no vector.
  std::optional<float> cosine(Xapian::docid docid, std::span<const float> unit);
};

/// The first pass over the vectors of an index.
FirstPass first_pass_of(const DocumentEmbedder& embedder);

/// A cosine in [-1, 1]: rounding may have led out of it. NaN and infinity from a damaged or foreign row count as
/// unrelated.
float defined_cosine(float cosine);

/// A query vector that a host gives, at norm 1: the same bits where it has that, else scaled to it.
/// @throws InvalidArgument for another number of dimensions, a number that is not finite, and a vector of zeros
UnitVector query_vector(std::span<const float> given, std::size_t dimensions);

/// Reads vectors from the value slot that the index record names. @throws Damaged where a value is.
class SlotVectorReader : public VectorReader {
 public:
  SlotVectorReader(Xapian::Database database, const DocumentEmbedder& embedder);

  void cosines(std::span<const Xapian::docid> docids, std::span<const float> unit, std::span<float> cosines) override;
  void first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                  std::span<std::int32_t> scores) override;
  void scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) override;
  Xapian::doccount size() const override;

 private:
  void visit_rows(std::span<const Xapian::docid> docids, const std::function<void(std::size_t, bool)>& visit);
  bool read_row(Xapian::docid docid);

  Xapian::Database database_;
  Xapian::valueno slot_;
  unsigned generation_;
  FirstPass first_pass_;
  UnitVector row_;
  std::optional<Xapian::ValueIterator> position_;
};

}  // namespace vecterm
