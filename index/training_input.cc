// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/training_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/line_reader.h"
#include "analyzers/parallel.h"
#include "index/corpus.h"
#include "index/throttled_progress.h"

namespace vecterm {
namespace {

constexpr std::size_t kChunkLines = 4096;
constexpr std::size_t kGrain = 64;

/// Numbers texts in the order in which they come first.
class TextTable {
 public:
  std::uint32_t number(std::string_view text) {
    const auto [entry, is_new] = numbers_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(&entry->first);
    return entry->second;
  }

  std::vector<TermList> terms(const Tokenizer& tokenizer, unsigned threads) const {
    std::vector<TermList> result(texts_.size());
    parallel_for(texts_.size(), kGrain, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) result[i] = tokenizer.terms(*texts_[i]);
    });
    return result;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<const std::string*> texts_;  ///< keys of numbers_, which stay where they are
};

struct Line {
  std::string text;
  std::string where;
};

class Loader {
 public:
  Loader(const TrainingFiles& files, const Tokenizer& tokenizer, const ProgressFunction& progress)
      : files_(files), tokenizer_(tokenizer), progress_(progress) {}

  TrainingData load(TrainingSummary& summary) {
    CorpusDocument().fields(files_.fields);
    for (const std::string& path : files_.corpora) read_corpus(path);
    documents_ = data_.items.size();
    for (const std::string& path : files_.pairs) read_pairs(path, false);
    for (const std::string& path : files_.text_pairs) read_pairs(path, true);
    data_.queries = queries_.terms(tokenizer_, files_.threads);
    std::ranges::move(texts_.terms(tokenizer_, files_.threads), std::back_inserter(data_.items));
    keep_usable_pairs();
    summarise(summary);
    return std::move(data_);
  }

 private:
  void read_corpus(const std::string& path) {
    LineReader lines(path);
    std::vector<Line> chunk;
    for (std::string_view line; lines.next(line);) {
      if (line.empty()) continue;
      chunk.push_back({std::string(line), lines.where()});
      if (chunk.size() < kChunkLines) continue;
      add_documents(chunk);
      chunk.clear();
      report(lines);
    }
    add_documents(chunk);
  }

  void add_documents(const std::vector<Line>& chunk) {
    const std::size_t first = data_.items.size();
    if (first + chunk.size() > std::numeric_limits<std::uint32_t>::max())
      throw DataError(fmt::format("{}: there must be fewer than 2^32 documents", chunk.front().where));
    data_.items.resize(first + chunk.size());
    std::vector<std::string> ids(chunk.size());
    parallel_for(chunk.size(), kGrain, files_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        CorpusDocument document = parse_corpus_line(chunk[i].text, chunk[i].where);
        data_.items[first + i] = tokenizer_.terms(document.fields(files_.fields));
        ids[i] = std::move(document.id);
      }
    });
    for (std::size_t i = 0; i < ids.size(); ++i)
      items_by_id_.insert_or_assign(std::move(ids[i]), static_cast<std::uint32_t>(first + i));
  }

  void read_pairs(const std::string& path, bool texts) {
    LineReader lines(path);
    for (std::string_view line; lines.next(line);) {
      if (!line.empty()) add_pair(line, lines, texts);
      if (lines.line_number() % kChunkLines == 0) report(lines);
    }
  }

  void add_pair(std::string_view line, const LineReader& lines, bool texts) {
    std::array<std::string_view, 3> columns;
    const auto count = static_cast<std::size_t>(1 + std::ranges::count(line, '\t'));
    if (count != 2 && count != 3)
      throw DataError(fmt::format("{}: 2 columns (query, {}) or 3 (task first) are needed; has {}", lines.where(),
                                  texts ? "text" : "item", count));
    for (std::size_t column = 3 - count; column < 3; ++column) {
      columns[column] = line.substr(0, line.find('\t'));
      line.remove_prefix(std::min(line.size(), columns[column].size() + 1));
    }
    const auto& [task, query, target] = columns;
    if (count == 3 && task.empty()) throw DataError(lines.where() + ": the task has no name");
    std::uint32_t item = 0;
    if (texts) {
      item = static_cast<std::uint32_t>(documents_) + texts_.number(target);
    } else {
      const auto known = items_by_id_.find(std::string(target));
      if (known == items_by_id_.end()) return ++unknown_items_, void();
      item = known->second;
    }
    task_named(count == 2 ? "pairs" : task).pairs.push_back({queries_.number(query), item});
  }

  TrainingData::Task& task_named(std::string_view name) {
    const auto found = std::ranges::find(data_.tasks, name, &TrainingData::Task::name);
    if (found != data_.tasks.end()) return *found;
    return data_.tasks.emplace_back(TrainingData::Task{std::string(name), {}});
  }

  /// Leaves out pairs with a side that has no word; nothing can be learned from them.
  void keep_usable_pairs() {
    for (TrainingData::Task& task : data_.tasks)
      std::erase_if(task.pairs, [&](const TrainingData::Pair& pair) {
        return data_.queries[pair.query].empty() || data_.items[pair.item].empty();
      });
    std::erase_if(data_.tasks, [](const TrainingData::Task& task) { return task.pairs.empty(); });
    if (data_.tasks.empty() && !(files_.pairs.empty() && files_.text_pairs.empty()))
      throw DataError(fmt::format("no pair is usable: {} name items that are in no corpus", unknown_items_));
  }

  void summarise(TrainingSummary& summary) const {
    summary = {};
    summary.documents = documents_;
    summary.unknown_items = unknown_items_;
    for (const auto* lists : {&data_.items, &data_.queries})
      for (const TermList& terms : *lists)
        for (const TermCount& term : terms) summary.words += term.wdf;
    for (const TrainingData::Task& task : data_.tasks) summary.pairs += task.pairs.size();
  }

  void report(const LineReader& lines) {
    progress_([&] {
      return Progress{"reading", lines.progress(), fmt::format("{}, {} documents", lines.path(), data_.items.size())};
    });
  }

  const TrainingFiles& files_;
  const Tokenizer& tokenizer_;
  ThrottledProgress progress_;
  TrainingData data_;
  std::unordered_map<std::string, std::uint32_t> items_by_id_;
  TextTable queries_;
  TextTable texts_;
  std::uint64_t documents_ = 0;
  std::uint64_t unknown_items_ = 0;
};

using WordNumbers = std::unordered_map<std::string_view, std::size_t>;

std::optional<UnitVector> document_vector(const DictionaryContents& dictionary, const WordNumbers& numbers,
                                          const TermList& terms) {
  EmbeddingSum sum(dictionary.dimensions);
  for (const auto& [term, wdf] : terms) {
    const auto found = numbers.find(term);
    if (found == numbers.end()) continue;
    const auto row =
        std::span(dictionary.vectors).subspan(found->second * dictionary.dimensions, dictionary.dimensions);
    sum.add(static_cast<double>(wdf) * static_cast<double>(dictionary.weights[found->second]), row);
  }
  return sum.unit();
}

}  // namespace

TrainingData read_training_files(const TrainingFiles& files, const Tokenizer& tokenizer, TrainingSummary& summary,
                                 const ProgressFunction& progress) {
  return Loader(files, tokenizer, progress).load(summary);
}

std::vector<float> document_vectors(const DictionaryContents& dictionary, std::span<const TermList> documents,
                                    unsigned threads) {
  WordNumbers numbers;
  for (std::size_t i = 0; i < dictionary.words.size(); ++i) numbers.emplace(dictionary.words[i], i);
  std::vector<std::optional<UnitVector>> units(documents.size());
  parallel_for(documents.size(), kGrain, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) units[i] = document_vector(dictionary, numbers, documents[i]);
  });
  std::vector<float> rows;
  rows.reserve(documents.size() * dictionary.dimensions);
  for (const auto& unit : units)
    if (unit) rows.insert(rows.end(), unit->begin(), unit->end());
  return rows;
}

}  // namespace vecterm
