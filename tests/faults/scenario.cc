// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/scenario.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/generations.h"

namespace vecterm::faults {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDocuments = 120;
// Documents that are analysed together, ahead of those that are written: a chunk ends after 1024 lines, be they empty.
constexpr std::size_t kChunkDocuments = 10;
constexpr std::size_t kChunkLines = 1024;

/// The dictionary of the same hash space that an index is updated to: a word and its n-grams have moved, the last word
/// is gone, one is new.
DictionaryContents changed_contents(const Dictionary& old) {
  DictionaryContents contents = test::moved_dictionary(old, {1})->contents();
  *std::ranges::find(contents.words, "w" + std::to_string(test::kVocabulary - 1)) =
      "w" + std::to_string(test::kVocabulary);
  return contents;
}

/// What all scenarios of a variant are made of.
class Workshop {
 public:
  Workshop(const std::string& directory, unsigned variant, test::Entries entries)
      : directory_(directory), seed_(variant + 1), batch_(std::to_string(10 + 3 * variant % 17)) {
    const auto old = test::corpus_dictionary(1, entries);
    test::write_file(path("old.dict"), std::string(old->bytes()));
    test::write_file(path("other.dict"), std::string(test::other_dictionary(3, entries)->bytes()));
    write_dictionary(path("changed.dict"), changed_contents(*old));
    test::write_file(path("corpus.jsonl"), corpus());
  }

  std::string path(const std::string& name) const { return (fs::path(directory_) / name).string(); }

  std::vector<std::string> index() const {
    return {"index", "{db}", "--dict", path("old.dict"), "--batch", batch_, "--threads", "1", path("corpus.jsonl")};
  }
  std::vector<std::string> embed() const { return {"embed", "{db}", "--dict", path("old.dict"), "--batch", batch_}; }
  std::vector<std::string> reindex(const std::string& dictionary) const {
    return {"reindex", "{db}", "--dict", path(dictionary), "--batch", batch_};
  }
  std::vector<std::string> activate() const { return {"generations", "{db}", "activate", "1", "--batch", batch_}; }
  std::vector<std::string> rollback() const { return {"generations", "{db}", "rollback", "--batch", batch_}; }
  std::vector<std::string> retire() const { return {"generations", "{db}", "retire", "0", "--batch", batch_}; }

  void run(const std::vector<std::string>& arguments) const {
    const Outcome outcome = run_vecterm(arguments, path("start"));
    if (outcome.code != 0) throw std::runtime_error(fmt::format("vecterm {}: {}", arguments[0], outcome.describe()));
  }

  /// Documents of a program that knows nothing of embeddings, new ones and in the place of others.
  void write_plainly(std::size_t documents, std::size_t step) const {
    Xapian::WritableDatabase database(path("start"), Xapian::DB_CREATE_OR_OPEN);
    for (std::size_t i = 0; i < documents; ++i) {
      const std::size_t number = i * step;
      Xapian::Document document;
      Xapian::TermGenerator generator;
      generator.set_document(document);
      generator.index_text(corpus_text(number, seed_ + 100));
      const std::string id = schema::id_term("d" + std::to_string(number));
      document.add_boolean_term(id);
      database.replace_document(id, document);
    }
    database.commit();
  }

  Generations generations() const {
    const auto first = embedder("old.dict", 0);
    return {{first, embedder("changed.dict", 0)}, {embedder("other.dict", 1)}};
  }

 private:
  static std::string corpus_text(std::size_t number, std::uint64_t seed) {
    return nlohmann::json::parse(test::corpus_line(number, seed)).at("text");
  }

  DocumentEmbedder embedder(const std::string& name, unsigned generation) const {
    auto dictionary = Dictionary::open(path(name));
    IndexRecord record = new_record(*dictionary);
    record.generation = generation;
    return {std::move(dictionary), std::move(record)};
  }

  // Some ids come twice.
  std::string corpus() const {
    std::string lines;
    for (std::size_t first = 0; first < kDocuments; first += kChunkDocuments)
      lines +=
          test::corpus_lines(first, first + kChunkDocuments, seed_) + std::string(kChunkLines - kChunkDocuments, '\n');
    return lines + test::corpus_lines(20, 30, seed_ + 50);
  }

  std::string directory_;
  std::uint64_t seed_;
  std::string batch_;
};

/// Makes the database as it is before, and says what is run then.
std::vector<std::string> prepare(std::string_view scenario, const Workshop& workshop) {
  if (scenario == "indexing") return workshop.index();
  if (scenario == "embedding") {
    workshop.write_plainly(kDocuments, 1);
    return workshop.embed();
  }
  if (scenario == "update" || scenario == "generation") {
    workshop.run(workshop.index());
    workshop.write_plainly(15, 9);
    return workshop.reindex(scenario == "update" ? "changed.dict" : "other.dict");
  }
  workshop.run(workshop.index());
  workshop.run(workshop.reindex("other.dict"));
  if (scenario != "activation") workshop.run(workshop.activate());
  if (scenario == "retirement") return workshop.retire();
  workshop.write_plainly(25, 5);
  return scenario == "activation" ? workshop.activate() : workshop.rollback();
}

std::map<std::string, std::uint64_t> read_counts(const std::string& path) {
  std::map<std::string, std::uint64_t> counts;
  std::ifstream file(path);
  std::string name;
  for (std::uint64_t count = 0; file >> name >> count;) counts[name] = count;
  if (counts.empty()) throw std::runtime_error(path + ": the interposer wrote no counts");
  return counts;
}

}  // namespace

Rehearsal rehearse(std::string_view scenario, unsigned variant, test::Entries entries, const std::string& directory) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  const Workshop workshop(directory, variant, entries);
  Rehearsal rehearsal{.scenario = std::string(scenario), .variant = variant, .start = workshop.path("start")};
  rehearsal.entries = entries;
  rehearsal.arguments = prepare(scenario, workshop);
  rehearsal.repeatable = scenario != "activation" && scenario != "rollback" && scenario != "retirement";
  rehearsal.generations = workshop.generations();
  const std::string database = workshop.path("whole");
  if (fs::exists(rehearsal.start)) fs::copy(rehearsal.start, database);
  const Orders orders{.acknowledged = workshop.path("acknowledged"), .counts = workshop.path("counts")};
  const Outcome outcome = run_vecterm(rehearsal.arguments, database, orders);
  if (outcome.code != 0) throw std::runtime_error(fmt::format("{}: {}", scenario, outcome.describe()));
  rehearsal.contents = contents_of(Xapian::Database(database));
  rehearsal.files = names_of(database);
  rehearsal.history = read_history(orders.acknowledged);
  rehearsal.counts = read_counts(orders.counts);
  return rehearsal;
}

std::set<std::string> names_of(const std::string& database) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(database)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(schema::kDictionaryFilePrefix)) continue;
    names.insert(name.ends_with(".rows") ? name.substr(0, name.rfind('-')) + ".rows" : name);
  }
  return names;
}

}  // namespace vecterm::faults
