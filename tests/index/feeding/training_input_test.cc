// SPDX-License-Identifier: GPL-2.0-or-later
// Tests text_table.cc, too.
#include "index/feeding/training_input.h"

#include <fmt/format.h>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

struct Read {
  TrainingData data;
  TrainingSummary summary;
};

/// The words of an entity, in order: "apple:1 red:2".
std::string words(const TrainingData& data, std::size_t entity) {
  std::string result;
  for (const auto& [word, wdf] : data.bag(entity))
    result += fmt::format("{}{}:{}", result.empty() ? "" : " ", data.words()[word], wdf);
  return result;
}

class Files {
 public:
  Files() {
    files.corpora = {test::write_file(directory / "a.jsonl",
                                      R"({"_id": "1", "title": "red", "text": "red apple"}
{"_id": 2, "text": "green pear"}

{"_id": "3", "text": "..."}
)"),
                     test::write_file(directory / "b.jsonl", R"({"_id": "1", "text": "blue plum"})")};
  }

  Read read() const {
    Read result;
    result.data = read_training_files(files, XapianTokenizer(), result.summary);
    return result;
  }

  void pairs(const std::string& content) { files.pairs = {test::write_file(directory / "pairs.tsv", content)}; }
  void text_pairs(const std::string& content) {
    files.text_pairs = {test::write_file(directory / "texts.tsv", content)};
  }

  test::TemporaryDirectory directory;
  TrainingFiles files;
};

}  // namespace

TEST_CASE("items come in input order and a later document takes over the pairs of its id") {
  Files files;
  files.pairs("search\tfruit\t1\nsearch\tfruit\t2\nrelated\tsmall fruit\t2\nsearch\tFruit\t9\nfruit\t2\n");
  const auto [data, summary] = files.read();
  REQUIRE(data.size() == 7);
  CHECK(words(data, 0) == "apple:1 red:2");
  CHECK(words(data, 3) == "blue:1 plum:1");
  CHECK(words(data, 4) == "fruit:1");
  CHECK(words(data, 5) == "fruit:1 small:1");
  REQUIRE(data.tasks().size() == 3);
  CHECK(data.tasks()[0].name == "search");
  CHECK(data.tasks()[1].name == "related");
  CHECK(data.tasks()[2].name == "pairs");
  REQUIRE(data.tasks()[0].pairs.size() == 2);
  CHECK(data.tasks()[0].pairs[0].item == 3);
  CHECK(data.tasks()[0].pairs[1].item == 1);
  CHECK(data.tasks()[1].pairs[0].query == 5);
  CHECK(summary.documents == 4);
  CHECK(summary.pairs == 4);
  CHECK(summary.unknown_items == 1);
  CHECK(summary.words == 3 + 2 + 0 + 2 + 1 + 2 + 1);
  CHECK(summary.pair_words == 3 + 3 + 4 + 3);
}

TEST_CASE("texts of text pairs follow the documents, each once, on whichever side it stands") {
  Files files;
  files.text_pairs("q\thow to ask\task well\nwhere\task well\nhow to ask\tred\nback\task well\thow to ask\n");
  const auto [data, summary] = files.read();
  REQUIRE(data.size() == 8);
  CHECK(words(data, 4) == "ask:1 how:1 to:1");
  CHECK(words(data, 5) == "ask:1 well:1");
  REQUIRE(data.tasks().size() == 3);
  CHECK(data.tasks()[0].pairs[0].item == 5);
  CHECK(data.tasks()[2].pairs[0].query == 5);
  CHECK(data.tasks()[2].pairs[0].item == 4);
  CHECK(summary.documents == 4);
}

TEST_CASE("pairs of items, weights, and pairs that are only for validation") {
  Files files;
  files.files.item_pairs = {test::write_file(files.directory / "items.tsv", "both\t1\t2\t0.5\n2\t1\n1\t8\n")};
  files.files.validation_pairs = {test::write_file(files.directory / "v.tsv", "both\tfruit\t1\t2\n")};
  files.files.validation_text_pairs = {test::write_file(files.directory / "vt.tsv", "fruit\tred apple\n")};
  const auto [data, summary] = files.read();
  REQUIRE(data.tasks().size() == 2);
  const auto& both = data.tasks()[0];
  REQUIRE(both.pairs.size() == 1);
  CHECK(both.pairs[0].query == 3);
  CHECK(both.pairs[0].item == 1);
  CHECK(both.pairs[0].weight == 0.5F);
  REQUIRE(both.held_out.size() == 1);
  CHECK(both.held_out[0].weight == 2);
  CHECK(data.tasks()[1].held_out.size() == 1);
  CHECK(summary.unknown_items == 1);
}

TEST_CASE("items with entity vectors come first, and need no document") {
  Files files;
  files.files.entity_vectors = test::write_file(files.directory / "v.vec", "2 0.6 0.8\nnew 0 -2\n");
  files.pairs("fruit\t2\nfruit\tnew\nfruit\t1\n");
  const auto [data, summary] = files.read();
  CHECK(data.dimensions() == 2);
  CHECK(data.vector(1)[1] == -1);
  CHECK(summary.documents == 5);
  REQUIRE(data.tasks()[0].pairs.size() == 3);
  CHECK(data.tasks()[0].pairs[0].item == 0);
  CHECK(data.tasks()[0].pairs[1].item == 1);
  CHECK(words(data, data.tasks()[0].pairs[2].item) == "blue:1 plum:1");
}

TEST_CASE("ids of entity vectors are taken as they are, whatever they look like") {
  Files files;
  files.files.entity_vectors = test::write_file(files.directory / "v.vec", "/c/en/hot_dog 1 0\nplain 0 1\n");
  files.pairs("sausage\t/c/en/hot_dog\n");
  CHECK(files.read().summary.pairs == 1);
}

TEST_CASE("pairs with a side that has no word are left out") {
  Files files;
  files.pairs("a\tfruit\t3\nb\t...\t2\nc\tfruit\t2\nd\t\t2\n");
  const auto [data, summary] = files.read();
  REQUIRE(data.tasks().size() == 1);
  CHECK(data.tasks()[0].name == "c");
  CHECK(summary.pairs == 1);
  CHECK(summary.unknown_items == 0);
}

TEST_CASE("corpora can be read without pairs, but pairs that are all useless are an error") {
  Files files;
  CHECK(files.read().data.size() == 4);
  files.pairs("fruit\t77\n");
  CHECK(test::message_of<DataError>([&] { files.read(); }) == "no pair is usable: 1 name items that are in no corpus");
}

TEST_CASE("malformed training lines are refused with file and line") {
  Files files;
  const auto refusal = [&] { return test::message_of<DataError>([&] { files.read(); }); };
  files.pairs("fruit\t1\nfruit\n");
  CHECK(refusal().ends_with(
      "pairs.tsv, line 2: 2 columns (query, item), 3 (task first) or 4 (weight last) are needed; has 1"));
  files.pairs("a\tb\tc\t1\te\n");
  CHECK(refusal().ends_with("has 5"));
  for (const char* weight : {"heavy", "-1", "nan", "inf", "1,5", ""}) {
    files.pairs(fmt::format("a\tb\t1\t{}\n", weight));
    CHECK(refusal().ends_with(fmt::format("line 1: the weight must be a number >= 0; was \"{}\"", weight)));
  }
  files.pairs("\tfruit\t1\n");
  CHECK(refusal().ends_with("pairs.tsv, line 1: the task has no name"));
  files.pairs("fruit\t1\n");
  files.text_pairs("fruit\n");
  CHECK(refusal().ends_with(
      "texts.tsv, line 1: 2 columns (query, item), 3 (task first) or 4 (weight last) are needed; has 1"));
  files.files.text_pairs.clear();
  files.files.corpora.push_back(test::write_file(files.directory / "c.jsonl", "\n{\"_id\":\"x\"}\n{]\n"));
  CHECK(refusal().find("c.jsonl, line 3: no JSON") != std::string::npos);
  files.files.fields = {{"title"}, {"title", 2}};
  CHECK_THROWS_AS(files.read(), InvalidArgument);
}

TEST_CASE("the same data is read with any number of threads") {
  const test::TemporaryDirectory directory;
  TrainingFiles files;
  files.corpora = {test::write_file(directory / "corpus.jsonl", test::corpus_lines(0, 5000))};
  std::string pairs;
  for (int i = 0; i < 500; ++i) pairs += "w" + std::to_string(i % 60) + "\td" + std::to_string(i * 7) + "\n";
  files.pairs = {test::write_file(directory / "pairs.tsv", pairs)};
  TrainingSummary summary;
  files.threads = 1;
  const TrainingData one = read_training_files(files, XapianTokenizer(), summary);
  files.threads = 4;
  const TrainingData four = read_training_files(files, XapianTokenizer(), summary);
  REQUIRE(one.size() == four.size());
  for (std::size_t entity = 0; entity < one.size(); ++entity) CHECK(words(one, entity) == words(four, entity));
  CHECK(summary.pairs == 500);
}

TEST_CASE("document vectors are those that the embedder gives, without the documents that have none") {
  DictionaryContents contents = test::small_contents({"w1", "w2", "w3"}, test::small_cells());
  contents.weights = {1, 0.25F, 0};
  const Embedder embedder(Dictionary::parse(serialise_dictionary(contents)));
  const std::vector<TermList> documents{
      {{"w1", 2}, {"w2", 1}}, {{"unknown", 1}}, {}, {{"w3", 5}}, {{"unknown", 3}, {"w2", 4}, {"w3", 1}}};
  std::vector<float> expected;
  for (const TermList& terms : documents)
    if (const auto unit = embedder.embed(terms)) expected.insert(expected.end(), unit->begin(), unit->end());
  CHECK(expected.size() == 16);
  TrainingData data;
  for (const TermList& terms : documents) data.add(terms);
  CHECK(document_vectors(contents, data, 5, 1) == expected);
  CHECK(document_vectors(contents, data, 5, 3) == expected);
  CHECK(document_vectors(contents, data, 2, 1) == std::vector<float>(expected.begin(), expected.begin() + 8));
}

TEST_CASE("with n-grams, be it hashed, vectors of documents are those of the embedder but for rounding") {
  const auto plain = test::ngram_contents(
      {"cats", "dogs", "birds", "cats dogs", " <ca", " ats", " ts>", " rds", " ds>"}, test::small_cells());
  const std::vector<TermList> documents{
      {{"cats", 2}, {"cats dogs", 1}, {"dogs", 1}}, {{"bats", 1}}, {{"unknown", 1}}, {{"birds", 3}, {"cards", 1}}};
  TrainingData data;
  for (const TermList& terms : documents) data.add(terms);
  for (DictionaryContents contents : {plain, test::hashed(plain)}) {
    contents.weights[2] = 0;  // "birds", so without its trigrams
    const Embedder embedder(Dictionary::parse(serialise_dictionary(contents)));
    const EntityVectors vectors = entity_vectors(contents, data);
    std::size_t without_vector = 0;
    std::vector<float> row(contents.dimensions);
    for (std::uint32_t i = 0; i < documents.size(); ++i) {
      vectors.embed(i, row);
      const UnitVector expected = embedder.embed(documents[i]).value_or(UnitVector(row.size(), 0.0F));
      without_vector += embedder.embed(documents[i]) ? 0 : 1;
      for (std::size_t k = 0; k < row.size(); ++k) CHECK(row[k] == doctest::Approx(expected[k]).epsilon(1e-5));
    }
    CHECK(without_vector == 1);
    for (std::uint32_t word = 0; word < data.words().size(); ++word)
      CHECK(vectors.knows(word) == embedder.dictionary().find(data.words()[word]).has_value());
  }
}

TEST_CASE("documents make pairs of their own, behind all other entities, the same with any number of threads") {
  const test::TemporaryDirectory directory;
  std::string corpus;
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (int k = 0; k < i % 60; ++k) text += fmt::format("w{} ", i * k % 83);
    corpus +=
        fmt::format(R"({{"_id": "d{}", "title": "{}", "text": "{}"}})", i, i % 3 == 0 ? "" : "about it", text) + "\n";
  }
  TrainingFiles files;
  files.corpora = {test::write_file(directory / "corpus.jsonl", corpus)};
  files.text_pairs = {test::write_file(directory / "pairs.tsv", "w1\tw2\n")};
  files.own_pairs = true;
  TrainingSummary summary;
  const TrainingData data = read_training_files(files, XapianTokenizer(), summary);
  CHECK(summary.documents == 300);
  CHECK(words(data, 300) == "w1:1");
  REQUIRE(data.tasks().size() == 3);
  const auto& titles = data.tasks()[1].name == "title" ? data.tasks()[1] : data.tasks()[2];
  const auto& passages = data.tasks()[1].name == "title" ? data.tasks()[2] : data.tasks()[1];
  CHECK(titles.pairs.size() == 200);    // of two in three
  CHECK(passages.pairs.size() == 180);  // of three in five, those of 24 words and more
  CHECK(summary.pairs == 381);
  for (const auto& pair : titles.pairs) CHECK(words(data, pair.query) == "about:1 it:1");
  for (const auto& pair : passages.pairs) CHECK(pair.query >= 302);
  files.threads = 1;
  const TrainingData one = read_training_files(files, XapianTokenizer(), summary);
  REQUIRE(one.size() == data.size());
  for (std::size_t entity = 0; entity < one.size(); ++entity) CHECK(words(one, entity) == words(data, entity));
}
