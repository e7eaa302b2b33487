// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/tsne.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/training/numbers/matrices.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxVectors = 2000;
constexpr std::size_t kFewestVectors = 5;
constexpr std::size_t kGrain = 32;
constexpr double kStartDeviation = 1e-4;
constexpr double kExaggeration = 12;
constexpr std::uint32_t kExaggeratedSteps = 250;
constexpr double kEarlyMomentum = 0.5;
constexpr double kLateMomentum = 0.8;
constexpr double kSmallestGain = 0.01;
constexpr int kBisections = 60;

void check(std::span<const float> vectors, std::size_t dimensions, const TsneOptions& options) {
  if (dimensions == 0) throw InvalidArgument("dimensions must be at least 1; was 0");
  if (vectors.size() % dimensions != 0)
    throw InvalidArgument(
        fmt::format("vectors must be rows of {} numbers; were {} numbers", dimensions, vectors.size()));
  if (vectors.size() / dimensions > kMaxVectors)
    throw InvalidArgument(
        fmt::format("vectors to lay out must be at most {}; were {}", kMaxVectors, vectors.size() / dimensions));
  if (!std::ranges::all_of(vectors, [](float value) { return std::isfinite(value); }))
    throw InvalidArgument("vectors to lay out must be finite");
  if (!(options.perplexity >= 1 && options.perplexity <= 1000))
    throw InvalidArgument(fmt::format("perplexity must be in [1, 1000]; was {}", options.perplexity));
  if (options.iterations < 1 || options.iterations > 100000)
    throw InvalidArgument(fmt::format("iterations must be in [1, 100000]; was {}", options.iterations));
}

/// The coordinates along the two directions of largest variance.
std::vector<PlanePoint> flattened(std::span<const float> vectors, std::size_t dimensions) {
  const std::size_t axes = std::min<std::size_t>(2, dimensions);
  const std::vector<double> values = principal_components(vectors, dimensions, axes);
  std::vector<PlanePoint> points(vectors.size() / dimensions);
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = {values[i * axes], axes > 1 ? values[i * axes + 1] : 0};
  return points;
}

/// Every sum over points is taken by one thread in their order.
class Layout {
 public:
  Layout(std::span<const float> vectors, std::size_t dimensions, const TsneOptions& options)
      : n_(vectors.size() / dimensions),
        threads_(options.threads),
        rate_(std::max(50.0, static_cast<double>(n_) / kExaggeration / 4)),
        affinities_(n_ * n_),
        points_(flattened(vectors, dimensions)),
        speeds_(n_),
        gains_(n_, PlanePoint{1, 1}),
        forces_(n_) {
    set_affinities(vectors, dimensions, std::min(options.perplexity, std::max(1.0, static_cast<double>(n_ - 1) / 3)));
    shrink();
  }

  void step(double exaggeration, double momentum) {
    parallel_for(n_, kGrain, threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) forces_[i] = forces_on(i);
    });
    double kernels = 0;
    for (const Forces& forces : forces_) kernels += forces.kernels;
    for (std::size_t i = 0; i < n_; ++i) {
      const auto& [pull, push, own] = forces_[i];
      const double x = 4 * (exaggeration * pull.x - push.x / kernels);
      const double y = 4 * (exaggeration * pull.y - push.y / kernels);
      move(points_[i].x, speeds_[i].x, gains_[i].x, x, momentum);
      move(points_[i].y, speeds_[i].y, gains_[i].y, y, momentum);
    }
    centre();
  }

  std::vector<PlanePoint> take() { return std::move(points_); }

 private:
  /// p_ij = (p_j|i + p_i|j) / 2n, where row i's precision gives it the perplexity.
  void set_affinities(std::span<const float> vectors, std::size_t dimensions, double perplexity) {
    std::vector<double> conditional(n_ * n_);
    parallel_for(n_, kGrain, threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = std::span(conditional).subspan(i * n_, n_);
        for (std::size_t j = 0; j < n_; ++j)
          row[j] = squared_distance(vectors.subspan(i * dimensions, dimensions),
                                    vectors.subspan(j * dimensions, dimensions));
        to_probabilities(row, i, std::log(perplexity));
      }
    });
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < n_; ++j)
        affinities_[i * n_ + j] = (conditional[i * n_ + j] + conditional[j * n_ + i]) / (2 * static_cast<double>(n_));
  }

  static double squared_distance(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += difference * difference;
    }
    return sum;
  }

  /// Turns point i's squared distances into p_j|i, by bisection for the precision that gives the entropy.
  static void to_probabilities(std::span<double> row, std::size_t i, double entropy) {
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < row.size(); ++j)
      if (j != i) nearest = std::min(nearest, row[j]);
    const std::vector<double> distances(row.begin(), row.end());
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    double precision = 1;
    for (int step = 0; step < kBisections; ++step) {
      double sum = 0;
      double weighted = 0;
      for (std::size_t j = 0; j < row.size(); ++j) {
        row[j] = j == i ? 0 : std::exp(-precision * (distances[j] - nearest));
        sum += row[j];
        weighted += row[j] * (distances[j] - nearest);
      }
      for (double& value : row) value /= sum;
      const bool too_flat = std::log(sum) + precision * weighted / sum > entropy;
      (too_flat ? low : high) = precision;
      precision = std::isinf(high) ? precision * 2 : (low + high) / 2;
    }
  }

  /// What point i's neighbours do to it, with Student's t kernels k = 1 / (1 + |y_i - y_j|^2): the sums of p k (y_i -
  /// y_j), k^2 (y_i - y_j) and k.
  struct Forces {
    PlanePoint pull;
    PlanePoint push;
    double kernels = 0;
  };

  Forces forces_on(std::size_t i) const {
    Forces forces;
    for (std::size_t j = 0; j < n_; ++j) {
      if (j == i) continue;
      const double x = points_[i].x - points_[j].x;
      const double y = points_[i].y - points_[j].y;
      const double kernel = 1 / (1 + x * x + y * y);
      const double pull = affinities_[i * n_ + j] * kernel;
      const double push = kernel * kernel;
      forces.pull.x += pull * x;
      forces.pull.y += pull * y;
      forces.push.x += push * x;
      forces.push.y += push * y;
      forces.kernels += kernel;
    }
    return forces;
  }

  void move(double& place, double& speed, double& gain, double gradient, double momentum) const {
    gain = (gradient > 0) == (speed > 0) ? std::max(kSmallestGain, gain * 0.8) : gain + 0.2;
    speed = momentum * speed - rate_ * gain * gradient;
    place += speed;
  }

  PlanePoint mean() const {
    PlanePoint sum;
    for (const PlanePoint& point : points_) {
      sum.x += point.x;
      sum.y += point.y;
    }
    return {sum.x / static_cast<double>(n_), sum.y / static_cast<double>(n_)};
  }

  void centre() {
    const PlanePoint middle = mean();
    for (PlanePoint& point : points_) {
      point.x -= middle.x;
      point.y -= middle.y;
    }
  }

  /// Small enough at first that no pair is pushed apart by mistake.
  void shrink() {
    double squares = 0;
    for (const PlanePoint& point : points_) squares += point.x * point.x;
    const double deviation = std::sqrt(squares / static_cast<double>(n_));
    if (!(deviation > 0)) return;
    for (PlanePoint& point : points_) {
      point.x *= kStartDeviation / deviation;
      point.y *= kStartDeviation / deviation;
    }
  }

  std::size_t n_;
  unsigned threads_;
  double rate_;
  std::vector<double> affinities_;  ///< p_ij, n x n
  std::vector<PlanePoint> points_;
  std::vector<PlanePoint> speeds_;
  std::vector<PlanePoint> gains_;  ///< of each coordinate's rate (Jacobs, Neural Networks 1988)
  std::vector<Forces> forces_;
};

}  // namespace

std::vector<PlanePoint> tsne(std::span<const float> vectors, std::size_t dimensions, const TsneOptions& options) {
  check(vectors, dimensions, options);
  if (vectors.empty()) return {};
  if (vectors.size() / dimensions < kFewestVectors) return flattened(vectors, dimensions);
  Layout layout(vectors, dimensions, options);
  for (std::uint32_t step = 0; step < options.iterations; ++step) {
    const bool early = step < kExaggeratedSteps;
    layout.step(early ? kExaggeration : 1, early ? kEarlyMomentum : kLateMomentum);
  }
  return layout.take();
}

}  // namespace vecterm
