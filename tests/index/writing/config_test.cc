// SPDX-License-Identifier: GPL-2.0-or-later
// Tests analyzer_settings.cc, document_fields.cc, too.
#include "index/config.h"

#include "analyzers/errors.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

AnalyzerSettings read(const std::string& text) {
  const test::TemporaryDirectory directory;
  return read_config(test::write_file(directory / "analyzer.toml", text)).settings;
}

std::string refusal(const std::string& text) {
  return test::message_of<InvalidArgument>([&] { read(text); });
}

bool has(const std::string& message, const std::string& part) {
  CAPTURE(message);
  CAPTURE(part);
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an empty configuration gives the defaults") { CHECK(read("") == AnalyzerSettings()); }

TEST_CASE("every key of the documented example is read") {
  const AnalyzerSettings settings = read(R"(
stemmer = "de"
stop_words = ["der", "die"]
prefix = "XVEC"
slot = 77
codec = "int8"
fields = ["title:2", "text", "queries"]
[metadata.section]
prefix = "XSECTION"
slot = 1
type = "string"
[metadata.size]
slot = 2
type = "number"
[metadata."tags of it"]
prefix = "XTAG"
)");
  CHECK(settings.stemmer == "de");
  CHECK(settings.stop_words == std::vector<std::string>{"der", "die"});
  CHECK(settings.token_prefix == "XVEC");
  CHECK(settings.slot == 77);
  CHECK(settings.codec == VectorCodec::kInt8);
  CHECK(settings.fields == DocumentFields{{"title", 2}, {"text"}, {"queries"}});
  CHECK(settings.metadata == std::vector<MetadataField>{{"section", "XSECTION", 1, false},
                                                        {"size", "", 2, true},
                                                        {"tags of it", "XTAG", std::nullopt, false}});
}

TEST_CASE("stop words come from a file beside the configuration") {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "stop.txt", "the\n\na\r\n");
  const auto path = test::write_file(directory / "analyzer.toml", "stop_words = \"stop.txt\"\n");
  CHECK(read_config(path).settings.stop_words == std::vector<std::string>{"the", "a"});
  test::write_file(path, "stop_words = \"missing.txt\"\n");
  CHECK(has(test::message_of<DataError>([&] { read_config(path); }), "missing.txt"));
}

TEST_CASE("an unknown key is refused with its name and line") {
  CHECK(has(refusal("slot = 5\nstemer = \"en\"\n"), "analyzer.toml, line 2: unknown key 'stemer'"));
  CHECK(has(refusal("[metadata.size]\nslot = 2\n\nprefx = \"XA\"\n"), "line 4: unknown key 'metadata.size.prefx'"));
  CHECK(has(refusal("[metdata.size]\nslot = 2\n"), "line 1: unknown key 'metdata'"));
}

TEST_CASE("values of a wrong type are refused with what was wanted and met") {
  CHECK(has(refusal("stemmer = 3\n"), "line 1: stemmer must be a string; was a whole number"));
  CHECK(has(refusal("slot = \"1001\"\n"), "slot must be a whole number; was a string"));
  CHECK(has(refusal("slot = 1.5\n"), "slot must be a whole number"));
  CHECK(has(refusal("stop_words = 1\n"), "stop_words must be an array of strings or the name of a file"));
  CHECK(has(refusal("stop_words = [\"a\", 2]\n"), "stop_words (each) must be a string"));
  CHECK(has(refusal("fields = \"title\"\n"), "fields must be an array of strings; was a string"));
  CHECK(has(refusal("fields = [\"title\", 2]\n"), "line 1: fields (each) must be a string; was a whole number"));
  CHECK(has(refusal("metadata = 1\n"), "metadata must be a table"));
  CHECK(has(refusal("[metadata]\nsize = true\n"), "line 2: metadata.size must be a table; was a boolean"));
}

TEST_CASE("values out of range are refused with the bound and the value") {
  CHECK(has(refusal("slot = -1\n"), "slot must be in [0, 4294967294]; was -1"));
  CHECK(has(refusal("slot = 4294967295\n"), "was 4294967295"));
  CHECK(has(refusal("codec = \"float8\"\n"), "float8"));
  CHECK(has(refusal("stemmer = \"klingon\"\n"), "klingon"));
  CHECK(has(refusal("prefix = \"lsh\"\n"), "lsh"));
  CHECK(has(refusal("\nfields = [\"title:0\"]\n"),
            "line 2: fields: the weight of \"title\" must be a whole number in [1, 1000]; was \"0\""));
  CHECK(has(refusal("fields = [\"title\", \"title:2\"]\n"), "fields: \"title\" is there twice"));
  CHECK(has(refusal("fields = []\n"), "fields: there must be at least one"));
  CHECK(has(refusal("[metadata.a]\nprefix = \"XA\"\ntype = \"date\"\n"),
            "metadata.a.type must be \"string\" or \"number\"; was \"date\""));
  CHECK(has(refusal("[metadata.a]\nslot = 1001\n"), "1001"));
  CHECK(has(refusal("[metadata.a]\nslot = 1\n[metadata.b]\nslot = 1\n"), "slot 1 is used twice"));
}

TEST_CASE("ranking profiles are read, and checked as they are compiled") {
  const test::TemporaryDirectory directory;
  const RankingProfiles profiles = read_config(test::write_file(directory / "ranking.toml", R"toml(
[profiles.recent]
first_phase = "bm25/saturation + share*cosine"
second_phase = "rrf(60) + fresh*value(2)"
window = 200
parameters = {share = 0.25, fresh = 1}
[profiles.plain]
second_phase = "bm25"
)toml"))
                                       .profiles;
  CHECK(profiles == RankingProfiles{{"recent",
                                     {.first_phase = "bm25/saturation + share*cosine",
                                      .second_phase = "rrf(60) + fresh*value(2)",
                                      .window = 200,
                                      .parameters = {{"share", 0.25}, {"fresh", 1}}}},
                                    {"plain", {.first_phase = {}, .second_phase = "bm25", .parameters = {}}}});
  CHECK(has(refusal("[profiles.a]\nsecond_phase = \"cosin\"\n"), "line 1: profiles.a: second_phase: "));
  CHECK(has(refusal("\n[profiles.a]\nwindow = 5\n"), "line 2: profiles.a: a ranking profile must have"));
  CHECK(has(refusal("[profiles.a]\nsecond_phase = \"bm25\"\nwindow = 0\n"), "window must be in [1, 100000]; was 0"));
}

TEST_CASE("ranking profiles of wrong types are refused with the line") {
  CHECK(has(refusal("profiles = 1\n"), "line 1: profiles must be a table; was a whole number"));
  CHECK(has(refusal("[profiles]\na = \"bm25\"\n"), "line 2: profiles.a must be a table; was a string"));
  CHECK(has(refusal("[profiles.a]\nfirst_phase = 1\n"),
            "line 2: profiles.a.first_phase must be a string; was a whole number"));
  CHECK(has(refusal("[profiles.a]\nsecond_phase = [\"bm25\"]\n"),
            "line 2: profiles.a.second_phase must be a string; was an array"));
  CHECK(has(refusal("[profiles.a]\nwindow = 1.5\n"),
            "line 2: profiles.a.window must be a whole number; was a number with a fraction"));
  CHECK(has(refusal("[profiles.a]\nwindow = -1\n"), "line 2: profiles.a.window must be at least 0; was -1"));
  CHECK(has(refusal("[profiles.a]\nparameters = 1\n"), "line 2: profiles.a.parameters must be a table"));
  CHECK(has(refusal("[profiles.a]\nparameters = {share = \"much\"}\n"),
            "line 2: profiles.a.parameters.share must be a number; was a string"));
  CHECK(has(refusal("[profiles.a]\nparameters = {share = true}\n"),
            "line 2: profiles.a.parameters.share must be a number; was a boolean"));
  CHECK(has(refusal("[profiles.a]\nsecond = \"bm25\"\n"), "line 2: unknown key 'profiles.a.second'"));
}

TEST_CASE("what is no TOML or cannot be read is a data error with the line") {
  CHECK(has(test::message_of<DataError>([] { read("slot = 5\nslot = = 6\n"); }), "analyzer.toml, line 2"));
  CHECK(has(test::message_of<DataError>([] { read("slot = 5\nslot = 6\n"); }), "line 2"));
  CHECK_THROWS_AS(read_config("/nonexistent/analyzer.toml"), NotFound);
}

TEST_CASE("tables, arrays and keys that are nested without end are refused with the line") {
  const auto refused = [](const std::string& text) {
    return has(test::message_of<DataError>([&] { read(text); }), "line 2: arrays, tables and the parts of a key must");
  };
  const std::size_t kMany = 200000;
  std::string parts = "a";
  for (std::size_t i = 0; i < kMany; ++i) parts += ".a";
  CHECK(refused("\n[" + parts + "]\n"));
  CHECK(refused("\n" + parts + " = 1\n"));
  CHECK(refused("\n[b]" + parts + " = 1\n"));
  CHECK(refused("\na = " + std::string(kMany, '[')));
  std::string tables;
  for (std::size_t i = 0; i < kMany; ++i) tables += "{a.a = ";
  CHECK(refused("\na = " + tables));
}

TEST_CASE("dots and brackets in strings, comments and numbers are no nesting") {
  const std::string many = std::string(20, '.') + std::string(20, '[');
  const std::string text = "# " + many + "\nstop_words = [\"" + many + "\\\"" + many + "\", '" + many + "',\n\"\"\"\n" +
                           many + "\"" + many + "\"\"\"]\n[profiles.a]\nsecond_phase = '" + many + "'";
  CHECK(has(refusal(text), "expression: "));
  std::string numbers = "[profiles.a]\nsecond_phase = \"p1\"\nparameters = {p1 = 0.5";
  for (int i = 2; i < 40; ++i) numbers += ", p" + std::to_string(i) + " = 1.5";
  CHECK(read(numbers + "}\n") == AnalyzerSettings());
}
