// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/document_data.h"

#include <nlohmann/json.hpp>

#include "plugin/schema.h"

namespace vecterm {

std::string document_id(const Xapian::Document& document, Xapian::docid docid) {
  auto term = document.termlist_begin();
  term.skip_to(std::string(schema::kIdPrefix));
  if (term != document.termlist_end())
    if (const std::string text = *term; text.starts_with(schema::kIdPrefix))
      return text.substr(schema::kIdPrefix.size());
  return std::to_string(docid);
}

std::string document_title(const Xapian::Document& document) {
  const auto data = nlohmann::json::parse(document.get_data(), nullptr, false);
  if (!data.is_object()) return {};
  const auto title = data.find("title");
  return title != data.end() && title->is_string() ? title->get<std::string>() : std::string();
}

}  // namespace vecterm
