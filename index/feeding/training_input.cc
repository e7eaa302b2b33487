// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/feeding/training_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/parallel.h"
#include "analyzers/base/throttled_progress.h"
#include "analyzers/base/wording.h"
#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/word_vectors.h"
#include "index/feeding/columns.h"
#include "index/feeding/own_pairs.h"
#include "index/feeding/text_table.h"
#include "index/writing/corpus.h"

namespace vecterm {
namespace {

constexpr std::size_t kChunkLines = 4096;
constexpr std::size_t kTextsAPiece = 64;

struct Line {
  std::string text;
  std::string where;
};

/// What the two sides of a file's pairs are.
struct PairKind {
  bool query_is_id;
  bool item_is_id;
  bool held_out;
};

struct PairLine {
  std::string task = "pairs";
  std::string query;
  std::string item;
  float weight = 1;
};

PairLine parse_pair(std::string_view line, const std::string& where) {
  std::vector<std::string_view> columns = columns_of(line);
  if (columns.size() < 2 || columns.size() > 4)
    throw DataError(fmt::format("{}: 2 columns (query, item), 3 (task first) or 4 (weight last) are needed; has {}",
                                where, columns.size()));
  PairLine pair;
  if (columns.size() == 4) {
    const std::string_view text = columns.back();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pair.weight);
    if (error != std::errc() || end != text.data() + text.size() || !(pair.weight >= 0) || !std::isfinite(pair.weight))
      throw DataError(fmt::format("{}: the weight must be a number >= 0; was {}", where, in_quotes(text)));
    columns.pop_back();
  }
  if (columns.size() == 3) {
    if (columns.front().empty()) throw DataError(where + ": the task has no name");
    pair.task = columns.front();
    columns.erase(columns.begin());
  }
  pair.query = columns.front();
  pair.item = columns.back();
  return pair;
}

class Loader {
 public:
  Loader(const TrainingFiles& files, const Tokenizer& tokenizer, const ProgressFunction& progress)
      : files_(files),
        tokenizer_(tokenizer),
        progress_(progress),
        data_(files.scratch),
        items_(files.scratch),
        texts_(files.scratch),
        threads_(files.threads) {}

  TrainingData load(TrainingSummary& summary) {
    check_fields(files_.fields);
    if (!files_.entity_vectors.empty()) read_vectors(files_.entity_vectors);
    for (const std::string& path : files_.corpora) read_corpus(path);
    summary_.documents = data_.size();
    for (const std::string& path : files_.pairs) read_pairs(path, {false, true, false});
    for (const std::string& path : files_.text_pairs) read_pairs(path, {false, false, false});
    for (const std::string& path : files_.item_pairs) read_pairs(path, {true, true, false});
    for (const std::string& path : files_.validation_pairs) read_pairs(path, {false, true, true});
    for (const std::string& path : files_.validation_text_pairs) read_pairs(path, {false, false, true});
    if (files_.own_pairs)
      for (const std::string& path : files_.corpora) read_own_pairs(path);
    if (summary_.pairs == 0 && pair_lines_ > 0)
      throw DataError(fmt::format("no pair is usable: {} name items that are in no corpus", summary_.unknown_items));
    summary = summary_;
    return std::move(data_);
  }

 private:
  void read_vectors(const std::string& path) {
    WordVectorOptions options;
    options.language.clear();  // ids are taken as they are
    const WordVectors vectors = read_word_vectors(path, options);
    for (std::size_t i = 0; i < vectors.words.size(); ++i) {
      const auto row = std::span(vectors.vectors).subspan(i * vectors.dimensions, vectors.dimensions);
      if (!normalised(row))
        throw DataError(fmt::format("{}: the vector of \"{}\" must not be zero", path, vectors.words[i]));
      items_.set(vectors.words[i], data_.add(row));
    }
    fixed_ = data_.size();
  }

  template <class Use>
  void read_chunks(const std::string& path, const Use& use) {
    LineReader lines(path);
    std::vector<Line> chunk;
    for (std::string_view line; lines.next(line);) {
      if (line.empty()) continue;
      chunk.push_back({std::string(line), lines.where()});
      if (chunk.size() < kChunkLines) continue;
      use(chunk);
      chunk.clear();
      report(lines);
    }
    use(chunk);
  }

  void read_corpus(const std::string& path) {
    read_chunks(path, [this](const std::vector<Line>& chunk) {
      std::vector<TermList> terms(chunk.size());
      std::vector<std::string> ids(chunk.size());
      threads_.for_each(chunk.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          CorpusDocument document = parse_corpus_line(chunk[i].text, chunk[i].where, files_.fields);
          terms[i] = tokenizer_.terms(document.texts(files_.fields));
          ids[i] = std::move(document.id);
        }
      });
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        const auto known = items_.find(ids[i]);
        if (!known || *known >= fixed_) items_.set(ids[i], add(terms[i]));
      }
    });
  }

  void read_own_pairs(const std::string& path) {
    struct Terms {
      const char* task;
      TermList query;
      TermList item;
    };
    read_chunks(path, [this](const std::vector<Line>& chunk) {
      std::vector<std::vector<Terms>> pairs(chunk.size());
      threads_.for_each(chunk.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
          for (const OwnPair& pair : own_pairs(parse_corpus_line(chunk[i].text, chunk[i].where, files_.fields)))
            pairs[i].push_back({pair.task, tokenizer_.terms(pair.query), tokenizer_.terms(pair.item)});
      });
      for (const std::vector<Terms>& of_document : pairs)
        for (const Terms& pair : of_document)
          if (!pair.query.empty() && !pair.item.empty()) add_pair(pair.task, add(pair.query), add(pair.item), 1, false);
    });
  }

  void read_pairs(const std::string& path, PairKind kind) {
    read_chunks(path, [&](const std::vector<Line>& chunk) {
      std::vector<PairLine> pairs;
      for (const Line& line : chunk) pairs.push_back(parse_pair(line.text, line.where));
      add_texts(pairs, kind);
      for (const PairLine& pair : pairs) add_pair(pair, kind);
    });
  }

  /// Makes entities of the texts that are new, so that the slow part, tokenizing, is done by all threads.
  void add_texts(const std::vector<PairLine>& pairs, PairKind kind) {
    std::vector<const std::string*> fresh;
    const auto note = [&](const std::string& text) {
      if (texts_.find(text)) return;
      texts_.set(text, static_cast<std::uint32_t>(data_.size() + fresh.size()));
      fresh.push_back(&text);
    };
    for (const PairLine& pair : pairs) {
      if (!kind.query_is_id) note(pair.query);
      if (!kind.item_is_id) note(pair.item);
    }
    std::vector<TermList> terms(fresh.size());
    threads_.for_each(fresh.size(), kTextsAPiece, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) terms[i] = tokenizer_.terms(*fresh[i]);
    });
    for (const TermList& list : terms) add(list);
  }

  std::uint32_t add(const TermList& terms) {
    const std::uint32_t entity = data_.add(terms);
    summary_.words += data_.length(entity);
    return entity;
  }

  void add_pair(const PairLine& pair, PairKind kind) {
    ++pair_lines_;
    const auto query = (kind.query_is_id ? items_ : texts_).find(pair.query);
    const auto item = (kind.item_is_id ? items_ : texts_).find(pair.item);
    if (!query || !item) return ++summary_.unknown_items, void();
    // Nothing can be learned from a side without words.
    const auto is_empty = [&](std::uint32_t entity) {
      return data_.bag(entity).empty() && data_.vector(entity).empty();
    };
    if (is_empty(*query) || is_empty(*item)) return;
    add_pair(pair.task, *query, *item, pair.weight, kind.held_out);
  }

  void add_pair(std::string_view name, std::uint32_t query, std::uint32_t item, float weight, bool held_out) {
    auto& task = data_.task(name);
    (held_out ? task.held_out : task.pairs).push_back({query, item, weight});
    ++summary_.pairs;
    summary_.pair_words += data_.length(query) + data_.length(item);
  }

  void report(const LineReader& lines) {
    progress_([&] {
      return Progress{"reading", lines.progress(),
                      fmt::format("{}, {:.1f}M words", lines.path(), static_cast<double>(summary_.words) / 1e6)};
    });
  }

  const TrainingFiles& files_;
  const Tokenizer& tokenizer_;
  ThrottledProgress progress_;
  TrainingData data_;
  TextTable items_;
  TextTable texts_;
  ThreadPool threads_;
  TrainingSummary summary_;
  std::size_t fixed_ = 0;  ///< entities with a fixed vector, which come first
  std::uint64_t pair_lines_ = 0;
};

}  // namespace

TrainingData read_training_files(const TrainingFiles& files, const Tokenizer& tokenizer, TrainingSummary& summary,
                                 const ProgressFunction& progress) {
  return Loader(files, tokenizer, progress).load(summary);
}

}  // namespace vecterm
