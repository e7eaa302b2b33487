// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/text_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "plugin/query/scanner.h"

namespace vecterm {
namespace {

Xapian::Query either(const Xapian::Query& a, const Xapian::Query& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return {Xapian::Query::OP_OR, a, b};
}

/// Makes one request.
class Request {
 public:
  Request(const TextQuery& query, const QueryBuilder& builder, const Xapian::Database& database,
          const FindDocument& find)
      : query_(query), builder_(builder), database_(database), find_(find) {
    SearchOptions& options = made_.search;
    options = query;
    made_.search.features = query.explain;
    add_filters();
    if (!query.text.empty()) query.operators ? add_operators() : add_plain();
    if (!query.like.empty()) add_like();
    finish();
  }

  TextRequest made() && { return std::move(made_); }

 private:
  bool by_words() const { return query_.mode != SearchMode::kVector; }
  bool by_vector() const { return query_.mode != SearchMode::kWords; }

  void add_filters() {
    if (query_.filters.size() > kMaxQueryFilters)
      throw InvalidArgument(
          fmt::format("filters must be at most {}; were {}", kMaxQueryFilters, query_.filters.size()));
    for (const std::string& filter : query_.filters) filters_.push_back(builder_.filter(filter));
  }

  void add_plain() {
    if (by_words()) made_.search.words = builder_.words(query_.text);
    if (by_vector()) add_text(query_.text, 1);
  }

  void add_operators() {
    const UserQuery user = builder_.parse_query(query_.text);
    if (!by_vector() && !user.parts.empty())
      fail_at(user.parts.front().position, "mode \"words\" does not look for meanings; leave the part out");
    if (user.min_cosine)
      made_.search.min_cosine = std::max(*user.min_cosine, made_.search.min_cosine.value_or(*user.min_cosine));
    if (by_words()) made_.search.words = user.words;
    if (!user.filter.empty()) filters_.push_back(user.filter);
    if (!by_vector()) return;
    by_parts_ = !user.parts.empty();
    if (by_parts_) first_part_ = user.parts.front().position;
    if (!by_parts_) add_text(user.meaning, 1);
    for (const SemanticPart& part : user.parts) add_part(part);
  }

  void add_part(const SemanticPart& part) {
    if (part.kind == SemanticPart::Kind::kText) {
      if (!add_text(part.text, part.weight)) fail_at(part.position, "no word of this text is in the dictionary");
      return;
    }
    const Xapian::docid docid = find_(part.text);
    if (!add_document(part.text, docid, part.weight)) fail_at(part.position, "this document has no vector");
    if (part.weight > 0) made_.search.exclude.push_back(docid);
  }

  // "More like this": by the document's best words, too.
  void add_like() {
    const Xapian::docid docid = find_(query_.like);
    made_.search.exclude.push_back(docid);
    if (by_words())
      made_.search.words = either(made_.search.words, builder_.similar_words(database_, database_.get_document(docid)));
    if (by_vector()) add_document(query_.like, docid, 1);
  }

  bool add_text(const std::string& text, double weight) {
    const auto vector = builder_.vector(text);
    coverage_ += std::abs(weight) * builder_.coverage(text);
    weights_ += std::abs(weight);
    made_.meaning.parts.push_back({{}, weight, builder_.terms(text), {}});
    if (vector) vectors_.push_back({weight, *vector});
    return vector.has_value();
  }

  bool add_document(const std::string& id, Xapian::docid docid, double weight) {
    const auto vector = builder_.vector(database_.get_document(docid));
    coverage_ += std::abs(weight);
    weights_ += std::abs(weight);
    if (!vector) return false;
    made_.meaning.parts.push_back({fmt::format("like:{}", id), weight, {}, *vector});
    vectors_.push_back({weight, *vector});
    return true;
  }

  // The norm of the sum that `unit` is the unit of.
  double weight_of(const UnitVector& unit) const {
    double sum = 0;
    for (const auto& [weight, vector] : vectors_) sum += weight * static_cast<double>(dot(unit, vector));
    return sum;
  }

  void finish() {
    SearchRequest& search = made_.search;
    search.filter = Xapian::Query(Xapian::Query::OP_AND, filters_.begin(), filters_.end());
    if (weights_ > 0) search.coverage = std::min(1.0, coverage_ / weights_);
    search.vector = QueryBuilder::combined(vectors_);
    if (by_parts_ && search.vector) search.asked = weight_of(*search.vector);
    if (search.vector) {
      made_.meaning.unit = *search.vector;
      return;
    }
    if (!vectors_.empty()) fail_at(first_part_, "the parts that are looked for by meaning cancel each other out");
    if (!by_vector()) return;
    made_.meaning.parts.clear();
    if (search.min_cosine)
      throw InvalidArgument("query: a least cosine needs a meaning, but the dictionary knows no word of the query");
    made_.notes.push_back(search.words.empty() ? "the dictionary knows no word of the query, so it has no meaning"
                                               : "the dictionary knows no word of the query: words alone rank");
  }

  const TextQuery& query_;
  const QueryBuilder& builder_;
  const Xapian::Database& database_;
  const FindDocument& find_;
  TextRequest made_;
  std::vector<Xapian::Query> filters_;
  std::vector<WeightedVector> vectors_;
  std::size_t first_part_ = 1;  ///< its column
  bool by_parts_ = false;       ///< the user asked for meanings beside the words
  double coverage_ = 0;         ///< sum over the parts of weight * coverage
  double weights_ = 0;
};

}  // namespace

TextRequest text_request(const TextQuery& query, const QueryBuilder& builder, const Xapian::Database& database,
                         const FindDocument& find) {
  if (query.text.empty() && query.like.empty()) throw InvalidArgument("query must have a text or a document; is empty");
  return Request(query, builder, database, find).made();
}

}  // namespace vecterm
