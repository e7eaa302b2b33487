// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../dictionary.h"
#include "../errors.h"
#include "../version.h"

namespace vecterm {

class TrainingData;

/// Words and vectors of a public file, in the file's order.
struct VECTERM_API WordVectors {
  std::size_t dimensions = 0;                     ///< d, in [1, 4096]
  std::vector<std::string> words;                 ///< n, distinct, valid UTF-8, as the file has them
  std::vector<float> vectors;                     ///< row-major n x d, finite
  std::vector<std::uint64_t> counts;              ///< how often each word was seen; empty = unknown, else n
  std::uint64_t duplicates = 0;                   ///< rows left out because their word came before
  std::map<std::string, std::uint64_t> left_out;  ///< other entries left out: what they are and how many
  /// DictionaryContents::pieces of a model over a subword tokenizer, whose pieces stand among the words; else empty.
  std::string pieces;
};

enum class VectorFormat {
  kAutomatic,       ///< recognised by content; "auto"
  kWord2vecText,    ///< word2vec, GloVe, fastText's .vec, Numberbatch; "text"
  kWord2vecBinary,  ///< word2vec -binary 1; "word2vec"
  kFastText,        ///< fastText's .bin; "fasttext"
  kSafetensors,     ///< Hugging Face safetensors over a list of words, as Model2Vec's; "safetensors"
};

/// The format with one of the names above. @throws InvalidArgument for any other name
VECTERM_API VectorFormat vector_format_from_name(std::string_view name);

struct VECTERM_API WordVectorOptions {
  VectorFormat format = VectorFormat::kAutomatic;

  /// Where the first word has the form /c/LANGUAGE/WORD of ConceptNet Numberbatch, all words must; those of this
  /// language are read as WORD, and left out where WORD has an underscore: that is several words. "" = words are taken
  /// as they are, for files whose words are any identifiers.
  std::string language = "en";

  /// fastText: more words to make vectors of, from their subwords; those that the model has are passed over. Their
  /// count is 0. Models over a subword tokenizer: the words to make vectors of; empty = those that a piece is by itself.
  /// Other formats pass over all of them.
  std::vector<std::string> words;

  /// safetensors: the file with the words of the rows, one a line, or the tokenizer.json of a model over a subword
  /// tokenizer; "" = the one beside it.
  std::string word_list;

  /// safetensors: which tensor; "" = the one that models name so, or the only one with two dimensions.
  std::string tensor;
};

/// Reads word vectors. Gzip is recognised by content; "-" is standard input. The first of several rows of a word
/// wins; the others are counted.
///
/// Text (word2vec.c by Mikolov et al., 2013; GloVe by Pennington et al., 2014): an optional first line "count
/// dimensions", then a line for each word, the word and its numbers separated by single spaces or tabs. Rows are
/// parsed from the right, so words may contain spaces. A row has too many numbers where what stands before its d
/// numbers ends in one more: a decimal number with a sign, an exponent or at least three decimals. ("windows 95" and
/// "version 2.0" are words.) Every line must have an end, CRLF or LF: without it the last number may have been cut.
///
/// word2vec binary: the line "count dimensions", then for each word the word, a space, d 32-bit floats and, as the
/// original program writes it, a line end.
///
/// fastText .bin (Bojanowski et al., "Enriching Word Vectors with Subword Information", TACL 2017; version 12, that of
/// fastText 0.1 to 0.9): a word's vector is the mean of its own row and the rows of its character n-grams. Counts are
/// those of the model; labels are left out. Quantised models are refused.
///
/// safetensors: one tensor n x d of F64, F32, F16, BF16, F8_E4M3 or I8; row i belongs to word i of the word list.
///
/// With a tokenizer.json the rows are those of its pieces (WordPiece, Unigram, BPE or WordLevel), as in Model2Vec,
/// StaticEmbedding of sentence-transformers and WordLlama: a folder or its model.safetensors. A word's vector is the sum
/// of weights[p] * embeddings[mapping[p]] over its pieces p, with the tensors "weights" and "mapping" where they are
/// there; special and unknown ones are left out. The pieces themselves follow the words, as entries (NGram::kPiece).
///
/// Numbers are little-endian. Every number of the file is checked before it is used to allocate or to index. What knows
/// the formats is formats/read_word_vectors.cc.
///
/// @throws DataError naming the file and the line or byte (from 0): rows too short or too long, counts that do not
///         agree, truncation, bytes behind the end, an empty word, invalid UTF-8, a number that is not finite or no
///         number; a version or variant of a format that is not read
/// @throws InvalidArgument for options that the format does not have or needs
VECTERM_API WordVectors read_word_vectors(const std::string& path, const WordVectorOptions& options = {});

/// How often each of `words` occurs in the texts.
VECTERM_API std::vector<std::uint64_t> count_words(std::span<const std::string> words, const TrainingData& data);

/// Turns imported vectors into dictionary contents without a hash space. Weights are SIF, a/(a + p) (Arora et al.,
/// "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR 2017), where p comes from the counts. Where
/// counts are unknown, the file's order is taken for falling frequency, and p is Zipf's law 1/(rank * H(n)). Pieces have
/// weight 1.
/// @param sif  a, in (0, 1]; nothing = all weights are 1, as the models whose rows are pieces expect
/// @throws InvalidArgument where sif is out of its range or the arrays do not fit together
VECTERM_API DictionaryContents dictionary_contents(WordVectors vectors, std::optional<double> sif = 1e-3);

/// Stands for the mean of document vectors where there are none: sum of weight * row over sum of weight * |row|, which
/// is the direction of the weighted mean of the rows and, as for unit vectors, at most 1 long. d values.
VECTERM_API std::vector<float> weighted_mean(const DictionaryContents& contents);

}  // namespace vecterm
