// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/labelled_texts.h"

#include "analyzers/errors.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

class Fixture {
 public:
  Fixture()
      : labels(read_labels(test::write_file(directory / "labels", "film\tmovies\nmusic\ttunes\nfilm\tcinema\n"))) {
    labels.add("two words", "x");
  }

  std::vector<LabelledText> read(const std::string& content, const LabelledTextFormat& format = {}) const {
    return read_labelled_texts(test::write_file(directory / "texts", content), labels, format);
  }

  std::string failure(const std::string& content, const LabelledTextFormat& format = {}) const {
    return test::message_of<DataError>([&] { read(content, format); });
  }

  std::string labels_failure(const std::string& content) const {
    const std::string path = test::write_file(directory / "bad", content);
    return test::message_of<DataError>([&] { read_labels(path); });
  }

  test::TemporaryDirectory directory;
  LabelSet labels;
};

}  // namespace

TEST_CASE("labels are numbered as they come first, and may have several descriptions") {
  const Fixture fixture;
  CHECK(fixture.labels.names == std::vector<std::string>{"film", "music", "two words"});
  REQUIRE(fixture.labels.descriptions.size() == 4);
  CHECK(fixture.labels.descriptions[2].label == 0);
  CHECK(fixture.labels.descriptions[2].text == "cinema");
}

TEST_CASE("a text may have several labels, given by columns or in fastText's way") {
  const Fixture fixture;
  const auto texts = fixture.read(
      "watch\tmusic film music\n\nlisten\tmusic\ttrain\n__label__film __label__music see and hear\n__label__film\n");
  REQUIRE(texts.size() == 4);
  CHECK(texts[0].text == "watch");
  CHECK(texts[0].labels == std::vector<std::uint32_t>{0, 1});
  CHECK(texts[1].labels == std::vector<std::uint32_t>{1});
  CHECK(texts[2].text == "see and hear");
  CHECK(texts[2].labels == std::vector<std::uint32_t>{0, 1});
  CHECK(texts[3].text.empty());
}

TEST_CASE("a single label may hold spaces, and one split may be taken") {
  const Fixture fixture;
  const auto texts = fixture.read("a\ttwo words\ttest\nb\tfilm\ttrain\n", {true, "test"});
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].labels == std::vector<std::uint32_t>{2});
}

TEST_CASE("lines of labelled texts that do not fit are refused by file and line") {
  const Fixture fixture;
  const std::string where = fixture.directory / "texts" + ", line 2: ";
  CHECK(fixture.failure("a\tfilm\nb\tgames\n") == where + "\"games\" is none of the 3 labels");
  CHECK(fixture.failure("a\tfilm\n__label__games b\n") == where + "\"games\" is none of the 3 labels");
  CHECK(fixture.failure("a\tfilm\nb\ttwo words\n") == where + "\"two\" is none of the 3 labels");
  CHECK(fixture.failure("a\tfilm\nb\t\n") == where + "the text has no label");
  CHECK(fixture.failure("a\tfilm\nalone\n") ==
        where + "2 columns (text, labels) or 3 (then the split) are needed; has 1");
  CHECK(fixture.failure("a\tfilm\ttest\nb\tfilm\n", {false, "test"}) ==
        where + "there is no third column with the split");
  CHECK(fixture.failure("a\tfilm\ttest\n__label__film b\n", {false, "test"}) ==
        where + "lines of fastText have no column for the split");
  CHECK(fixture.failure("a\tfilm\ttrain\n", {false, "test"}) ==
        fixture.directory / "texts" + ": there is no labelled text of the split \"test\"");
  CHECK(fixture.failure("\n") == fixture.directory / "texts" + ": there is no labelled text");
}

TEST_CASE("lines of labels that do not fit are refused by file and line") {
  const Fixture fixture;
  const std::string where = fixture.directory / "bad" + ", line 1: ";
  CHECK(fixture.labels_failure("film\n") == where + "2 columns (label, text that describes it) are needed; has 1");
  CHECK(fixture.labels_failure("a\tb\tc\n") == where + "2 columns (label, text that describes it) are needed; has 3");
  CHECK(fixture.labels_failure("\tmovies\n") == where + "the label has no name");
  CHECK(fixture.labels_failure("") == fixture.directory / "bad" + ": there is no label");
}
