// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "tests/bench/work_directory.h"

namespace vecterm::bench {

/// Which words a new dictionary moves.
struct Move {
  std::string name;
  double share;  ///< of the words that documents have
  bool rarest;   ///< those in the fewest documents; else at random, weighted by how often they occur
};

/// Documents of the benchmarks, a dictionary learned for them, an index of them, and dictionaries that come after.
class World {
 public:
  /// @param documents  at most so many; 0 = all
  World(const WorkDirectory& work, std::size_t documents);

  const std::shared_ptr<const Dictionary>& dictionary() const { return dictionary_; }
  const std::string& corpus() const { return corpus_; }
  /// Of all documents, indexed with dictionary(). Not to be changed.
  const std::string& index() const { return index_; }
  std::size_t documents() const { return documents_; }

  /// The same hash space; the words of `move` have other directions.
  std::shared_ptr<const Dictionary> moved(const Move& move, std::uint64_t seed) const;
  /// The same words and vectors in a hash space of another kind.
  std::shared_ptr<const Dictionary> other_space() const;
  /// A copy of index(), in place of what was there.
  std::string copy(const std::string& name) const;

 private:
  const WorkDirectory& work_;
  std::string corpus_;
  std::string index_;
  std::size_t documents_ = 0;
  std::shared_ptr<const Dictionary> dictionary_;
};

}  // namespace vecterm::bench
