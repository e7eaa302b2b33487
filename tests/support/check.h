// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "index/check.h"
#include "plugin/document_embedder.h"
#include "tests/support/generations.h"

/// Indexes to damage, and what checking them finds.
namespace vecterm::test {

using Kinds = std::vector<std::string>;

/// A token of a hash space that no index has.
inline constexpr const char* kOrphan = "XLSH0abc_00_1";

/// An index, and ways to damage it through plain Xapian.
class CheckFixture : public IndexFixture {
 public:
  static constexpr std::size_t kDocuments = 60;

  explicit CheckFixture(Entries has = Entries::kWords) : IndexFixture(has) { index(corpus_lines(0, kDocuments)); }

  void edit(const std::function<void(Xapian::WritableDatabase&)>& change) const {
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN | Xapian::DB_NO_SYNC);
    change(database);
    database.commit();
  }
  void edit(Xapian::docid docid, const std::function<void(Xapian::Document&)>& change) const {
    edit([&](Xapian::WritableDatabase& database) {
      Xapian::Document document = database.get_document(docid);
      change(document);
      database.replace_document(docid, document);
    });
  }
  void set(std::string_view key, const std::string& value) const {
    edit([&](Xapian::WritableDatabase& database) { database.set_metadata(std::string(key), value); });
  }

  std::string marker() const { return new_record(*dictionary).marker(); }
  std::string token(Xapian::docid docid) const {
    const Xapian::Database database(path);
    const Xapian::Document document = database.get_document(docid);
    auto term = document.termlist_begin();
    term.skip_to(new_record(*dictionary).token_start());
    return *term;
  }
  std::string file(const std::string& extension) const {
    std::string found;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      if (entry.path().extension() == extension) found = entry.path().string();
    REQUIRE(!found.empty());
    return found;
  }

  /// Runs reindex() until its first batch is committed, and not to its end.
  void reindex_partly(const std::shared_ptr<const Dictionary>& to) const {
    const auto stop = [](const Progress& progress) {
      if (progress.done > 0.25) throw std::runtime_error("stopped");
    };
    CHECK_THROWS_AS(reindex(path, to, {.write = small_batches(15), .rate = 60}, stop), std::runtime_error);
  }

  std::string path = directory / "db";
};

inline Kinds kinds(const CheckReport& report, bool damage) {
  Kinds all;
  for (const Finding& finding : report.findings)
    if (finding.damage == damage) all.push_back(finding.kind);
  return all;
}

inline const Finding& finding(const CheckReport& report, const std::string& kind) {
  const auto found = std::ranges::find(report.findings, kind, &Finding::kind);
  REQUIRE_MESSAGE(found != report.findings.end(), kind);
  return *found;
}

inline void check_same(const std::string& path, const std::string& expected) {
  CHECK(stored_documents(path) == stored_documents(expected));
  CHECK(stored_postings(path) == stored_postings(expected));
}

}  // namespace vecterm::test
