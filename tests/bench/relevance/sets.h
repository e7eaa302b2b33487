// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "tests/bench/work_directory.h"

namespace vecterm::bench {

/// The first four have a dictionary learned from pairs of their own, the others debian's.
inline constexpr std::array kSets{
    "stackexchange_small", "debian_known", "debian_related", "goodbooks", "cranfield", "cacm", "npl", "chorus_icecat"};

/// An index, and what it is asked.
struct PreparedSet {
  std::string name;
  std::string index;
  std::string queries;
  std::string judgements;
  double rel_min = 1;
};

/// Learns dictionaries and builds indexes, each once.
class Sets {
 public:
  /// @param dictionary  file of the dictionary for sets without one of their own; "" = debian's
  /// @param threads     0 = all cores
  Sets(const WorkDirectory& work, std::string dictionary, unsigned threads);

  /// A directory of data that a set needs and that is not there.
  std::optional<std::string> missing(const std::string& set) const;

  /// REQUIRES: a name of kSets of which nothing is missing.
  PreparedSet prepare(const std::string& set);

 private:
  std::shared_ptr<const Dictionary> dictionary(const std::string& data);
  std::string index(const std::string& data, const std::string& corpus, std::shared_ptr<const Dictionary> dictionary);

  const WorkDirectory& work_;
  const std::string dictionary_;
  const unsigned threads_;
  std::map<std::string, std::shared_ptr<const Dictionary>> dictionaries_;  ///< by the data that they were learned from
};

}  // namespace vecterm::bench
