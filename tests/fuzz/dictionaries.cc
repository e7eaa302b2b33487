// SPDX-License-Identifier: GPL-2.0-or-later
// Dictionary files, hash spaces and tokenizers of subwords. Checksums are mended, or no input would get past them.
#include <algorithm>

#include "analyzers/base/checksum.h"
#include "analyzers/embedding.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/spaces/families.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/words/dictionary_difference.h"
#include "analyzers/words/section_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/dictionary.h"

using namespace vecterm;
using fuzz::require;

namespace {

constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kEntryBytes = 48;

std::vector<std::shared_ptr<const HashSpace>> spaces() {
  return {test::small_cells(), test::small_hyperplanes(), test::small_resolutions(), test::small_cross_polytopes(),
          test::small_p_stable()};
}

// Looks into a space as documents and queries do.
void use(const HashSpace& space) {
  for (const std::uint64_t seed : {1U, 2U}) {
    const std::vector<float> unit = test::Random(seed).unit(space.dimensions());
    for (const Bucket& bucket : space.hash(unit)) {
      require(bucket.table < space.tables());
      space.spell(bucket);
    }
    for (const ProbeLimits& limits : {ProbeLimits(40), ProbeLimits(40, 0.5)})
      require(space.probes(unit, limits).size() <= limits.most);
  }
}

void feed_hash_space(std::string_view bytes) {
  const auto space = parse_hash_space(bytes);
  require(space->bytes() == bytes);
  use(*space);
}

std::vector<std::string> hash_space_seeds() {
  std::vector<std::string> seeds;
  for (const auto& space : spaces()) seeds.push_back(space->bytes());
  return seeds;
}

const fuzz::Registered kHashSpace("hash_space", feed_hash_space, hash_space_seeds);

// A tokenizer.json, and a word that it splits.
void feed_subwords(std::string_view bytes) {
  fuzz::Input input(bytes);
  const std::string word(input.part());
  const auto tokenizer = SubwordTokenizer::parse(input.rest(), "tokenizer.json");
  for (const std::uint32_t piece : tokenizer->pieces(word)) {
    require(piece < tokenizer->spellings().size());
    require(!tokenizer->is_special(piece));
    tokenizer->word_of(piece);
  }
  const auto again = SubwordTokenizer::parse(tokenizer->description(), "description");
  require(again->description() == tokenizer->description());
  require(again->pieces(word) == tokenizer->pieces(word));
}

std::vector<std::string> subword_seeds() {
  std::vector<std::string> seeds;
  for (
      const char* json :
      {test::kSmallPieces,
       R"({"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},"added_tokens":[{"id":2,)"
       R"("content":"c+","special":false}],"model":{"type":"WordPiece","vocab":{"a":0,"##b":1}}})",
       R"({"pre_tokenizer":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}})",
       R"({"normalizer":{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Replace","pattern":)"
       R"({"Regex":" {2,}"},"content":" "}]},"pre_tokenizer":{"type":"Metaspace"},"model":{"type":"Unigram","unk_id":0,)"
       R"("byte_fallback":true,"vocab":[["?",0],["a",-1.5],["<0x62>",-2]]}})",
       R"({"pre_tokenizer":{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext"},"model":{"type":)"
       R"("WordLevel","vocab":{"a":0,"-b":1}}})"})
    seeds.push_back(fuzz::part_of("a-b c+ab") + json);
  return seeds;
}

const fuzz::Registered kSubwords("subwords", feed_subwords, subword_seeds);

void put_checksum(std::string& bytes, std::size_t at, std::string_view of) {
  const Checksum sum = checksum(of);
  std::ranges::copy(sum, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

// The file with its length and the checksums of whatever sections are in it.
std::string mended(std::string bytes) {
  bytes.resize(std::max(bytes.size(), kHeaderBytes));
  const std::string_view view = bytes;
  std::string size;
  append_number<std::uint64_t>(size, bytes.size());
  bytes.replace(16, size.size(), size);
  const std::size_t table_bytes = std::min<std::size_t>(number_at<std::uint32_t>(view, 12), 64) * kEntryBytes;
  for (std::size_t at = kHeaderBytes; at + kEntryBytes <= std::min(view.size(), kHeaderBytes + table_bytes);
       at += kEntryBytes) {
    const auto offset = number_at<std::uint64_t>(view, at + 8);
    if (offset <= view.size())
      put_checksum(bytes, at + 24, view.substr(offset, number_at<std::uint64_t>(view, at + 16)));
  }
  put_checksum(bytes, 24, view.substr(kHeaderBytes, table_bytes));
  return bytes;
}

// A byte says which of two forms follows: 0, a file; else a version, and tag and content of each section.
std::string file_of(std::string_view bytes) {
  fuzz::Input input(bytes);
  const std::uint32_t version = input.byte();
  if (version == 0) return mended(std::string(input.rest()));
  NamedSections sections;
  while (!input.empty() && sections.size() < 20) {
    std::string tag(input.take(4));
    tag.resize(4);
    sections.emplace_back(std::move(tag), input.part());
  }
  return section_file(version, sections);
}

void use(const std::shared_ptr<const Dictionary>& dictionary) {
  constexpr std::size_t kLooked = 50;
  std::vector<float> row(dictionary->dimensions());
  TermList terms{{"pear", 2}};
  for (std::size_t i = 0; i < std::min(dictionary->size(), kLooked); ++i) {
    dictionary->find(dictionary->word(i));
    dictionary->count(i);
    dictionary->copy_vector(i, row);
    terms.push_back({std::string(dictionary->word(i)), 3});
  }
  dictionary->entries();
  const Embedder embedder(dictionary);
  embedder.coverage(terms);
  if (const auto unit = embedder.embed(terms)) dictionary->hash_space().hash(*unit);
  use(dictionary->hash_space());
  static const auto other = test::small_dictionary({"apple", "pear"});
  if (other->dimensions() == dictionary->dimensions()) difference(*other, *dictionary);
  serialise_dictionary(dictionary->contents());
}

void feed_dictionary(std::string_view bytes) { use(Dictionary::parse(file_of(bytes))); }

// A dictionary's file in the other form.
std::string sections_of(std::string_view file) {
  std::string input(1, file[8]);
  for (std::size_t at = kHeaderBytes; at < kHeaderBytes + number_at<std::uint32_t>(file, 12) * kEntryBytes;
       at += kEntryBytes) {
    input += file.substr(at, 4);
    input +=
        fuzz::part_of(file.substr(number_at<std::uint64_t>(file, at + 8), number_at<std::uint64_t>(file, at + 16)));
  }
  return input;
}

std::vector<std::string> dictionary_seeds() {
  const std::vector<std::string> words{"apple", "pear", "river"};
  const std::vector<std::string> ngrams{"apple", "pear", "apple pear", " <pe", " pea", "r r"};
  std::vector<DictionaryContents> contents;
  for (const auto& space : spaces()) contents.push_back(test::small_contents(words, space));
  contents.push_back(test::ngram_contents(ngrams, test::small_hyperplanes()));
  contents.push_back(test::piece_contents({"apple", "  p", "  ##ear"}, test::small_hyperplanes()));
  contents.back().learned_queries = TextSketch::of({5, 3});
  contents.push_back(test::hashed(test::ngram_contents(ngrams, test::small_hyperplanes()), 5));
  for (const VectorCodec codec : {VectorCodec::kFloat16, VectorCodec::kInt8}) {
    contents.push_back(test::small_contents(words, test::small_hyperplanes()));
    contents.back().codec = codec;
  }
  std::vector<std::string> seeds;
  for (const DictionaryContents& each : contents) {
    const std::string file = serialise_dictionary(each);
    seeds.push_back(std::string(1, '\0') + file);
    seeds.push_back(sections_of(file));
  }
  return seeds;
}

const fuzz::Registered kDictionary("dictionary", feed_dictionary, dictionary_seeds);

}  // namespace
