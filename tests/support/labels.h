// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "analyzers/tokenizer.h"
#include "tests/support/dictionary.h"

/// A world in which cosines can be computed by hand.
namespace vecterm::test {

/// Words are what spaces separate.
class SpaceTokenizer : public Tokenizer {
 public:
  using Tokenizer::terms;
  TermList terms(std::span<const TextField> fields) const override {
    std::map<std::string, std::uint32_t> counts;
    for (const TextField& field : fields) {
      std::string word;
      for (const char c : std::string(field.text) + ' ') {
        if (c != ' ') {
          word += c;
        } else if (!word.empty()) {
          counts[std::exchange(word, {})] += field.weight;
        }
      }
    }
    TermList list;
    for (const auto& [term, wdf] : counts) list.push_back({term, wdf});
    return list;
  }
  std::string_view name() const override { return "space"; }
};

/// The words x, y and z along the axes of three dimensions, with equal weights.
inline std::shared_ptr<const Dictionary> axes_dictionary() {
  DictionaryContents contents = small_contents({"x", "y", "z"}, small_cells(3));
  contents.vectors = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  return Dictionary::parse(serialise_dictionary(contents));
}

}  // namespace vecterm::test
