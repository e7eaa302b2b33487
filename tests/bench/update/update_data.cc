// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/update/update_data.h"

#include <fstream>
#include <unordered_map>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/random.h"
#include "index/evaluation.h"
#include "index/feeding/training_input.h"
#include "index/writing/corpus.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/bench/work_directory.h"
#include "tests/support/shared_data.h"

namespace vecterm::bench {
namespace {

constexpr double kKnownBefore = 0.8;  // so that all pairs are a quarter more

std::string file(const std::string& name) { return data_directory() + "/" + name; }

struct PairFiles {
  std::string before;
  std::string after;
};

PairFiles split_pairs(const std::string& folder, double share) {
  const PairFiles files{folder + "/before.tsv", folder + "/after.tsv"};
  std::ofstream before(files.before), after(files.after);
  Random random(7);
  LineReader lines(file("pairs.tsv.gz"));
  for (std::string_view line; lines.next(line);) {
    if (random.uniform() >= share) continue;
    after << line << '\n';
    if (random.uniform() < kKnownBefore) before << line << '\n';
  }
  if (!before.flush() || !after.flush()) throw DiskError(folder + ": cannot be written");
  return files;
}

TrainingData read(const std::string& pairs, unsigned threads, std::size_t& documents) {
  TrainingFiles files;
  files.corpora = {file("corpus.jsonl.gz")};
  files.fields = {DocumentField{"text"}};  // with the titles, which are the queries, the set would be trivial
  files.pairs = {pairs};
  files.threads = threads;
  TrainingSummary summary;
  TrainingData data = read_training_files(files, XapianTokenizer(), summary);
  documents = summary.documents;
  return data;
}

using Numbers = std::unordered_map<std::string, std::uint32_t>;

Numbers document_numbers() {
  Numbers numbers;
  LineReader lines(file("corpus.jsonl.gz"));
  for (std::string_view line; lines.next(line);)
    numbers.emplace(parse_corpus_line(line, lines.where()).id, static_cast<std::uint32_t>(numbers.size()));
  return numbers;
}

Questions read_questions(const std::string& kind, const Numbers& documents, double share) {
  const XapianTokenizer tokenizer;
  Questions questions;
  Random random(13);
  for (const JudgedQuery& query :
       read_judged_queries(file("queries" + kind + ".jsonl.gz"), file("qrels" + kind + ".tsv.gz"))) {
    if (random.uniform() >= share) continue;
    const auto number = static_cast<std::uint32_t>(questions.queries.size());
    questions.queries.push_back(tokenizer.terms(query.text));
    for (const auto& [id, score] : query.judgements)
      if (score >= 1) questions.relevant.push_back({number, documents.at(id)});
  }
  return questions;
}

}  // namespace

std::string data_directory() { return (test::shared_data_root() / "debian").lexically_normal().string(); }

UpdateData read_update_data(double share, unsigned threads) {
  const WorkDirectory work("");
  const PairFiles pairs = split_pairs(work.below("pairs"), share);
  UpdateData data;
  data.before = read(pairs.before, threads, data.documents);
  data.after = read(pairs.after, threads, data.documents);
  const Numbers numbers = document_numbers();
  data.known = read_questions("", numbers, share);
  data.related = read_questions(".related", numbers, share);
  return data;
}

}  // namespace vecterm::bench
