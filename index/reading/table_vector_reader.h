// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "analyzers/version.h"
#include "index/store/vector_table.h"
#include "plugin/documents/vector_reader.h"

namespace vecterm {

/// Internal: what there is of a database's vectors without its slot.
struct KeptRows {
  std::shared_ptr<const VectorTable> table;  ///< null where there is none
  /// Documents of which the slot is to be asked. Null where the table is of the database's revision.
  std::shared_ptr<const DocidRanges> changed;
};

/// Internal: reads vectors from a table, and from the slot what the table does not say.
class VECTERM_INTERNAL_API TableVectorReader : public VectorReader {
 public:
  /// What a row that is read by itself costs, in rows that are read in order.
  static constexpr std::size_t kSingleCost = 16;

  /// Gives what there is. @param singly  so many rows are about to be read from the slot, one by one; 0 = the database
  /// was just opened
  using Provider = std::function<KeptRows(std::size_t singly)>;
  TableVectorReader(const Xapian::Database& database, const DocumentEmbedder& embedder, Provider provider)
      : slot_(database, embedder), provider_(std::move(provider)), rows_(provider_(0)) {}

  void cosines(std::span<const Xapian::docid> docids, std::span<const float> unit, std::span<float> cosines) override;
  void first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                  std::span<std::int32_t> scores) override;
  void scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) override;
  Xapian::doccount size() const override { return slot_.size(); }

 private:
  bool is_complete() const { return rows_.table && !rows_.changed; }
  void take(KeptRows found);
  const VectorTable* prepare(std::span<const Xapian::docid> docids);
  void find_apart(std::span<const Xapian::docid> docids);
  void cosines_of(const VectorTable& rows, std::span<const Xapian::docid> docids, std::span<const float> unit,
                  std::span<float> cosines);
  void first_pass_of(const VectorTable& rows, const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                     std::span<std::int32_t> scores);

  SlotVectorReader slot_;
  Provider provider_;
  KeptRows rows_;
  std::vector<std::size_t> apart_;           ///< which of the documents asked for are read from the slot
  std::vector<Xapian::docid> apart_docids_;  ///< theirs
  std::vector<std::uint32_t> row_numbers_;   ///< scratch
  std::vector<float> vectors_;               ///< scratch
};

}  // namespace vecterm
