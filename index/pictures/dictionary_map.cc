// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/dictionary_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "analyzers/base/atomic_file.h"
#include "analyzers/errors.h"
#include "analyzers/training/judge/text_vectors.h"
#include "index/pictures/clusters.h"
#include "index/pictures/label_placement.h"
#include "index/pictures/svg.h"
#include "index/pictures/tsne.h"

namespace vecterm {
namespace {

constexpr std::size_t kClusterSize = 5;  ///< entries a cluster, on average
constexpr double kPerplexity = 10;       ///< below t-SNE's usual 30: small groups are what a person looks for
constexpr double kRowHeight = 40;        ///< with a name's width, the area that it gets
constexpr double kNameMargin = 40;       ///< added to that width
constexpr double kSmallestArea = 420000;
constexpr double kAspect = 1.4;
constexpr double kMargin = 46;
constexpr double kTitleHeight = 44;
constexpr double kDotRadius = 3;
constexpr double kLargestFont = 16;
constexpr double kSmallestFont = 11.5;

void append(MapEntries& entries, std::string_view name, std::span<const float> unit) {
  entries.names.emplace_back(name);
  entries.units.insert(entries.units.end(), unit.begin(), unit.end());
}

bool has_letter(std::string_view word) {
  return std::ranges::any_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
  });
}

double squared_length(std::span<const float> row) {
  double sum = 0;
  for (const float value : row) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

std::vector<PlanePoint> middles_of(std::span<const std::uint32_t> clusters, std::span<const PlanePoint> points) {
  std::vector<PlanePoint> middles(1 + std::ranges::max(clusters));
  std::vector<double> sizes(middles.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    middles[clusters[i]].x += points[i].x;
    middles[clusters[i]].y += points[i].y;
    ++sizes[clusters[i]];
  }
  for (std::size_t i = 0; i < middles.size(); ++i)
    if (sizes[i] > 0) middles[i] = {middles[i].x / sizes[i], middles[i].y / sizes[i]};
  return middles;
}

/// A colour of the palette for each cluster: there are more clusters than colours, so each takes the one whose nearest
/// cluster in the plane is farthest.
std::vector<std::size_t> colours_of(std::span<const PlanePoint> middles) {
  std::vector<std::size_t> colours;
  for (const PlanePoint middle : middles) {
    std::array<double, svg::kPalette.size()> nearest;
    nearest.fill(std::numeric_limits<double>::infinity());
    for (std::size_t other = 0; other < colours.size(); ++other) {
      const double distance = std::hypot(middle.x - middles[other].x, middle.y - middles[other].y);
      nearest[colours[other]] = std::min(nearest[colours[other]], distance);
    }
    colours.push_back(static_cast<std::size_t>(std::ranges::max_element(nearest) - nearest.begin()));
  }
  return colours;
}

struct Canvas {
  double width;
  double height;
};

Canvas canvas_for(const MapEntries& entries) {
  double area = 0;
  for (const std::string& name : entries.names)
    area += kRowHeight * (svg::text_width(name, kSmallestFont) + kNameMargin);
  area = std::max(area, kSmallestArea);
  return {std::round(std::sqrt(area * kAspect)), std::round(std::sqrt(area / kAspect)) + kTitleHeight};
}

/// Stretches [low, high] to [begin, end]; its middle where it is a point.
double stretched(double value, double low, double high, double begin, double end) {
  return high > low ? begin + (value - low) / (high - low) * (end - begin) : (begin + end) / 2;
}

std::vector<DotLabel> dots_of(const MapEntries& entries, std::span<const PlanePoint> points, const Canvas& canvas) {
  const auto [left, right] = std::ranges::minmax(points, {}, &PlanePoint::x);
  const auto [bottom, top] = std::ranges::minmax(points, {}, &PlanePoint::y);
  std::vector<DotLabel> dots;
  const auto n = static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double share = std::sqrt(static_cast<double>(i) / n);
    dots.push_back({stretched(points[i].x, left.x, right.x, kMargin, canvas.width - kMargin),
                    stretched(-points[i].y, -top.y, -bottom.y, kMargin + kTitleHeight, canvas.height - kMargin),
                    entries.names[i], kLargestFont - share * (kLargestFont - kSmallestFont)});
  }
  return dots;
}

std::string drawn_dot(const DotLabel& dot, const svg::Colour& colour) {
  return fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"><title>{}</title></circle>\n",
                     svg::number(dot.x), svg::number(dot.y), svg::number(kDotRadius), colour.fill,
                     svg::escaped(dot.text));
}

}  // namespace

MapEntries map_words(const Dictionary& dictionary, std::size_t words) {
  struct Ranked {
    double score;
    std::uint32_t number;
  };
  std::vector<Ranked> ranked;
  std::vector<float> row(dictionary.dimensions());
  for (std::uint32_t i = 0; i < dictionary.size(); ++i) {
    if (dictionary.kind(i) != NGram::kWord || !has_letter(dictionary.word(i))) continue;
    dictionary.copy_vector(i, row);
    const double weight = static_cast<double>(dictionary.weight(i));
    ranked.push_back(
        {weight * weight * squared_length(row) * std::sqrt(1 + static_cast<double>(dictionary.count(i))), i});
  }
  std::ranges::stable_sort(ranked, std::greater(), &Ranked::score);
  MapEntries entries;
  entries.dimensions = dictionary.dimensions();
  for (const auto& [score, number] : ranked) {
    if (entries.names.size() == words) break;
    dictionary.copy_vector(number, row);
    if (const auto unit = normalised(row); unit && score > 0) append(entries, dictionary.word(number), *unit);
  }
  return entries;
}

MapEntries map_labels(const Embedder& embedder, const Tokenizer& tokenizer, const LabelSet& labels, unsigned threads) {
  std::vector<std::string_view> texts;
  for (const LabelSet::Description& description : labels.descriptions) texts.push_back(description.text);
  const TextVectors vectors = embed_texts(embedder, tokenizer, texts, threads);
  std::vector<EmbeddingSum> sums(labels.size(), EmbeddingSum(vectors.dimensions));
  for (std::size_t i = 0; i < texts.size(); ++i) sums[labels.descriptions[i].label].add(1, vectors.row(i));
  MapEntries entries;
  entries.dimensions = vectors.dimensions;
  for (std::size_t label = 0; label < labels.size(); ++label)
    if (const auto unit = sums[label].unit()) append(entries, labels.names[label], *unit);
  return entries;
}

std::string map_svg(const MapEntries& entries, const MapOptions& options) {
  if (entries.names.empty()) throw DataError("a map needs at least 1 entry with a vector; there were 0");
  TsneOptions layout;
  layout.threads = options.threads;
  layout.perplexity = kPerplexity;
  const std::vector<PlanePoint> points = tsne(entries.units, entries.dimensions, layout);
  const std::size_t groups = 1 + points.size() / kClusterSize;
  const std::vector<std::uint32_t> clusters = average_linkage(entries.units, entries.dimensions, groups);
  const std::vector<std::size_t> colours = colours_of(middles_of(clusters, points));
  const Canvas canvas = canvas_for(entries);
  const std::vector<DotLabel> dots = dots_of(entries, points, canvas);
  const auto places = place_labels(dots, canvas.width, canvas.height, kDotRadius);
  std::string body = svg::text(20, 32, options.title, 19, svg::kInk, "start", R"(font-weight="600")");
  for (std::size_t i = 0; i < dots.size(); ++i) body += drawn_dot(dots[i], svg::kPalette[colours[clusters[i]]]);
  for (std::size_t i = 0; i < dots.size(); ++i)
    if (places[i])
      body += svg::text(places[i]->x, places[i]->y, dots[i].text, places[i]->font_size,
                        svg::kPalette[colours[clusters[i]]].text);
  return svg::picture(canvas.width, canvas.height, options.title, body);
}

void write_map(const std::string& path, const MapEntries& entries, const MapOptions& options) {
  write_file_atomically(path, map_svg(entries, options));
}

}  // namespace vecterm
