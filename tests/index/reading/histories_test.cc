// SPDX-License-Identifier: GPL-2.0-or-later
// Random histories of writers beside readers, against a model of what readers may see. VECTERM_HISTORY_STEPS steps of
// the writer (300 where it is not set), VECTERM_HISTORY_SEED (1). Tests overtaken.cc and vector_table.cc, too.
#include <fcntl.h>
#include <stdio.h>  // renameat2

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "analyzers/vector_codec.h"
#include "index/index.h"
#include "index/store/index_files.h"
#include "plugin/term_generator.h"
#include "tests/support/generations.h"

namespace fs = std::filesystem;
using namespace vecterm;

namespace {

constexpr std::size_t kDocuments = 40;  // few enough for the first pass to leave none out
constexpr unsigned kReaders = 4;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// What was committed: the ids of a database's documents from a revision on, until the next one that is known.
/// Databases are told apart by a number in their metadata, as copies have the same uuid. Thread-safe.
class Model {
 public:
  using Ids = std::set<std::string>;

  /// To be told before the commit.
  void commits(const std::string& database, Xapian::rev revision, Ids ids) {
    const std::lock_guard lock(mutex_);
    states_[database][revision] = std::move(ids);
  }

  Ids ids(const std::string& database, Xapian::rev revision) const {
    const std::lock_guard lock(mutex_);
    const auto& states = states_.at(database);
    return std::prev(states.upper_bound(revision))->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<Xapian::rev, Ids>> states_;
};

/// One database that a writer changes at random.
class WrittenDatabase {
 public:
  WrittenDatabase(std::string path, Model& model, test::Random& random)
      : path_(std::move(path)), model_(model), random_(random) {}

  const std::string& path() const { return path_; }

  /// Gives the database a number of its own.
  void name(std::uint64_t number) {
    name_ = std::to_string(number);
    write([&](Xapian::WritableDatabase& database) { database.set_metadata("number", name_); });
  }

  /// Adds, changes or deletes some documents in one commit, as a program does that uses the plugin alone; now and then
  /// without embedding them.
  void change_documents() {
    write([&](Xapian::WritableDatabase& database) {
      const IndexRecord record = *IndexRecord::read(database);
      TermGenerator generator(
          std::make_shared<DocumentEmbedder>(find_dictionary(path_, record.dictionary, {}), record));
      for (std::size_t changes = 1 + random_.below(3); changes > 0; --changes) {
        const std::string id = "d" + std::to_string(random_.below(kDocuments));
        if (random_.below(3) == 0 && ids_.size() > kDocuments / 2) {
          database.delete_document(schema::id_term(id));
          ids_.erase(id);
          continue;
        }
        Xapian::Document document;
        generator.set_document(document);
        generator.index_text(test::random_words(random_, 5 + random_.below(20)));
        if (random_.below(8) != 0) generator.add_embedding();
        document.add_boolean_term(schema::id_term(id));
        document.set_data(nlohmann::json{{"id", id}}.dump());
        database.replace_document(schema::id_term(id), document);
        ids_.insert(id);
      }
    });
  }

  /// Follows another dictionary: of the same hash space, or of another one, which is activated.
  void change_dictionary() {
    const auto current = find_dictionary(path_, IndexRecord::read(Xapian::Database(path_))->dictionary, {});
    if (random_.below(3) != 0) {
      reindex(path_, test::moved_dictionary(*current, {random_.below(60), random_.below(60)}, random_.below(1000)),
              test::small_reindex_batches(7));
      return;
    }
    const unsigned before = list_generations(path_).front().number;
    const auto other = current->hash_space().has_centres() ? test::other_dictionary(random_.below(1000))
                                                           : test::corpus_dictionary(random_.below(1000));
    activate_generation(path_, reindex(path_, other, test::small_reindex_batches(15)).generation);
    retire_generation(path_, before, test::small_reindex_batches(15));
  }

  /// Another database, a copy that goes another way, takes its place.
  void replace(const std::string& aside, std::uint64_t number) {
    fs::remove_all(aside);
    fs::copy(path_, aside, fs::copy_options::recursive);
    WrittenDatabase other(aside, model_, random_);
    other.ids_ = ids_;
    other.name(number);
    other.change_documents();
    REQUIRE(::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) == 0);
    name_ = other.name_;
    ids_ = std::move(other.ids_);
  }

 private:
  template <class Change>
  void write(const Change& change) {
    Xapian::WritableDatabase database(path_, Xapian::DB_OPEN);
    if (ids_.empty())
      for (std::size_t i = 0; i < kDocuments; ++i) ids_.insert("d" + std::to_string(i));
    change(database);
    model_.commits(name_, database.get_revision() + 1, ids_);
    database.commit();
  }

  std::string path_;
  Model& model_;
  test::Random& random_;
  std::string name_;
  Model::Ids ids_;
};

using Neighbours = std::vector<std::pair<Xapian::docid, float>>;

/// The nearest documents of a database, by its value slot alone.
Neighbours nearest(const Xapian::Database& database, const IndexRecord& record, const UnitVector& unit, std::size_t k) {
  Neighbours found;
  UnitVector row(record.dimensions);
  for (auto value = database.valuestream_begin(record.slot()); value != database.valuestream_end(record.slot());
       ++value)
    if (decode_value(*value, record.generation, row)) found.emplace_back(value.get_docid(), dot(unit, row));
  std::ranges::sort(found, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  found.resize(std::min(k, found.size()));
  return found;
}

std::vector<Xapian::docid> best_by_words(const Xapian::Database& database, const Xapian::Query& words, std::size_t k) {
  Xapian::Enquire enquire(database);
  enquire.set_query(words);
  const Xapian::MSet matches = enquire.get_mset(0, static_cast<Xapian::doccount>(k));
  return {matches.begin(), matches.end()};
}

Model::Ids ids_of(const Xapian::Database& database) {
  Model::Ids ids;
  const std::string prefix = schema::id_term("");
  for (auto term = database.allterms_begin(prefix); term != database.allterms_end(prefix); ++term)
    ids.insert((*term).substr(prefix.size()));
  return ids;
}

/// A reader, which judges each of its answers by the revision that it was given of.
class Judge {
 public:
  Judge(Index index, const Model& model, std::uint64_t seed) : index_(std::move(index)), model_(model), random_(seed) {}

  /// One search. @returns what is wrong with the answer; empty where nothing is
  std::string search() {
    if (random_.below(4) == 0) index_.reopen();
    if (random_.below(8) == 0) index_.warm_up();
    TextQuery query;
    query.text = test::random_words(random_, 1 + random_.below(4));
    query.operators = false;
    query.mode = random_.below(2) == 0 ? SearchMode::kVector : SearchMode::kWords;
    query.plan = random_.below(2) == 0 ? Plan::kExact : Plan::kProbe;
    query.probes = 1000;  // all buckets
    query.exact_below = 0;
    query.k = 1 + random_.below(kDocuments);
    std::string complaint;
    index_.read([&] { complaint = judge(query); });
    return complaint;
  }

 private:
  std::string judge(const TextQuery& query) {
    const SearchRequest request = index_.request(query);
    const std::vector<Hit> hits = index_.searcher().search(request);
    const Xapian::Database& database = index_.database();
    if (ids_of(database) != model_.ids(database.get_metadata("number"), database.get_revision()))
      return "the documents are not those of the revision";
    if (query.mode == SearchMode::kWords) {
      std::vector<Xapian::docid> found;
      for (const Hit& hit : hits) found.push_back(hit.docid);
      return found == best_by_words(database, request.words, query.k) ? "" : "other documents by words";
    }
    Neighbours found;
    for (const Hit& hit : hits) found.emplace_back(hit.docid, static_cast<float>(hit.cosine));
    const auto expected = request.vector ? nearest(database, index_.record(), *request.vector, query.k) : Neighbours();
    return found == expected ? "" : "other documents by vectors";
  }

  Index index_;
  const Model& model_;
  test::Random random_;
};

/// Judges on several threads until it is destroyed.
class Judges {
 public:
  Judges(const std::vector<Index>& indexes, const Model& model, std::uint64_t seed) {
    for (unsigned i = 0; i < kReaders; ++i)
      threads_.emplace_back([this, &model, seed, i, index = indexes[i % indexes.size()].another_handle()](
                                const std::stop_token& stop) mutable {
        Judge judge(std::move(index), model, seed + i);
        while (!stop.stop_requested()) note(complaint_of(judge));
      });
  }

  std::uint64_t searches() const { return searches_; }
  std::vector<std::string> complaints() const {
    const std::lock_guard lock(mutex_);
    return complaints_;
  }

 private:
  static std::string complaint_of(Judge& judge) {
    try {
      return judge.search();
    } catch (const Xapian::Error& error) {
      return error.get_description();
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  void note(std::string complaint) {
    ++searches_;
    if (complaint.empty()) return;
    const std::lock_guard lock(mutex_);
    complaints_.push_back(std::move(complaint));
  }

  std::atomic<std::uint64_t> searches_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> complaints_;
  std::vector<std::jthread> threads_;
};

}  // namespace

TEST_CASE("whatever writers do, each answer is that of brute force on the revision that it is of") {
  const std::uint64_t seed = number_from_environment("VECTERM_HISTORY_SEED", 1);
  const std::uint64_t steps = number_from_environment("VECTERM_HISTORY_STEPS", 300);
  CAPTURE(seed);
  const test::IndexFixture fixture;
  test::Random random(seed);
  Model model;
  std::uint64_t numbers = 0;
  std::vector<WrittenDatabase> databases;
  for (const char* name : {"a", "b"}) {
    fixture.index(test::corpus_lines(0, kDocuments, random.below(1000)), name);
    databases.emplace_back(fixture.directory / name, model, random).name(numbers++);
  }
  const std::string stub = test::write_file(fixture.directory / "stub", "auto a\n");
  const IndexOptions caches{.postings_cache_bytes = 1 << 20, .filter_cache_bytes = 1 << 20};
  const Judges judges(
      {Index(stub, caches), Index(databases[0].path()), Index(stub), Index(databases[1].path(), caches)}, model, seed);
  for (std::uint64_t step = 0; step < steps; ++step) {
    WrittenDatabase& database = databases[random.below(2)];
    const std::uint64_t kind = random.below(20);
    if (kind == 0) database.replace(fixture.directory / "aside", numbers++);
    if (kind == 1) fs::rename(test::write_file(stub + ".new", random.below(2) == 0 ? "auto a\n" : "auto b\n"), stub);
    if (kind == 2) database.change_dictionary();
    if (kind > 2) database.change_documents();
    const std::uint64_t enough = judges.searches() + random.below(8);
    while (judges.searches() < enough) std::this_thread::yield();
  }
  MESSAGE(judges.searches() << " searches judged, " << steps << " steps of the writer");
  CHECK(judges.searches() >= steps);
  for (const std::string& complaint : judges.complaints()) FAIL_CHECK(complaint);
}
