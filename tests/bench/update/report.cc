// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/update/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/bench/bar.h"

namespace vecterm::bench {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double kept(const UpdateCost& cost) { return share(cost.kept_tokens, cost.tokens); }

const Figures& of(const std::vector<Result>& results, const std::string& name) {
  return std::ranges::find(results, name, &Result::name)->figures;
}

}  // namespace

std::string table(const std::vector<Result>& results) {
  std::string text = fmt::format("{:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11} {:>9}\n", "", "R@10", "R@10",
                                 "tokens", "tokens", "documents", "documents", "related", "related", "seconds");
  text += fmt::format("{:<12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11} {:>9}\n", "", "new, new", "new, old",
                      "16 x 8", "cells", "to embed", "to write", "R@100 least", "R@100 end", "");
  for (const auto& [name, seconds, figures] : results)
    text +=
        fmt::format("{:<12} {:>9.3f} {:>9.3f} {:>8.1f}% {:>8.1f}% {:>8.1f}% {:>8.1f}% {:>11.3f} {:>11.3f} {:>9.1f}\n",
                    name, figures.new_for_new, figures.new_for_old, 100 * kept(figures.hyperplanes),
                    100 * kept(figures.cells), 100 * share(figures.cells.with_changed_word, figures.cells.documents),
                    100 * share(figures.cells.changed, figures.cells.documents), figures.least_related(),
                    figures.related.back(), seconds);
  return text;
}

std::string json_lines(const std::vector<Result>& results) {
  std::string lines;
  for (const auto& [name, seconds, figures] : results)
    lines += nlohmann::ordered_json{{"follower", name},
                                    {"recall@10_new_for_new", figures.new_for_new},
                                    {"recall@10_new_for_old", figures.new_for_old},
                                    {"tokens_kept_hyperplanes", kept(figures.hyperplanes)},
                                    {"tokens_kept_cells", kept(figures.cells)},
                                    {"documents", figures.cells.documents},
                                    {"documents_to_embed", figures.cells.with_changed_word},
                                    {"documents_to_write", figures.cells.changed},
                                    {"related_recall@100", figures.related},
                                    {"seconds", seconds}}
                 .dump() +
             '\n';
  return lines;
}

Verdict bars(const std::vector<Result>& results) {
  const Figures& update = of(results, kDefault);
  struct Bar {
    const char* name;
    double value;
    double least;
  };
  const Bar held[] = {
      {"tokens kept, 16 x 8 hyperplanes", kept(update.hyperplanes), 0.8},
      {"tokens kept, cells", kept(update.cells), 0.7},
      {"Recall@10 - that of a free warm start", update.new_for_new - of(results, kWarmStart).new_for_new, -0.02},
      {"least related Recall@100 - the old one's", update.least_related() - of(results, kOld).related.front(), -0.01},
  };
  Verdict verdict{"\n", true};
  for (const Bar& bar : held) {
    verdict.text += fmt::format("{:<42}{}\n", bar.name, judged(bar.value, BarSense::kAtLeast, bar.least));
    verdict.met = verdict.met && bar.value >= bar.least;
  }
  return verdict;
}

}  // namespace vecterm::bench
