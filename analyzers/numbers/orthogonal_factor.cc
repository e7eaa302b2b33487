// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/numbers/orthogonal_factor.h"

#include <Eigen/QR>

#include "analyzers/numbers/eigen_matrix.h"

namespace vecterm {

std::vector<double> orthogonal_factor(std::span<const double> matrix, std::size_t d) {
  const MatrixXd q = Eigen::HouseholderQR<MatrixXd>(matrix_of(matrix, d)).householderQ();
  return row_major(q);
}

}  // namespace vecterm
