// SPDX-License-Identifier: GPL-2.0-or-later
// DocumentField and its list, of analyzer_settings.h.
#include "plugin/analyzer_settings.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

// A wdf stays far from the end of its 32 bits.
constexpr std::uint32_t kMaxWeight = 1000;

[[noreturn]] void refuse_weight(std::string_view name, std::string_view weight) {
  throw InvalidArgument(fmt::format("fields: the weight of {} must be a whole number in [1, {}]; was {}",
                                    in_quotes(name), kMaxWeight, in_quotes(weight)));
}

void check(const DocumentField& field) {
  if (field.name.empty()) throw InvalidArgument("fields: a field has no name");
  if (field.name == "_id" || field.name == "metadata")
    throw InvalidArgument(fmt::format("fields: \"{}\" holds no text", field.name));
  if (field.weight < 1 || field.weight > kMaxWeight) refuse_weight(field.name, fmt::format("{}", field.weight));
}

}  // namespace

std::string DocumentField::text() const {
  // Behind a colon a reader takes what follows for the weight.
  return weight == 1 && name.find(':') == name.npos ? name : fmt::format("{}:{}", name, weight);
}

DocumentField DocumentField::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  DocumentField field{std::string(text.substr(0, colon))};
  if (colon != text.npos) {
    const std::string_view weight = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(weight.data(), weight.data() + weight.size(), field.weight);
    if (error != std::errc() || end != weight.data() + weight.size()) refuse_weight(field.name, weight);
  }
  check(field);
  return field;
}

DocumentFields default_fields() { return {{"title"}, {"text"}}; }

void check_fields(const DocumentFields& fields) {
  if (fields.empty()) throw InvalidArgument("fields: there must be at least one");
  std::set<std::string_view> names;
  for (const DocumentField& field : fields) {
    check(field);
    if (!names.insert(field.name).second)
      throw InvalidArgument(fmt::format("fields: \"{}\" is there twice", field.name));
  }
}

std::string fields_text(const DocumentFields& fields) {
  std::string text;
  for (const DocumentField& field : fields) text += (text.empty() ? "" : ",") + field.text();
  return text;
}

}  // namespace vecterm
