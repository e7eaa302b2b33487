// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/spaces/hash_space_form.h"
#include "analyzers/version.h"

/// The one table of families. A new family is a class of its own and a row in families.cc.
namespace vecterm {

/// What vecterm can do with a family.
struct HashSpaceFamily {
  FamilyName is;
  /// Reads a stored form of this family. @throws Damaged where a field is out of its bounds
  std::shared_ptr<const HashSpace> (*read)(std::string bytes) = nullptr;
  /// Makes one at random around the mean of the vectors; null where the family is learned from documents instead.
  /// REQUIRES: mean.size(), tables and bits within the bounds of all families, the others within those of its own
  std::shared_ptr<const HashSpace> (*draw)(std::span<const float> mean, const DrawOptions& options) = nullptr;
};

/// The row of a class that has kFamily, a constructor from a stored form and, unless it is learned, draw().
template <class Space>
constexpr HashSpaceFamily family_of() {
  HashSpaceFamily family{Space::kFamily};
  family.read = [](std::string bytes) -> std::shared_ptr<const HashSpace> {
    return std::make_shared<const Space>(std::move(bytes));
  };
  if constexpr (requires { &Space::draw; }) family.draw = &Space::draw;
  return family;
}

/// All of them, by name.
VECTERM_INTERNAL_API std::span<const HashSpaceFamily> hash_space_families();

/// Their names.
VECTERM_INTERNAL_API std::vector<std::string> hash_space_family_names();

/// The family of this name; null where there is none.
VECTERM_INTERNAL_API const HashSpaceFamily* find_hash_space_family(std::string_view name);

/// Reads a stored form. @throws Damaged where `bytes` is not one, saying which field is out of its bounds
std::shared_ptr<const HashSpace> parse_hash_space(std::string_view bytes);

}  // namespace vecterm
