// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/analyzer_settings.h"

namespace vecterm {

/// Internal: the metadata entry vecterm.generations. The index record says which generation serves; this one which
/// other lies beside it, being built or left from before. There is room for one, as there are two slots.
struct Generations {
  std::int64_t since = 0;            ///< when the serving one got its dictionary, seconds since 1970; 0 = unknown
  std::optional<IndexRecord> other;  ///< with the same settings
  std::int64_t other_since = 0;
  bool other_served = false;  ///< it is what rollback goes back to

  /// Of a database that has no such entry: all unknown. @throws Damaged where the entry is
  static Generations read(const Xapian::Database& database);
  void write(Xapian::WritableDatabase& database) const;
};

/// Internal: the metadata entries vecterm.update and vecterm.changed: an update of a generation to another dictionary
/// of the same hash space, under way. It goes through the documents by docid.
struct UpdateRecord {
  unsigned generation = 0;
  Xapian::docid next = 1;          ///< documents below it are done
  bool everywhere = false;         ///< all documents: the dictionary before was not there to be compared with
  std::vector<std::string> words;  ///< ascending, n-grams too: documents_touched() by them have another embedding

  /// Nothing where none is under way. @throws Damaged where an entry is
  static std::optional<UpdateRecord> read(const Xapian::Database& database);
  void write(Xapian::WritableDatabase& database) const;
  /// All but the words, which stay as they are.
  void write_progress(Xapian::WritableDatabase& database) const;
  static void remove(Xapian::WritableDatabase& database);
};

/// Internal: seconds since 1970.
std::int64_t seconds_now();

}  // namespace vecterm
