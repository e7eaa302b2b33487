// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/procrustes.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

void check(const Dictionary& recent, const Dictionary& old) {
  if (recent.dimensions() != old.dimensions())
    throw InvalidArgument(fmt::format("dimensions must be {}, as the old dictionary has; were {}", old.dimensions(),
                                      recent.dimensions()));
  if (recent.tokenizer() != old.tokenizer())
    throw InvalidArgument(fmt::format("tokenizer must be \"{}\", as the old dictionary has; was \"{}\"",
                                      old.tokenizer(), recent.tokenizer()));
}

Eigen::RowVectorXd row_of(const Dictionary& dictionary, std::size_t number) {
  std::vector<float> row(dictionary.dimensions());
  dictionary.copy_vector(number, row);
  return Eigen::Map<const Eigen::RowVectorXf>(row.data(), static_cast<Eigen::Index>(row.size())).cast<double>();
}

Eigen::MatrixXd rotation(const Dictionary& recent, const Dictionary& old) {
  const auto d = static_cast<Eigen::Index>(old.dimensions());
  Eigen::MatrixXd products = Eigen::MatrixXd::Zero(d, d);
  std::size_t shared = 0;
  for (std::size_t i = 0; i < old.size(); ++i) {
    const auto number = recent.find(old.word(i));
    const double weight = old.weight(i);
    if (!number || !(weight > 0)) continue;
    ++shared;
    const double share = static_cast<double>(std::max<std::uint64_t>(1, old.count(i))) * weight * weight;
    products.noalias() += row_of(recent, *number).transpose() * (share * row_of(old, i));
  }
  if (shared < old.dimensions())
    throw InvalidArgument(fmt::format("shared words with a weight must be at least {}, the dimensions; were {}",
                                      old.dimensions(), shared));
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(products, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return svd.matrixU() * svd.matrixV().transpose();
}

// Trigrams turn with the words that hold them, and mixtures with their components: a rotation is linear.
void turn_rows(std::vector<float>& rows, const Eigen::MatrixXd& turn) {
  const auto d = static_cast<std::size_t>(turn.rows());
  for (std::size_t at = 0; at < rows.size(); at += d) {
    Eigen::Map<Eigen::RowVectorXf> row(rows.data() + at, turn.rows());
    row = (row.cast<double>() * turn).eval().cast<float>();
  }
}

std::string provenance(const Dictionary& recent, const Dictionary& old) {
  auto json = nlohmann::json::parse(recent.provenance(), nullptr, false);
  if (!json.is_object()) json = nlohmann::json::object();
  json["aligned"] = {{"method", "orthogonal Procrustes"}, {"to", old.fingerprint()}, {"from", recent.fingerprint()}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

DictionaryContents aligned(const Dictionary& recent, const Dictionary& old) {
  check(recent, old);
  const Eigen::MatrixXd turn = rotation(recent, old);
  DictionaryContents contents = recent.contents();
  contents.hash_space = old.shared_hash_space();
  contents.provenance = provenance(recent, old);
  turn_rows(contents.vectors, turn);
  turn_rows(contents.components, turn);
  return contents;
}

}  // namespace vecterm
