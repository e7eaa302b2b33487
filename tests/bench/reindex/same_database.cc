// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/reindex/same_database.h"

#include <fmt/format.h>
#include <xapian.h>

#include <algorithm>

namespace vecterm::bench {
namespace {

bool same_terms(const Xapian::Document& a, const Xapian::Document& b) {
  if (a.termlist_count() != b.termlist_count()) return false;
  auto other = b.termlist_begin();
  for (auto term = a.termlist_begin(); term != a.termlist_end(); ++term, ++other)
    if (*term != *other || term.get_wdf() != other.get_wdf() ||
        !std::equal(term.positionlist_begin(), term.positionlist_end(), other.positionlist_begin(),
                    other.positionlist_end()))
      return false;
  return true;
}

bool same_values(const Xapian::Document& a, const Xapian::Document& b) {
  if (a.values_count() != b.values_count()) return false;
  auto other = b.values_begin();
  for (auto value = a.values_begin(); value != a.values_end(); ++value, ++other)
    if (*value != *other || value.get_valueno() != other.get_valueno()) return false;
  return true;
}

std::string different_document(const Xapian::Database& a, const Xapian::Database& b) {
  for (auto docid = a.postlist_begin({}); docid != a.postlist_end({}); ++docid) {
    const Xapian::Document document = a.get_document(*docid);
    const Xapian::Document other = b.get_document(*docid);
    if (!same_terms(document, other)) return fmt::format("terms of document {}", *docid);
    if (!same_values(document, other)) return fmt::format("values of document {}", *docid);
    if (document.get_data() != other.get_data()) return fmt::format("data of document {}", *docid);
  }
  return {};
}

std::string different_list(const Xapian::Database& a, const Xapian::Database& b) {
  auto other = b.allterms_begin();
  for (auto term = a.allterms_begin(); term != a.allterms_end(); ++term, ++other) {
    if (other == b.allterms_end() || *term != *other) return fmt::format("term {}", *term);
    if (!std::equal(a.postlist_begin(*term), a.postlist_end(*term), b.postlist_begin(*term), b.postlist_end(*term)))
      return fmt::format("posting list of {}", *term);
  }
  return other == b.allterms_end() ? std::string() : fmt::format("term {}", *other);
}

}  // namespace

std::string first_difference(const std::string& path, const std::string& other) {
  const Xapian::Database a(path);
  const Xapian::Database b(other);
  if (a.get_doccount() != b.get_doccount()) return "number of documents";
  const std::string document = different_document(a, b);
  return document.empty() ? different_list(a, b) : document;
}

}  // namespace vecterm::bench
