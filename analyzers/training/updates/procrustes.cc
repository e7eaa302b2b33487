// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/procrustes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/training/numbers/matrices.h"

namespace vecterm {
namespace {

constexpr std::size_t kRowsAtOnce = 256;

void check(const Dictionary& recent, const Dictionary& old) {
  if (recent.dimensions() != old.dimensions())
    throw InvalidArgument(fmt::format("dimensions must be {}, as the old dictionary has; were {}", old.dimensions(),
                                      recent.dimensions()));
  if (recent.tokenizer() != old.tokenizer())
    throw InvalidArgument(fmt::format("tokenizer must be \"{}\", as the old dictionary has; was {}", old.tokenizer(),
                                      in_quotes(recent.tokenizer())));
}

void append_row(const Dictionary& dictionary, std::size_t number, double factor, std::vector<double>& rows) {
  std::vector<float> row(dictionary.dimensions());
  dictionary.copy_vector(number, row);
  for (const float value : row) rows.push_back(factor * static_cast<double>(value));
}

std::vector<double> rotation(const Dictionary& recent, const Dictionary& old) {
  const std::size_t d = old.dimensions();
  std::vector<double> products(d * d), turned, aims;
  const auto flush = [&] {
    add_products(turned, aims, d, products);
    turned.clear();
    aims.clear();
  };
  std::size_t shared = 0;
  for (std::size_t i = 0; i < old.size(); ++i) {
    const auto number = recent.find(old.word(i));
    const double weight = old.weight(i);
    if (!number || !(weight > 0)) continue;
    ++shared;
    append_row(recent, *number, 1, turned);
    append_row(old, i, static_cast<double>(std::max<std::uint64_t>(1, old.count(i))) * weight * weight, aims);
    if (turned.size() >= kRowsAtOnce * d) flush();
  }
  if (shared < d)
    throw InvalidArgument(
        fmt::format("shared words with a weight must be at least {}, the dimensions; were {}", d, shared));
  flush();
  return nearest_orthogonal(products, d);
}

// Trigrams turn with the words that hold them, and mixtures with their components: a rotation is linear.
void turn_rows(std::vector<float>& rows, const std::vector<double>& turn, std::size_t d) {
  for (std::size_t at = 0; at < rows.size(); at += kRowsAtOnce * d) {
    const auto some = std::span(rows).subspan(at, std::min(kRowsAtOnce * d, rows.size() - at));
    const std::vector<double> turned = product(std::vector<double>(some.begin(), some.end()), turn, d);
    std::ranges::transform(turned, some.begin(), [](double value) { return static_cast<float>(value); });
  }
}

std::string provenance(const Dictionary& recent, const Dictionary& old) {
  Json json = Json::object_of(recent.provenance());
  json.set("aligned", {{"method", "orthogonal Procrustes"}, {"to", old.fingerprint()}, {"from", recent.fingerprint()}});
  return json.sorted_text();
}

}  // namespace

DictionaryContents aligned(const Dictionary& recent, const Dictionary& old) {
  check(recent, old);
  const std::vector<double> turn = rotation(recent, old);
  DictionaryContents contents = recent.contents();
  contents.hash_space = old.shared_hash_space();
  contents.provenance = provenance(recent, old);
  turn_rows(contents.vectors, turn, contents.dimensions);
  turn_rows(contents.components, turn, contents.dimensions);
  return contents;
}

}  // namespace vecterm
