// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/inspection.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "index/store/vector_table.h"

namespace vecterm::faults {
namespace {

namespace fs = std::filesystem;

/// What a document has of one generation.
struct Share {
  std::set<std::string> terms;  ///< tokens and marker
  std::string value;            ///< of the slot

  bool operator==(const Share&) const = default;
};

Share share_of(const Xapian::Document& document, const IndexRecord& record) {
  Share share{{}, document.get_value(record.slot())};
  const std::string tokens = record.settings.token_prefix + record.hash_space + "_";
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term)
    if ((*term).starts_with(tokens) || *term == record.marker()) share.terms.insert(*term);
  return share;
}

/// The terms of a document and its bigrams, by neighbouring positions.
std::map<std::string, double> entries_of(const Xapian::Document& document, bool bigrams) {
  std::map<std::string, double> entries;
  std::multimap<Xapian::termpos, std::string> places;
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term) {
    const std::string word = *term;
    if ((word[0] >= 'A' && word[0] <= 'Z') || term.get_wdf() == 0) continue;
    if (bigrams && word.find(' ') != std::string::npos) continue;
    entries[word] += term.get_wdf();
    for (auto place = term.positionlist_begin(); place != term.positionlist_end(); ++place)
      places.emplace(*place, word);
  }
  if (!bigrams) return entries;
  for (const auto& [position, first] : places)
    for (auto [next, end] = places.equal_range(position + 1); next != end; ++next)
      entries[first + " " + next->second] += 1;
  return entries;
}

/// What a document's embedding is by definition: for each word of the dictionary its vector, for others their trigrams.
std::optional<UnitVector> defined_embedding(const Xapian::Document& document, const Dictionary& dictionary) {
  EmbeddingSum sum(dictionary.dimensions());
  const auto add = [&](double count, const std::string& entry) {
    const auto number = dictionary.find(entry);
    if (!number) return false;
    std::vector<float> row(dictionary.dimensions());
    dictionary.copy_vector(*number, row);
    sum.add(count * static_cast<double>(dictionary.weight(*number)), row);
    return true;
  };
  const NGramKinds ngrams = dictionary.ngrams();
  for (const auto& [entry, count] : entries_of(document, ngrams.bigrams)) {
    if (add(count, entry) || !ngrams.trigrams || entry.find(' ') != std::string::npos) continue;
    const std::string marked = "<" + entry + ">";  // of ASCII
    for (std::size_t i = 0; i + 3 <= marked.size(); ++i) add(count, " " + marked.substr(i, 3));
  }
  return sum.unit();
}

Share whole_share(const Xapian::Document& document, const DocumentEmbedder& embedder) {
  const IndexRecord& record = embedder.record();
  Share share{{record.marker()}, {}};
  const auto unit = defined_embedding(document, embedder.embedder().dictionary());
  if (!unit) return share;
  for (const Bucket& bucket : embedder.embedder().dictionary().hash_space().hash(*unit))
    share.terms.insert(embedder.term(bucket));
  share.value = encode_value(record.settings.codec, record.generation, *unit);
  return share;
}

bool has_or_lacks(const Xapian::Document& document, const std::vector<DocumentEmbedder>& generation) {
  const Share share = share_of(document, generation.front().record());
  if (share == Share()) return true;
  return std::ranges::any_of(generation,
                             [&](const auto& embedder) { return share == whole_share(document, embedder); });
}

void check_documents(const Xapian::Database& database, const Generations& generations,
                     std::vector<std::string>& complaints) {
  for (auto docid = database.postlist_begin({}); docid != database.postlist_end({}); ++docid) {
    const Xapian::Document document = database.get_document(*docid);
    for (const auto& generation : generations)
      if (!has_or_lacks(document, generation))
        complaints.push_back(
            fmt::format("document {} has a part of generation {}", *docid, generation.front().record().generation));
  }
}

bool have_same_rows(const VectorTable& a, const VectorTable& b, std::size_t dimensions) {
  if (!std::ranges::equal(a.docids(), b.docids())) return false;
  std::vector<float> of_a(dimensions);
  std::vector<float> of_b(dimensions);
  for (std::size_t row = 0; row < a.size(); ++row) {
    a.copy_row(row, of_a);
    b.copy_row(row, of_b);
    if (of_a != of_b) return false;
  }
  return true;
}

void check_sidecars(const std::string& path, const Xapian::Database& database, const Generations& generations,
                    std::vector<std::string>& complaints) {
  for (const auto& generation : generations)
    for (const DocumentEmbedder& embedder : generation)
      if (const auto table = VectorTable::open(path, database, embedder))
        if (!have_same_rows(*table, *VectorTable::read(database, embedder), embedder.record().dimensions))
          complaints.emplace_back("the sidecar is not that of the slot");
}

void check_structure(const std::string& path, std::vector<std::string>& complaints) {
  std::ostringstream report;
  if (Xapian::Database::check(path, 0, &report) != 0) complaints.push_back("xapian-check: " + report.str());
}

}  // namespace

std::vector<std::string> inspect(const std::string& path, const History& acknowledged, const History& whole,
                                 const Generations& generations) {
  std::vector<std::string> complaints;
  // Xapian writes this file last where it makes a database.
  if (!fs::exists(fs::path(path) / "iamglass")) {
    if (!acknowledged.empty()) complaints.emplace_back("there is no database, but documents were acknowledged");
    return complaints;
  }
  try {
    check_structure(path, complaints);
    const Xapian::Database database(path);
    for (const std::string& entry : lost_entries(acknowledged, whole, contents_of(database)))
      complaints.push_back("acknowledged, but lost: " + entry);
    check_documents(database, generations, complaints);
    check_sidecars(path, database, generations, complaints);
  } catch (const Xapian::Error& error) {
    complaints.push_back(error.get_description());
  }
  return complaints;
}

}  // namespace vecterm::faults
