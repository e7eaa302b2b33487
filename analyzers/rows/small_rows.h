// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

/// The kinds of small rows that a first pass compares (FirstPass), behind one interface.
namespace vecterm {

/// A query vector as one kind of small rows compares it.
class SmallQuery {
 public:
  virtual ~SmallQuery() = default;
  /// See FirstPassQuery::score().
  virtual void score(const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
                     std::span<std::int32_t> scores) const = 0;
  /// See FirstPassQuery::cosine().
  virtual double cosine(std::int32_t score) const = 0;
};

/// One kind of small rows; its methods are those of FirstPass. Immutable and thread-safe.
class SmallRows {
 public:
  virtual ~SmallRows() = default;
  virtual std::size_t row_bytes() const = 0;
  virtual void quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const = 0;
  virtual std::shared_ptr<const SmallQuery> query(std::span<const float> unit) const = 0;
  virtual std::size_t compared(std::size_t wanted) const = 0;
};

/// How many of the best rows are compared exactly where rows are nearly as good as the vectors. Recall@10 is .998 of an
/// exact scan (tests/bench/ann).
inline std::size_t few_compared(std::size_t wanted) { return std::max<std::size_t>(40, wanted + 30); }

/// The query of a quantiser: it has cosine(), and there is score_rows() for it.
template <class Query>
class QueryOf final : public SmallQuery {
 public:
  explicit QueryOf(Query query) : query_(std::move(query)) {}
  void score(const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
             std::span<std::int32_t> scores) const override {
    score_rows(query_, rows, numbers, scores);
  }
  double cosine(std::int32_t score) const override { return query_.cosine(score); }

 private:
  Query query_;
};

/// The rows of a quantiser: it has the methods of SmallRows, and query() gives what QueryOf takes.
template <class Quantiser>
class RowsOf final : public SmallRows {
 public:
  explicit RowsOf(Quantiser quantiser) : quantiser_(std::move(quantiser)) {}
  std::size_t row_bytes() const override { return quantiser_.row_bytes(); }
  void quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const override {
    quantiser_.quantise(decoded, row);
  }
  std::shared_ptr<const SmallQuery> query(std::span<const float> unit) const override {
    return std::make_shared<const QueryOf<decltype(quantiser_.query(unit))>>(quantiser_.query(unit));
  }
  std::size_t compared(std::size_t wanted) const override { return quantiser_.compared(wanted); }

 private:
  Quantiser quantiser_;
};

}  // namespace vecterm
