// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vecterm {

/// The labels (classes, interests) that texts can have, each with texts that describe it. A label's number is its
/// place in the order in which the labels first come.
struct LabelSet {
  struct Description {
    std::uint32_t label = 0;
    std::string text;
  };

  std::vector<std::string> names;         ///< distinct
  std::vector<Description> descriptions;  ///< one or more of each label, in the file's order
  std::map<std::string, std::uint32_t, std::less<>> numbers;

  std::size_t size() const { return names.size(); }
  /// Adds a description, and the label where it is new.
  void add(std::string_view name, std::string_view description);
};

/// A text and the labels that are right for it: distinct, ascending, at least one.
struct LabelledText {
  std::string text;
  std::vector<std::uint32_t> labels;
};

/// How lines of labelled texts are to be read.
struct LabelledTextFormat {
  bool one_label = false;  ///< the label's column is a single label, which may hold spaces
  std::string split;       ///< takes the lines with this in their third column; "" = all lines
};

/// Reads lines "label TAB text that describes it". Empty lines are passed over.
/// @throws DataError naming file and line for another number of columns or a label without a name; where there is no
///         label
LabelSet read_labels(const std::string& path);

/// Reads lines "text TAB label [label ...]", where a third column may hold a split; lines that begin with __label__ are
/// read as fastText does: "__label__x __label__y text". Empty lines are passed over.
/// @throws DataError naming file and line for another number of columns, a text without a label, a label that is not in
///         `labels`, or a split that is asked for and not there; where no line is left
std::vector<LabelledText> read_labelled_texts(const std::string& path, const LabelSet& labels,
                                              const LabelledTextFormat& format = {});

}  // namespace vecterm
