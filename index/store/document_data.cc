// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/document_data.h"

#include "analyzers/base/json.h"
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
  const auto data = JsonDocument::parsed(document.get_data());
  if (!data) return {};
  const auto title = data->root().find("title");
  return title && title->is_string() ? title->string() : std::string();
}

}  // namespace vecterm
