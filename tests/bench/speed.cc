// SPDX-License-Identifier: GPL-2.0-or-later
// speed: indexing CPU with tokens against raw terms only, training words a second, the latency of words, vector and
// mixed search, and ranking expressions, all in one run. Compare times within one run only; CPU time is what counts.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "analyzers/errors.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/text/segmenter.h"
#include "analyzers/training/hash_space_learner.h"
#include "plugin/ranking_expression.h"
#include "plugin/search/second_phase.h"
#include "plugin/searcher.h"
#include "plugin/term_generator.h"
#include "tests/bench/bench_data.h"
#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

constexpr std::size_t kIndexed = 20000;
constexpr std::uint64_t kLeastCount = 5;  // of an n-gram
constexpr std::size_t kComponents = 50000;
constexpr std::size_t kLists = 2000;

std::shared_ptr<const Dictionary> dictionary(const std::string& family) {
  static std::map<std::string, std::shared_ptr<const Dictionary>> made;
  auto& entry = made[family];
  if (!entry) {
    static const DictionaryContents contents = bench::learned(2);
    static const std::vector<float> vectors = bench::vectors(contents);
    DictionaryContents copy = contents;
    HashSpaceOptions options;
    options.family = family;
    copy.hash_space = learn_hash_space(vectors, copy.dimensions, options);
    entry = Dictionary::parse(serialise_dictionary(copy));
  }
  return entry;
}

std::shared_ptr<const DocumentEmbedder> embedder_of(const std::shared_ptr<const Dictionary>& made) {
  return std::make_shared<DocumentEmbedder>(made, new_record(*made));
}

std::shared_ptr<const DocumentEmbedder> embedder(const std::string& family) { return embedder_of(dictionary(family)); }

// The words' dictionary, with the bigrams and trigrams of the documents: what they cost does not depend on their
// numbers, so these are random.
std::shared_ptr<const Dictionary> ngram_dictionary(bool hashed) {
  DictionaryContents contents = dictionary("cells")->contents();
  std::map<std::string, std::uint64_t> counts;
  const XapianTokenizer tokenizer(true);
  for (const CorpusDocument& document : bench::data().documents)
    for (const auto& [term, wdf] : tokenizer.terms(document.text)) {
      if (ngram_of(term) == NGram::kBigram) counts[term] += wdf;
      if (ngram_of(term) == NGram::kWord)
        for (const std::string& trigram : trigrams_of(term)) counts[trigram] += wdf;
    }
  for (const auto& [ngram, count] : counts) {
    if (count < kLeastCount) continue;
    contents.words.push_back(ngram);
    contents.counts.push_back(count);
    contents.weights.push_back(0.5F);
  }
  test::Random random(1);
  contents.ngrams = {.bigrams = true, .trigrams = true};
  while (contents.vectors.size() < contents.words.size() * contents.dimensions)
    contents.vectors.push_back(random.number());
  if (hashed) contents = test::hashed(std::move(contents), kComponents);
  return Dictionary::parse(serialise_dictionary(contents));
}

class ScratchDirectory {
 public:
  ScratchDirectory() : path_((std::filesystem::temp_directory_path() / "vecterm-bench-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw DiskError(path_ + ": cannot be made");
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void add_documents(Xapian::WritableDatabase& database, const std::shared_ptr<const DocumentEmbedder>& embedder,
                   bool tokens, std::size_t count) {
  TermGenerator generator(embedder);
  const auto& documents = bench::data().documents;
  for (std::size_t i = 0; i < std::min(count, documents.size()); ++i) {
    Xapian::Document document;
    generator.set_document(document);
    generator.index_text(documents[i].title);
    generator.increase_termpos();
    generator.index_text(documents[i].text);
    if (tokens) generator.add_embedding();
    document.add_boolean_term(schema::id_term(documents[i].id));
    database.add_document(document);
  }
  embedder->record().write(database);
  database.commit();
}

void index_documents(benchmark::State& state, const std::shared_ptr<const DocumentEmbedder>& with, bool tokens) {
  for (auto step : state) {
    const ScratchDirectory directory;
    Xapian::WritableDatabase database(directory.path(), Xapian::DB_CREATE_OR_OPEN);
    add_documents(database, with, tokens, kIndexed);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kIndexed));
}

// What re-indexing computes of each document: its embedding, from the database.
void embed_documents(benchmark::State& state, const std::shared_ptr<const DocumentEmbedder>& with) {
  static const ScratchDirectory directory;
  static const bool written = [] {
    Xapian::WritableDatabase database(directory.path(), Xapian::DB_CREATE_OR_OPEN);
    add_documents(database, embedder("cells"), false, kIndexed);
    return true;
  }();
  benchmark::DoNotOptimize(written);
  const Xapian::Database database(directory.path());
  for (auto step : state)
    for (Xapian::docid docid = 1; docid <= database.get_lastdocid(); ++docid)
      benchmark::DoNotOptimize(with->change(database.get_document(docid)));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(database.get_doccount()));
}

// The same without the database and the hash space.
void embed_lists(benchmark::State& state, const std::shared_ptr<const Dictionary>& made) {
  const Embedder with(made);
  const XapianTokenizer tokenizer(made->ngrams().bigrams);
  std::vector<TermList> lists;
  for (const CorpusDocument& document : std::span(bench::data().documents).first(kLists))
    lists.push_back(tokenizer.terms(document.text));
  for (auto step : state)
    for (const TermList& list : lists) benchmark::DoNotOptimize(with.embed(list));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lists.size()));
}

void train_epoch(benchmark::State& state) {
  const auto& data = bench::data();
  TrainingOptions options;
  options.epochs = 1;
  options.threads = static_cast<unsigned>(state.range(0));
  for (auto step : state) benchmark::DoNotOptimize(train(data.training, options));
  state.counters["words/s"] = benchmark::Counter(
      static_cast<double>(data.training_words) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

struct SearchFixture {
  SearchFixture() {
    const auto with = embedder("cells");
    Xapian::WritableDatabase writable(directory.path(), Xapian::DB_CREATE_OR_OPEN);
    add_documents(writable, with, true, bench::data().documents.size());
    builder = std::make_shared<QueryBuilder>(with);
    searcher = std::make_unique<Searcher>(Xapian::Database(directory.path()), builder);
  }
  ScratchDirectory directory;
  std::shared_ptr<const QueryBuilder> builder;
  std::unique_ptr<Searcher> searcher;
};

void search(benchmark::State& state, bool words, bool vector, bool exact) {
  static SearchFixture fixture;
  const auto& queries = bench::data().queries;
  std::size_t next = 0;
  for (auto step : state) {
    const std::string& text = queries[(next += 97) % queries.size()];
    SearchRequest request;
    if (words) request.words = fixture.builder->words(text);
    if (vector) request.vector = fixture.builder->vector(text);
    if (exact) request.exact_below = bench::data().documents.size() + 1;
    benchmark::DoNotOptimize(fixture.searcher->search(request));
  }
}

RankingProfile profile_of(const std::string& expression) {
  return {.first_phase = {}, .second_phase = expression, .window = 1000, .parameters = {}};
}

// Per hit: 1,000 candidates, of which the words match half.
void rank(benchmark::State& state, const RankingProfile& profile) {
  const RankingExpression expression = Ranking(profile).score();
  RankingCandidates candidates;
  candidates.size = 1000;
  for (std::size_t i = 0; i < candidates.size; ++i) {
    candidates.bm25.push_back(i % 2 == 0 ? 0 : static_cast<double>(i * 7919 % 1000) / 50);
    candidates.cosine.push_back(static_cast<double>(i * 104729 % 1000) / 1000);
  }
  RankingQuery query;
  query.saturation = 20;
  query.parameters = profile.parameters;
  std::vector<double> scores(candidates.size);
  for (auto step : state) {
    expression.evaluate(candidates, query, scores);
    benchmark::DoNotOptimize(scores.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(candidates.size));
}

// Features, evaluation and order of 1,000 candidates that the first phase has found, with their bm25 and cosine.
void second_phase(benchmark::State& state, const RankingProfile& profile) {
  static SearchFixture fixture;
  const Ranking ranking(profile);
  const RankingQuery query{.saturation = 20,
                           .coverage = 0.8,
                           .words = 3,
                           .mean_cosine = 0.05,
                           .dimensions = 64,
                           .inputs = {},
                           .parameters = profile.parameters};
  SearchRequest request;
  request.vector = fixture.builder->vector(bench::data().queries.front());
  std::vector<Candidate> candidates;
  for (Xapian::docid i = 1; i <= 1000; ++i)
    candidates.push_back(
        {i, i % 2 == 0 ? 0 : static_cast<double>(i * 7919 % 1000) / 50, static_cast<float>(i * 104729 % 1000) / 1000});
  const SecondPhase phase(fixture.searcher->database(), fixture.builder);
  const ProbeLimits limits = fixture.searcher->limits(request);
  for (auto step : state) benchmark::DoNotOptimize(phase.rank(request, ranking.score(), query, limits, candidates));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(candidates.size()));
}

void register_all() {
  using benchmark::RegisterBenchmark;
  // Rounds of all in turn, so that a slow minute of the machine falls on each.
  const auto ngrams = ngram_dictionary(false), hashed = ngram_dictionary(true);
  RegisterBenchmark("index/raw_terms", index_documents, embedder("cells"), false);
  RegisterBenchmark("index/cells", index_documents, embedder("cells"), true);
  RegisterBenchmark("index/hyperplane", index_documents, embedder("hyperplane"), true);
  RegisterBenchmark("index/cells_ngrams", index_documents, embedder_of(ngrams), true);
  RegisterBenchmark("index/cells_hashed", index_documents, embedder_of(hashed), true);
  RegisterBenchmark("embed/cells", embed_documents, embedder("cells"));
  RegisterBenchmark("embed/cells_ngrams", embed_documents, embedder_of(ngrams));
  RegisterBenchmark("embed/cells_hashed", embed_documents, embedder_of(hashed));
  RegisterBenchmark("embed_list/words", embed_lists, dictionary("cells"));
  RegisterBenchmark("embed_list/ngrams", embed_lists, ngrams);
  RegisterBenchmark("embed_list/hashed", embed_lists, hashed);
  RegisterBenchmark("train/threads", train_epoch)->Arg(1)->Arg(2)->UseRealTime()->MeasureProcessCPUTime();
  RegisterBenchmark("search/words", search, true, false, false);
  RegisterBenchmark("search/vector", search, false, true, false);
  RegisterBenchmark("search/vector_exact_scan", search, false, true, true);
  RegisterBenchmark("search/mixed", search, true, true, false);
  RegisterBenchmark("second_phase_1000/default", second_phase, default_profile());
  RegisterBenchmark("second_phase_1000/all_features", second_phase,
                    profile_of("rrf(60) + votes + doclength + value(1)"));
  RegisterBenchmark("rank_1000/default", rank, default_profile());
  RegisterBenchmark("rank_1000/mixed", rank, profile_of("bm25/saturation + 0.25*cosine"));
  RegisterBenchmark("rank_1000/fusion", rank, profile_of("rrf(60)"));
  RegisterBenchmark("rank_1000/normalised", rank, profile_of("minmax(bm25) + if(cosine >= 0.4, 2, 1)*minmax(cosine)"));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    bench::data();
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  } catch (const Error& error) {
    fprintf(stderr, "speed: %s\n", error.what());
    return 3;
  } catch (const Xapian::Error& error) {
    fprintf(stderr, "speed: %s\n", error.get_description().c_str());
    return 3;
  }
}
