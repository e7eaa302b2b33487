// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/contents.h"

#include <fmt/format.h>

#include <set>

namespace vecterm::faults {
namespace {

std::string posting_list(const Xapian::Database& database, const std::string& term) {
  std::string list;
  for (auto posting = database.postlist_begin(term); posting != database.postlist_end(term); ++posting)
    list += fmt::format("{}:{} ", *posting, posting.get_wdf());
  return list;
}

std::string value_list(const Xapian::Database& database, Xapian::valueno slot) {
  std::string list;
  for (auto value = database.valuestream_begin(slot); value != database.valuestream_end(slot); ++value)
    list += fmt::format("{}:{} ", value.get_docid(), *value);
  return list + fmt::format("frequency {}", database.get_value_freq(slot));
}

}  // namespace

Contents contents_of(const Xapian::Database& database) {
  Contents contents;
  std::set<Xapian::valueno> slots;
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid) {
    const Xapian::Document document = database.get_document(*docid);
    contents[fmt::format("document {}", *docid)] = document.serialise();
    for (auto value = document.values_begin(); value != document.values_end(); ++value)
      slots.insert(value.get_valueno());
  }
  for (auto term = database.allterms_begin(); term != database.allterms_end(); ++term)
    contents["term " + *term] = posting_list(database, *term);
  for (const Xapian::valueno slot : slots) contents[fmt::format("slot {}", slot)] = value_list(database, slot);
  for (auto key = database.metadata_keys_begin(); key != database.metadata_keys_end(); ++key)
    contents["metadata " + *key] = database.get_metadata(*key);
  contents["statistics"] = fmt::format("{} documents, last {}, total length {}", database.get_doccount(),
                                       database.get_lastdocid(), database.get_total_length());
  return contents;
}

std::optional<std::string> difference(const Contents& expected, const Contents& met) {
  for (const auto& [name, content] : expected) {
    const auto found = met.find(name);
    if (found == met.end()) return name + " is missing";
    if (found->second != content) return name + " differs";
  }
  for (const auto& [name, content] : met)
    if (!expected.contains(name)) return name + " should not be there";
  return std::nullopt;
}

}  // namespace vecterm::faults
