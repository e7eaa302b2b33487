// SPDX-License-Identifier: GPL-2.0-or-later
// Stands for a program of someone else that learns a dictionary.
#include <vecterm/analyzers/training/hash_space_learner.h>
#include <vecterm/analyzers/training/trainer.h>
#include <vecterm/vecterm.h>

#include <iostream>

int main() {
  const vecterm::XapianTokenizer tokenizer;
  vecterm::TrainingData data;
  for (const char* text : {"plays films", "plays music"}) data.add(tokenizer.terms(text));
  data.add_pair("clicks", {data.add(tokenizer.terms("watch films")), 0});
  data.add_pair("clicks", {data.add(tokenizer.terms("hear music")), 1});
  vecterm::TrainingOptions options;
  options.dimensions = 4;
  options.min_count = 1;
  vecterm::DictionaryContents contents = vecterm::train(data, options).dictionary;
  contents.tokenizer = tokenizer.name();
  contents.hash_space = vecterm::learn_hash_space(vecterm::document_vectors(contents, data, 2), 4, {});
  const auto dictionary = vecterm::Dictionary::parse(vecterm::serialise_dictionary(contents));
  std::cout << "learned " << dictionary->size() << " words\n";
  return dictionary->find("films") ? 0 : 1;
}
