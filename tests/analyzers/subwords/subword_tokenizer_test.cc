// SPDX-License-Identifier: GPL-2.0-or-later
// Tests subword_model.cc and text_steps.cc, too.
#include "analyzers/subwords/subword_tokenizer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "analyzers/errors.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

std::shared_ptr<const SubwordTokenizer> tokenizer_of(const std::string& json) {
  return SubwordTokenizer::parse(json, "tokenizer.json");
}

/// "hello ##s"; what is unknown is missing.
std::string split(const SubwordTokenizer& tokenizer, std::string_view word) {
  std::vector<std::string> pieces;
  for (const std::uint32_t piece : tokenizer.pieces(word)) pieces.push_back(tokenizer.spellings()[piece]);
  return fmt::format("{}", fmt::join(pieces, " "));
}

/// A WordLevel model whose words are the chunks that come out of the steps: everything that `word` may become.
std::string chunks(const std::string& normalizer, const std::string& pre_tokenizer, const std::string& word,
                   const std::vector<std::string>& vocabulary) {
  std::string vocab;
  for (std::size_t i = 0; i < vocabulary.size(); ++i)
    vocab += fmt::format("{}\"{}\": {}", i == 0 ? "" : ", ", vocabulary[i], i);
  return split(*tokenizer_of(fmt::format(R"({{"normalizer": {}, "pre_tokenizer": {}, "model": {{"type": "WordLevel",
      "vocab": {{{}}}, "unk_token": "?"}}}})",
                                         normalizer, pre_tokenizer, vocab)),
               word);
}

const std::string kBert = R"({"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
    "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "TemplateProcessing"}, "added_tokens": [
    {"id": 0, "content": "[PAD]", "special": true}, {"id": 1, "content": "[UNK]", "special": true},
    {"id": 16, "content": "c++", "special": false}],
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "hello": 2, "##s": 3, "node": 4, ".": 5, "js": 6,
    "don": 7, "'": 8, "t": 9, "caf": 10, "##e": 11, "a": 12, "##a": 13, "\u4e2d": 14, "hell": 15, "pad": 17, "[": 18}}})";

const std::string kByteLevel = R"({"normalizer": null, "added_tokens": [], "pre_tokenizer": {"type": "ByteLevel",
    "add_prefix_space": false, "trim_offsets": true}, "model": {"type": "BPE", "dropout": null, "vocab": {"l": 0, "o": 1,
    "w": 2, "e": 3, "r": 4, "\u0120": 5, "lo": 6, "low": 7, "\u0120low": 8, "er": 9, "\u00c3": 10, "\u00a9": 11,
    "ow": 12, "1": 13}, "merges": ["l o", "lo w", ["\u0120", "low"], "e r", "o w"]}})";

const std::string kUnigram = R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "abc="},
  "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true},
  "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["\u2581", -3.0], ["\u2581low", -2.0], ["er", -2.5],
    ["e", -4.0], ["r", -4.0], ["\u2581lower", -10.0], ["l", -5.0], ["ow", -5.0], ["fi", -6.0]], "byte_fallback": false}})";

}  // namespace

TEST_CASE("WordPiece takes the longest piece first, behind BERT's normaliser and splits at punctuation") {
  const auto bert = tokenizer_of(kBert);
  CHECK(split(*bert, "hello") == "hello");
  CHECK(split(*bert, "hellos") == "hello ##s");
  CHECK(split(*bert, "HELLOS") == "hello ##s");
  CHECK(split(*bert, "node.js") == "node . js");
  CHECK(split(*bert, "don't") == "don ' t");
  CHECK(split(*bert, "caf\u00e9") == "caf ##e");
  CHECK(split(*bert, "cafe\u0301") == "caf ##e");
  CHECK(split(*bert, "\u4e2da\u4e2d") == "\u4e2d a \u4e2d");
  CHECK(split(*bert, "a\u200b\u00ada") == "a ##a");  // format characters are cleaned away
  CHECK(split(*bert, "hello\U0001F600") == "");      // a part without a piece makes all of it unknown
  CHECK(split(*bert, "hello.\U0001F600.js") == "hello . . js");
  CHECK(split(*bert, "xyz") == "");
  CHECK(split(*bert, "") == "");
  CHECK(split(*bert, "\xff\xfe") == "");
}

TEST_CASE("a word of 100 characters has pieces, and one of 101 is unknown") {
  const auto bert = tokenizer_of(kBert);
  CHECK(bert->pieces(std::string(100, 'a')).size() == 100);
  CHECK(bert->pieces(std::string(101, 'a')).empty());
  CHECK(bert->pieces(std::string(101, 'a') + ".a").size() == 2);
}

TEST_CASE("special tokens are no pieces of words, and other added tokens are found before all else") {
  const auto bert = tokenizer_of(kBert);
  CHECK(split(*bert, "[PAD]") == "[ pad");
  CHECK(split(*bert, "[UNK]") == "[");
  CHECK(split(*bert, "c++") == "c++");
  CHECK(split(*bert, "helloc++a") == "hello c++ a");
}

TEST_CASE("byte-level BPE merges by rank, and bytes stand for what is not ASCII") {
  const auto bpe = tokenizer_of(kByteLevel);
  CHECK(split(*bpe, "lower") == "\u0120low er");
  CHECK(split(*bpe, "low") == "\u0120low");
  CHECK(split(*bpe, "ow") == "\u0120 ow");
  CHECK(split(*bpe, "\u00e9") == "\u0120 \u00c3 \u00a9");
  CHECK(split(*bpe, "rex") == "\u0120 r e");
  CHECK(split(*bpe, "low1") == "\u0120low 1");  // letters and digits are parted
}

TEST_CASE("Unigram takes the pieces with the largest sum of scores") {
  const auto unigram = tokenizer_of(kUnigram);
  CHECK(split(*unigram, "lower") == "\u2581low er");  // -4.5, and -10 as a whole
  CHECK(split(*unigram, "lowe") == "\u2581low e");
  CHECK(split(*unigram, "zlow") == "\u2581 l ow");       // "z" is unknown, and "low" not at the beginning
  CHECK(split(*unigram, "\ufb01er") == "\u2581 fi er");  // NFKC of the ligature
}

TEST_CASE("bytes stand for unknown characters where the model falls back to them, all or none") {
  const std::string bytes = R"(["<0xC3>", -9.0], ["<0xA9>", -9.0], ["<0xC4>", -9.0])";
  std::string json = kUnigram;
  json.replace(json.find(R"(["fi", -6.0])"), 12, bytes);
  json.replace(json.find(R"("byte_fallback": false)"), 22, R"("byte_fallback": true)");
  const auto unigram = tokenizer_of(json);
  CHECK(split(*unigram, "\u00e9er") == "\u2581 <0xC3> <0xA9> er");
  CHECK(split(*unigram, "\u0105er") == "\u2581 er");  // C4 85, and there is no piece of 85
  const auto bpe = tokenizer_of(R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend":
      "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}, "pre_tokenizer": null, "model":
      {"type": "BPE", "byte_fallback": true, "vocab": {"\u2581": 0, "a": 1, "\u2581a": 2, "<0xC3>": 3, "<0xA9>": 4},
      "merges": ["\u2581 a"]}})");
  CHECK(split(*bpe, "a\u00e9") == "\u2581a <0xC3> <0xA9>");
}

TEST_CASE("BPE takes a whole chunk where merges may be passed over, and marks ends of words") {
  const auto whole = tokenizer_of(R"({"model": {"type": "BPE", "ignore_merges": true, "vocab": {" abc": 0, "a": 1, "b":
      2}, "merges": []}})");
  CHECK(split(*whole, "abc") == " abc");
  CHECK(split(*whole, "ab") == "a b");
  const auto marked = tokenizer_of(R"({"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "BPE",
      "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>", "vocab": {"a": 0, "##b": 1, "ab": 2, "##c</w>": 3,
      "a</w>": 4, "abc</w>": 5}, "merges": [["a", "##b"], ["ab", "##c</w>"]]}})");
  CHECK(split(*marked, "abc") == "abc</w>");
  CHECK(split(*marked, "a") == "a</w>");
}

TEST_CASE("normalisers do what their names say") {
  const std::string words = R"({"type": "WhitespaceSplit"})";
  CHECK(chunks(R"({"type": "Lowercase"})", words, "\u0130\u03a3", {"i\u0307\u03c3"}) == "i\u0307\u03c3");
  CHECK(chunks(R"({"type": "NFD"})", words, "\u00e9", {"e\u0301"}) == "e\u0301");
  CHECK(chunks(R"({"type": "NFC"})", words, "e\u0301", {"\u00e9"}) == "\u00e9");
  CHECK(chunks(R"({"type": "NFKD"})", words, "\ufb01\u00e9", {"fie\u0301"}) == "fie\u0301");
  CHECK(chunks(R"({"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]})", words, "\u00e9",
               {"e"}) == "e");
  CHECK(chunks(R"({"type": "Replace", "pattern": {"Regex": "[0-9]+"}, "content": "#"})", words, "a12b3", {"a#b#"}) ==
        "a#b#");
  CHECK(chunks(R"({"type": "Replace", "pattern": {"String": ".*"}, "content": "x"})", words, "a.*b", {"axb"}) == "axb");
  CHECK(chunks(R"({"type": "Nmt"})", words, "a\u200bb\u0001", {"a", "b"}) == "a b");
  CHECK(chunks(R"({"type": "BertNormalizer", "lowercase": false})", words, "\u00c9", {"\u00c9"}) == "\u00c9");
  CHECK(chunks(R"({"type": "BertNormalizer", "lowercase": false, "strip_accents": true})", words, "\u00c9", {"E"}) ==
        "E");
}

TEST_CASE("pre-tokenisers split as their names say") {
  const std::string none = "null";
  CHECK(chunks(none, R"({"type": "Whitespace"})", "a.b--c_d", {"a", ".", "b", "--", "c_d"}) == "a . b -- c_d");
  CHECK(chunks(none, R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
      {"type": "Digits", "individual_digits": true}]})",
               "a12", {"a", "1", "2"}) == "a 1 2");
  CHECK(chunks(none, R"({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits"}]})",
               "a12b", {"a", "12", "b"}) == "a 12 b");
  const auto split_at_dash = [&](const std::string& behavior) {
    return chunks(none, R"({"type": "Split", "pattern": {"String": "-"}, "behavior": ")" + behavior + "\"}", "a--b",
                  {" a", " a-", "-", "--", "-b", "b"});
  };
  CHECK(split_at_dash("Removed") == " a b");
  CHECK(split_at_dash("Isolated") == " a - - b");
  CHECK(split_at_dash("MergedWithPrevious") == " a- - b");
  CHECK(split_at_dash("MergedWithNext") == " a - -b");
  CHECK(split_at_dash("Contiguous") == " a -- b");
  CHECK(chunks(none, R"({"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Removed", "invert": true})",
               "ab1cd", {"ab", "cd"}) == "ab cd");
  CHECK(chunks(none, R"({"type": "Metaspace", "prepend_scheme": "never", "split": false})", "ab", {"\u2581ab"}) ==
        "\u2581ab");
}

TEST_CASE("a regular expression that takes forever leaves the word as it is") {
  CHECK(chunks("null", R"({"type": "Split", "pattern": {"Regex": "(a|aa)+$"}, "behavior": "Isolated"})",
               std::string(200, 'a') + "b", {" " + std::string(200, 'a') + "b"}) == " " + std::string(200, 'a') + "b");
}

TEST_CASE("a description is a tokenizer again that splits alike, and describes itself by the same bytes") {
  for (const std::string& json : {kBert, kByteLevel, kUnigram}) {
    const auto first = tokenizer_of(json);
    const auto again = tokenizer_of(first->description());
    CHECK(again->description() == first->description());
    CHECK(first->description().find("post_processor") == std::string::npos);
    for (const char* word : {"hellos", "node.js", "lower", "caf\u00e9", "c++", "[PAD]", "zlow"})
      CHECK(first->pieces(word) == again->pieces(word));
  }
}

TEST_CASE("which words pieces are by themselves") {
  const auto bert = tokenizer_of(kBert);
  CHECK(bert->word_of(2) == "hello");
  CHECK(bert->word_of(3) == std::nullopt);
  CHECK(tokenizer_of(kByteLevel)->word_of(8) == "low");
  CHECK(tokenizer_of(kByteLevel)->word_of(9) == std::nullopt);
  CHECK(tokenizer_of(kUnigram)->word_of(2) == "low");
}

TEST_CASE("what no tokenizer is names the part, its bound and what was met") {
  const auto refuses = [](const std::string& json, const std::string& part) {
    return test::refuses<DataError>([&] { tokenizer_of(json); }, part);
  };
  const auto model = [&](const std::string& text, const std::string& part) {
    return refuses(R"({"model": )" + text + "}", part);
  };
  CHECK(refuses("{", "tokenizer.json: no tokenizer.json: "));
  CHECK(refuses("[]", "\"model\" is missing"));
  CHECK(refuses(std::string(100000, '['), "no tokenizer.json"));
  CHECK(refuses("{}", "\"model\" is missing; must be an object"));
  CHECK(model(R"({"type": "Char"})", "must be WordPiece, Unigram, BPE or WordLevel; was \"Char\""));
  CHECK(model("3", "\"model\" must be an object; was 3"));
  CHECK(model(R"({"type": "WordLevel", "vocab": []})", "\"vocab\" must be an object of pieces and numbers; was []"));
  CHECK(model(R"({"type": "WordLevel", "vocab": {"a": -1}})", "the number of a piece must be in [0, "));
  CHECK(model(R"({"type": "WordLevel", "vocab": {"a": 999999999}})", "was 999999999"));
  CHECK(model(R"({"type": "WordLevel", "vocab": {"a": 0, "b": 0}})", "two pieces have the number 0"));
  CHECK(
      model(R"({"type": "WordPiece", "vocab": {}, "max_input_chars_per_word": -2})", "must be a whole number; was -2"));
  CHECK(model(R"({"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]})", "two pieces whose merger is one"));
  CHECK(model(R"({"type": "BPE", "vocab": {"a": 0, "ab": 1}, "merges": ["a b"]})", "two pieces whose merger is one"));
  CHECK(model(R"({"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]})", "two pieces whose merger is one"));
  CHECK(model(R"({"type": "BPE", "vocab": {"a": 0}, "merges": [""]})", "two pieces whose merger is one"));
  CHECK(model(R"({"type": "Unigram", "vocab": [["a"]]})", "a list of pieces and scores"));
  CHECK(model(R"({"type": "Unigram", "vocab": [["a", "b"]]})", "a list of pieces and scores"));
  CHECK(model(R"({"type": "Unigram", "vocab": [["a", 1.0]], "unk_id": 1})", "\"unk_id\" must be in [0, 1); was 1"));
  const auto step = [&](const std::string& kind, const std::string& text, const std::string& part) {
    return refuses(fmt::format(R"({{"{}": {}, "model": {{"type": "WordLevel", "vocab": {{}}}}}})", kind, text), part);
  };
  CHECK(step("normalizer", R"({"type": "Reverse"})", "a normalizer of type \"Reverse\" is not known"));
  CHECK(step("normalizer", R"({"type": 3})", "\"type\" must be a string; was 3"));
  CHECK(
      step("normalizer", R"({"type": "Replace", "pattern": {"Regex": "("}, "content": ""})", "no regular expression"));
  CHECK(step("normalizer", R"({"type": "Sequence", "normalizers": {}})", "\"normalizers\" must be a list"));
  CHECK(step("pre_tokenizer", R"({"type": "Kanji"})", "a pre_tokenizer of type \"Kanji\" is not known"));
  CHECK(step("pre_tokenizer", R"({"type": "Split", "pattern": {"String": "a"}, "behavior": "Gone"})", "\"Gone\""));
  CHECK(step("pre_tokenizer", R"({"type": "Metaspace", "replacement": "ab"})", "must be one character"));
  CHECK(step("added_tokens", "3", "\"added_tokens\" must be a list; was 3"));
  CHECK(step("added_tokens", R"([{"id": 0}])", "\"content\" is missing"));
  CHECK(step("added_tokens", R"([{"id": 0, "content": ""}])", "must not be empty"));
}
