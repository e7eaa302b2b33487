// SPDX-License-Identifier: GPL-2.0-or-later
// Stub files, and how every way to open an index reads them: collection.cc, database_directory.cc, too.
#include "index/store/stub_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>

#include "analyzers/errors.h"
#include "index/check.h"
#include "index/config.h"
#include "index/evaluation.h"
#include "index/generations.h"
#include "index/index.h"
#include "index/index_pool.h"
#include "index/indexer.h"
#include "index/reindex.h"
#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/tuner.h"
#include "plugin/ranking_profile.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace fs = std::filesystem;

namespace {

// An index "db", and a program "touch" that leaves a file "ran" where it is run.
class Fixture : public test::IndexFixture {
 public:
  Fixture() {
    index(test::corpus_lines(0, 40));
    test::write_file(directory / "touch", "#!/bin/sh\n: >\"" + ran() + "\"\n");
    ::chmod((directory / "touch").c_str(), 0755);
  }

  std::string ran() const { return directory / "ran"; }
  std::string stub(const std::string& text) const { return test::write_file(directory / "stub", text); }
  // A directory that is nothing but a stub.
  std::string stub_directory(const std::string& text) const {
    const std::string hidden = directory / "hidden";
    fs::create_directory(hidden);
    test::write_file(hidden + "/XAPIANDB", text);
    return hidden;
  }

  std::map<std::string, std::function<void(const std::string&)>> doors() const {
    return {{"Index", [](const std::string& at) { Index index(at); }},
            {"IndexPool", [](const std::string& at) { IndexPool pool(at); }},
            {"evaluate",
             [](const std::string& at) {
               evaluate_each(at, {{"1", "w1", {{"d1", 1}}}}, EvaluationOptions());
             }},
            {"check", [](const std::string& at) { check_index(at); }},
            {"repair", [](const std::string& at) { repair_index(at); }},
            {"tune", [](const std::string& at) { tune_index(at, TuneOptions()); }},
            {"profiles", [](const std::string& at) { store_profiles(at, {}, {}, {}); }},
            {"generations", [](const std::string& at) { list_generations(at); }},
            {"activate", [](const std::string& at) { activate_generation(at, 1); }},
            {"reindex", [this](const std::string& at) { reindex(at, dictionary); }},
            {"embed", [this](const std::string& at) { embed_index(at, dictionary, AnalyzerSettings(), {}); }},
            {"delete", [](const std::string& at) { delete_documents(at, {"d1"}); }},
            {"local_databases", [](const std::string& at) { local_databases(at); }}};
  }

  std::string path = directory / "db";
};

std::map<std::string, std::string> files_of(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(path))
    files[entry.path().filename().string()] = test::read_file(entry.path().string());
  return files;
}

}  // namespace

TEST_CASE("a stub file that names a program is refused at every door, and the program is not run") {
  const Fixture fixture;
  for (const std::string line : {"remote :touch", "remote :./touch --any argument", "auto db\nremote :touch"})
    for (const std::string& path : {fixture.stub(line), fixture.stub_directory("remote :../touch")})
      for (const auto& [name, open] : fixture.doors()) {
        CAPTURE(name);
        CAPTURE(line);
        CAPTURE(path);
        CHECK(test::is_thrown<DataError>([&] { open(path); }));
        CHECK_FALSE(fs::exists(fixture.ran()));
      }
  CHECK(test::message_of<DataError>([&] {
          Index index(fixture.stub("remote :touch"));
        }).ends_with("where you trust it, allow programs (--allow-programs)"));
}

TEST_CASE("a program is run where that is allowed, by its path from the stub file") {
  const Fixture fixture;
  for (const std::string& path : {fixture.stub("remote :touch"), fixture.stub_directory("remote :../touch")}) {
    CHECK_THROWS_AS(Index(path, {.allow_programs = true}), Xapian::NetworkError);  // it says nothing
    CHECK(fs::exists(fixture.ran()));
    fs::remove(fixture.ran());
  }
}

TEST_CASE("stub files that name themselves, each other or too many databases are refused") {
  const Fixture fixture;
  const auto refusal = [&](const std::string& path) { return test::message_of<DataError>([&] { Index index(path); }); };
  CHECK(refusal(fixture.stub("auto stub")).ends_with("at most 8 deep; does one name itself?"));
  CHECK(refusal(fixture.stub_directory("auto .")).ends_with("at most 8 deep; does one name itself?"));
  test::write_file(fixture.directory / "other", "auto stub\nauto stub\nauto stub\nauto stub\nauto stub\n");
  CHECK(refusal(fixture.stub("auto db\nauto other")).ends_with("at most 8 deep; does one name itself?"));
  std::string wide;
  for (int i = 0; i < 20; ++i) wide += "auto level1\n";
  const std::string stub = fixture.stub(wide);
  for (int level = 1; level < 7; ++level) {
    std::string next;
    for (int i = 0; i < 20; ++i) next += "auto level" + std::to_string(level + 1) + "\n";
    test::write_file(fixture.directory / ("level" + std::to_string(level)), next);
  }
  test::write_file(fixture.directory / "level7", "# none\n");
  CHECK(refusal(stub).ends_with("at most 1000 databases and stub files may be named"));
  std::string many;
  for (std::size_t i = 0; i <= kMaxStubDatabases; ++i) many += "auto db\n";
  CHECK(refusal(fixture.stub(many)).ends_with("at most 1000 databases and stub files may be named"));
}

TEST_CASE("stub files in stub files, in other directories too, are one list of databases") {
  const Fixture fixture;
  fs::create_directories(fixture.directory / "sub/deeper");
  test::write_file(fixture.directory / "sub/deeper/inner", "# both\n\nglass ../../db\nauto ../../copy\n");
  fs::copy(fixture.path, fixture.directory / "copy", fs::copy_options::recursive);
  const std::string stub = fixture.stub("auto sub/deeper/inner\nauto " + fixture.path + "\n");
  const auto databases = databases_of(stub);
  REQUIRE(databases.size() == 3);
  CHECK(fs::equivalent(databases[0].name, fixture.path));
  CHECK(fs::equivalent(databases[1].name, fixture.directory / "copy"));
  CHECK(databases[2].name == fixture.path);
  CHECK(open_collection(stub).database.get_doccount() == 120);
  CHECK(open_collection(stub).directories.size() == 3);
}

TEST_CASE("servers in stub files are told from their ports, and other lines are refused with their number") {
  const Fixture fixture;
  const auto databases = databases_of(fixture.stub("remote example.org:80\nremote [::1]:7000\ninmemory\n"));
  REQUIRE(databases.size() == 3);
  CHECK(databases[0].name == "example.org");
  CHECK(databases[0].port == 80);
  CHECK(databases[1].name == "::1");
  CHECK(databases[1].port == 7000);
  CHECK(databases[2].kind == StubDatabase::Kind::kInMemory);
  const auto refusal = [&](const std::string& text) {
    return test::message_of<DataError>([&] { databases_of(fixture.stub(text)); });
  };
  for (const std::string line : {"remote", "remote host", "remote host:", "remote host:99999", "remote host:-1"})
    CHECK(refusal("auto db\n" + line).find("line 2: a line must be") != std::string::npos);
  CHECK(refusal("auto db\nflint x\xc2\x9b\n").ends_with("; was \"flint x \""));
  CHECK(refusal("some text").ends_with("is a file, neither a database directory nor a stub file of databases"));
}

TEST_CASE("a directory with a database is that database, whatever stub lies in it") {
  const Fixture fixture;
  test::write_file(fixture.path + "/XAPIANDB", "remote :../touch");
  CHECK(open_collection(fixture.path).database.get_doccount() == 40);
  CHECK(Index(fixture.path).database().get_doccount() == 40);
  CHECK(open_for_writing(fixture.path, 0).get_doccount() == 40);
  CHECK_FALSE(fs::exists(fixture.ran()));
}

TEST_CASE("a database in a single file is opened, and no stub in it is looked for") {
  const Fixture fixture;
  const std::string file = fixture.directory / "single";
  Xapian::Database(fixture.path).compact(file, Xapian::DBCOMPACT_SINGLE_FILE);
  CHECK_FALSE(stub_at(file));
  CHECK(open_collection(file).database.get_doccount() == 40);
  CHECK(databases_of(fixture.stub("auto single\n")).front().kind == StubDatabase::Kind::kFile);
  CHECK(open_collection(fixture.stub("auto single\n")).database.get_doccount() == 40);
}

TEST_CASE("tables without a version file are never overwritten, nor anything else that may be data") {
  const Fixture fixture;
  const std::string copy = fixture.directory / "copy";
  for (const std::string left_out : {"iamglass", "iamglass postlist.glass", "iamglass docdata.glass flintlock"}) {
    fs::remove_all(copy);
    fs::copy(fixture.path, copy, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(fixture.path))
      if (left_out.find(entry.path().filename().string()) != std::string::npos)
        fs::remove(fs::path(copy) / entry.path().filename());
    const auto before = files_of(copy);
    CAPTURE(left_out);
    CHECK(test::message_of<DataError>([&] { open_for_writing(copy, 0); }).find("without its version file, iamglass") !=
          std::string::npos);
    CHECK(test::is_thrown<DataError>([&] { delete_documents(copy, {"d1"}); }));
    CHECK(test::is_thrown<DataError>([&] { check_index(copy); }));
    CHECK(files_of(copy) == before);
  }
  for (const std::string alone : {"vecterm-0123.dict", "vecterm-0123-1.rows", "notes.txt", "XAPIANDB"}) {
    const std::string path = fixture.directory / ("with " + alone);
    fs::create_directory(path);
    test::write_file(path + "/" + alone, "x");
    CHECK(test::is_thrown<DataError>([&] { open_for_writing(path, 0); }));
    CHECK(test::read_file(path + "/" + alone) == "x");
  }
}

TEST_CASE("what a process left that was killed while it made a database is begun again") {
  const Fixture fixture;
  const std::string path = fixture.directory / "begun";
  for (const bool locked : {true, false}) {
    fs::remove_all(path);
    fs::create_directory(path);
    if (locked) test::write_file(path + "/flintlock", "");
    for (const char* table : {"postlist.glass", "termlist.glass", "docdata.glass"})
      test::write_file(path + "/" + table, "");
    CHECK(database_state(path) == DatabaseState::kUnfinished);
    CHECK_THROWS_AS(open_directory(path), NotFound);
    CHECK(open_for_writing(path, 0).get_doccount() == 0);
    CHECK(database_state(path) == DatabaseState::kThere);
  }
}
