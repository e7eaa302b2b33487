// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/enrichment/enrichment.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/json.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "index/enrichment/board_titles.h"
#include "index/enrichment/engagement_log.h"
#include "index/writing/corpus.h"
#include "index/writing/corpus_stream.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxTop = 10000;
constexpr std::size_t kKeptScores = 5;  // times the queries that are shown
constexpr double kMostWeight = 1e15;    // of an action
constexpr double kMostScore = 1e100;    // of earlier windows: more than sums of weighted counts can be
constexpr std::size_t kWrittenBytes = std::size_t{1} << 20;
constexpr const char* kQueries = "queries";
constexpr const char* kScores = "query_scores";
constexpr const char* kBoards = "boards";

void check_top(const char* name, std::size_t top) {
  if (top < 1 || top > kMaxTop) throw InvalidArgument(fmt::format("{} must be in [1, {}]; was {}", name, kMaxTop, top));
}

/// Scores that an item has from earlier windows.
std::map<std::string, double> old_scores(const Json& item, const std::string& where) {
  std::map<std::string, double> scores;
  if (!item.has(kScores)) {
    if (item.has(kQueries))
      throw DataError(fmt::format("{}: \"{}\" must have their \"{}\" beside them", where, kQueries, kScores));
    return scores;
  }
  const JsonDocument old(item.member(kScores).text());
  if (!old.root().is_object()) throw DataError(fmt::format("{}: \"{}\" must be an object", where, kScores));
  old.root().each_member([&](const std::string& query, JsonValue score) {
    if (!score.is_number() || !(score.number() >= 0 && score.number() <= kMostScore))
      throw DataError(
          fmt::format("{}: \"{}\" must be numbers in [0, {:g}]; has {}", where, kScores, kMostScore, score.excerpt()));
    scores.emplace(query, score.number());
  });
  return scores;
}

class Enricher {
 public:
  Enricher(const EnrichmentOptions& options, const ProgressFunction& progress)
      : options_(options), progress_(progress), log_(options.actions) {
    for (const std::string& path : options.logs) log_.read(path, progress_);
    for (const std::string& path : options.boards) boards_.read(path, progress_);
  }

  void write(CorpusStream& corpus, const std::function<void(std::string_view)>& write) {
    std::string text;
    for (std::string_view line; corpus.next(line);) {
      if (line.empty()) continue;
      append(line, corpus.where(), text);
      text += '\n';
      if (text.size() >= kWrittenBytes) {
        write(text);
        text.clear();
      }
      progress_([&] { return Progress{"enriching", corpus.progress(), fmt::format("{} items", report_.items)}; });
    }
    write(text);
  }

  EnrichmentReport report() const {
    EnrichmentReport report = report_;
    report.log_lines = log_.lines();
    report.board_lines = boards_.lines();
    report.unknown_log_lines = log_.unknown_lines();
    report.unknown_board_lines = boards_.unknown_lines();
    return report;
  }

 private:
  void append(std::string_view line, const std::string& where, std::string& text) {
    const std::string id = parse_corpus_line(line, where).id;
    Json item = Json::parsed(line);
    const bool queries = set_queries(item, id, where);
    const bool boards = set_boards(item, id);
    ++report_.items;
    report_.with_queries += item.has(kQueries) ? 1 : 0;
    report_.with_boards += item.has(kBoards) ? 1 : 0;
    if (queries || boards)
      text += item.text();
    else
      text += line;
  }

  bool set_queries(Json& item, const std::string& id, const std::string& where) {
    if (options_.logs.empty()) return false;
    const EngagementLog::Scores* fresh = log_.find(id);
    if (fresh == nullptr && !item.has(kScores)) return false;
    std::map<std::string, double> scores = old_scores(item, where);
    for (auto& [query, score] : scores) score *= options_.decay;
    if (fresh != nullptr)
      for (const auto& [query, score] : *fresh) scores[*query] += score;
    set_best(item, {scores.begin(), scores.end()});
    return true;
  }

  void set_best(Json& item, std::vector<std::pair<std::string, double>> scores) const {
    std::erase_if(scores, [](const auto& score) { return score.second <= 0; });
    std::ranges::stable_sort(scores, std::ranges::greater(), [](const auto& score) { return score.second; });
    if (scores.size() > kKeptScores * options_.top_queries) scores.resize(kKeptScores * options_.top_queries);
    item.remove(kQueries);
    item.remove(kScores);
    if (scores.empty()) return;
    std::vector<std::string> queries;
    Json kept;
    for (const auto& [query, score] : scores) {
      if (queries.size() < options_.top_queries) queries.push_back(query);
      kept.set(query, score);
    }
    item.set(kQueries, queries);
    item.set(kScores, kept);
  }

  bool set_boards(Json& item, const std::string& id) {
    if (!boards_.has(id)) return false;
    const std::vector<std::string> titles = boards_.best(id, options_.top_boards);
    item.remove(kBoards);
    if (!titles.empty()) item.set(kBoards, titles);
    return true;
  }

  const EnrichmentOptions& options_;
  ThrottledProgress progress_;
  EngagementLog log_;
  BoardTitles boards_;
  EnrichmentReport report_;
};

}  // namespace

void EnrichmentOptions::check() const {
  if (logs.empty() && boards.empty())
    throw InvalidArgument("there is nothing to enrich with: logs or boards are needed");
  for (const auto& [action, weight] : actions)
    if (!(weight >= 0 && weight <= kMostWeight))
      throw InvalidArgument(
          fmt::format("the weight of the action \"{}\" must be in [0, {:g}]; was {}", action, kMostWeight, weight));
  if (!(decay >= 0 && decay <= 1)) throw InvalidArgument(fmt::format("decay must be in [0, 1]; was {}", decay));
  check_top("top_queries", top_queries);
  check_top("top_boards", top_boards);
}

EnrichmentReport enrich_corpora(const std::vector<std::string>& corpora, const EnrichmentOptions& options,
                                const std::function<void(std::string_view)>& write, const ProgressFunction& progress) {
  options.check();
  CorpusStream corpus(corpora);
  Enricher enricher(options, progress);
  enricher.write(corpus, write);
  return enricher.report();
}

EnrichmentReport enrich_corpora_into(const std::string& path, const std::vector<std::string>& corpora,
                                     const EnrichmentOptions& options, const ProgressFunction& progress) {
  options.check();
  AtomicFile file(path);
  const auto write = [&file](std::string_view text) { file.write(text); };
  const EnrichmentReport report = enrich_corpora(corpora, options, write, progress);
  file.finish();
  return report;
}

}  // namespace vecterm
