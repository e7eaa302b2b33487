// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/families.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/errors.h"
#include "analyzers/spaces/cells.h"
#include "analyzers/spaces/cross_polytopes.h"
#include "analyzers/spaces/hyperplanes.h"
#include "analyzers/spaces/p_stable.h"

namespace vecterm {
namespace {

constexpr HashSpaceFamily kFamilies[] = {
    family_of<Cells>(),
    family_of<CrossPolytopes>(),
    family_of<Hyperplanes>(),
    family_of<PStable>(),
};
constexpr std::uint32_t kCellsInOneTable = 2;  ///< never released

std::uint32_t number_of(const HashSpaceFamily& family) { return family.is.number; }

[[noreturn]] void refuse_family(std::uint32_t number) {
  if (number == kCellsInOneTable)
    throw Damaged("hash space: cells of the form before several tables (family 2) are not read; learn them again");
  const auto [least, most] = std::ranges::minmax(kFamilies, {}, number_of);
  throw Damaged(fmt::format("hash space: family must be in [{}, {}]; was {}", least.is.number, most.is.number, number));
}

}  // namespace

std::span<const HashSpaceFamily> hash_space_families() { return kFamilies; }

std::vector<std::string> hash_space_family_names() {
  std::vector<std::string> names;
  for (const HashSpaceFamily& family : kFamilies) names.emplace_back(family.is.name);
  return names;
}

const HashSpaceFamily* find_hash_space_family(std::string_view name) {
  const auto* const found =
      std::ranges::find(kFamilies, name, [](const HashSpaceFamily& family) { return family.is.name; });
  return found == std::end(kFamilies) ? nullptr : found;
}

std::shared_ptr<const HashSpace> parse_hash_space(std::string_view bytes) {
  const std::uint32_t number = read_header(bytes).family;
  const auto* const found = std::ranges::find(kFamilies, number, number_of);
  if (found == std::end(kFamilies)) refuse_family(number);
  return found->read(std::string(bytes));
}

}  // namespace vecterm
