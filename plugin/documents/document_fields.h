// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/version.h"

namespace vecterm {

/// A text field of documents that counts: its key in a line of a corpus, and what each of its words adds to its wdf
/// (Xapian's wdf_inc).
struct VECTERM_API DocumentField {
  std::string name;
  std::uint32_t weight = 1;  ///< in [1, 1000]

  bool operator==(const DocumentField&) const = default;

  /// "queries" or, with its weight, "queries:3"; and back.
  /// @throws InvalidArgument for a weight that is no whole number in its range, and as check_fields
  std::string text() const;
  static DocumentField parse(std::string_view text);
};

using DocumentFields = std::vector<DocumentField>;

/// Title and text, once each.
VECTERM_API DocumentFields default_fields();

/// @throws InvalidArgument where there is no field, one is there twice, has no name, a weight out of range, or the name
///         of a key that holds no text: "_id", "metadata"
VECTERM_API void check_fields(const DocumentFields& fields);

/// "title:2,text"
VECTERM_API std::string fields_text(const DocumentFields& fields);

}  // namespace vecterm
