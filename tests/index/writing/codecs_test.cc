// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold for an index whatever codec its vectors have.
#include <cmath>
#include <filesystem>

#include "index/check.h"
#include "tests/support/generations.h"
#include "tests/support/sidecar.h"

using namespace vecterm;
using Fixture = test::SidecarFixture;

namespace {

constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};
constexpr std::size_t kDocuments = 300;
constexpr std::size_t kWide = 72;  ///< dimensions of a dictionary whose sign bits tell documents apart

/// An index of wide vectors.
class WideFixture : public Fixture {
 public:
  WideFixture(std::size_t documents, VectorCodec codec) : Fixture(0, codec) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < test::kVocabulary; ++i) words.push_back("w" + std::to_string(i));
    dictionary = test::small_dictionary(std::move(words), test::small_hyperplanes(kWide));
    path = directory / "wide";
    index(test::corpus_lines(0, documents), "wide");
  }

  /// The same documents dealt out to three databases, where they have the same docids.
  std::string shards(std::size_t documents) const {
    std::string entries;
    for (std::size_t shard = 0; shard < 3; ++shard) {
      std::string lines;
      for (std::size_t i = shard; i < documents; i += 3) lines += test::corpus_line(i);
      const std::string name = "shard" + std::to_string(shard);
      index(lines, name);
      entries += "auto " + name + "\n";
    }
    return test::write_file(directory / "stub", entries);
  }
};

std::vector<TextHit> search(const std::string& path, Plan plan, const std::string& text, const std::string& like = "") {
  Index index(path);
  TextQuery query;
  query.text = text;
  query.like = like;
  query.mode = SearchMode::kVector;
  query.plan = plan;
  query.probes = 1000;  // more than there are buckets
  query.explain = true;
  return index.search(query);
}

void check_same(const std::vector<TextHit>& a, const std::vector<TextHit>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].id == b[i].id);
    CHECK(a[i].hit.cosine == b[i].hit.cosine);
  }
}

double sum_of(const std::vector<WordShare>& shares) {
  double sum = 0;
  for (const WordShare& share : shares) sum += share.share;
  return sum;
}

}  // namespace

TEST_CASE("with every codec, a sidecar takes a first row, the slot's where that is another, and a docid a document") {
  for (const VectorCodec codec : kCodecs) {
    CAPTURE(codec_name(codec));
    const WideFixture fixture(kDocuments, codec);
    Index index(fixture.path);
    const auto table = VectorTable::open(fixture.path, index.database(), index.searcher().builder().embedder());
    REQUIRE(table);
    const std::size_t first = codec == VectorCodec::kSignBits ? 16 : 128;
    const std::size_t kept = codec == VectorCodec::kSignBits ? 0 : row_bytes(codec, kWide);
    CHECK(table->bytes() == 192 + table->size() * (first + kept + 4));
  }
}

TEST_CASE("with every codec, hits are the same of all plans, from one database or shards, from sidecar or slot") {
  constexpr std::size_t kMany = 900;  // more than are compared exactly
  for (const VectorCodec codec : kCodecs) {
    CAPTURE(codec_name(codec));
    const WideFixture fixture(kMany, codec);
    const std::string stub = fixture.shards(kMany);
    for (const char* text : {"w1 w2", "w17", "w30 w31 w59 w2"}) {
      const auto probed = search(fixture.path, Plan::kProbe, text);
      const auto exact = search(fixture.path, Plan::kExact, text);
      check_same(search(fixture.path, Plan::kPlainTerms, text), exact);
      check_same(probed, exact);
      check_same(search(stub, Plan::kProbe, text), exact);
    }
    const auto like = search(fixture.path, Plan::kProbe, "", "d5");
    const auto probed = search(fixture.path, Plan::kProbe, "w1 w2");
    std::filesystem::remove(fixture.sidecar("wide"));
    check_same(search(fixture.path, Plan::kProbe, "w1 w2"), probed);
    check_same(search(fixture.path, Plan::kProbe, "", "d5"), like);
    for (const TextHit& hit : like) CHECK(hit.id != "d5");
  }
}

TEST_CASE("with every codec, what the words explain and what rounding took sum to the cosine") {
  for (const VectorCodec codec : kCodecs) {
    CAPTURE(codec_name(codec));
    const WideFixture fixture(kDocuments, codec);
    const auto hits = search(fixture.path, Plan::kProbe, "w1 w2 w3");
    REQUIRE(!hits.empty());
    double largest = 0;
    for (const TextHit& hit : hits) {
      REQUIRE(hit.explanation);
      CHECK(sum_of(hit.explanation->document) + hit.explanation->document_rounding ==
            doctest::Approx(hit.hit.cosine).epsilon(1e-6));
      largest = std::max(largest, std::fabs(hit.explanation->document_rounding));
    }
    CHECK((largest > 0.05) == (codec == VectorCodec::kSignBits));
  }
}

TEST_CASE("with every codec, updates and generations give bit for bit what indexing anew gives, and are sound") {
  for (const VectorCodec codec : kCodecs) {
    CAPTURE(codec_name(codec));
    const Fixture fixture(kDocuments, codec);
    const auto anew = [&](const std::shared_ptr<const Dictionary>& dictionary, const std::string& name) {
      index_corpora(fixture.directory / name, dictionary, {fixture.directory / "corpus.jsonl"}, fixture.settings);
      return fixture.directory / name;
    };
    const auto check_clean = [&] {
      const CheckReport report = check_index(fixture.path);
      CHECK(report.findings.empty());
    };
    check_clean();

    const auto moved = test::moved_dictionary(*fixture.dictionary, {1, 2, 30});
    CHECK(reindex(fixture.path, moved).edited > 0);
    const std::string updated = anew(moved, "updated");
    CHECK(test::stored_documents(fixture.path) == test::stored_documents(updated));
    CHECK(test::stored_postings(fixture.path) == test::stored_postings(updated));
    check_clean();

    const auto other = test::other_dictionary();
    reindex(fixture.path, other);
    activate_generation(fixture.path, 1);
    check_clean();
    check_same(search(fixture.path, Plan::kProbe, "w1 w2"), search(anew(other, "other"), Plan::kProbe, "w1 w2"));
    rollback_generation(fixture.path);
    retire_generation(fixture.path, 1);
    CHECK(test::stored_documents(fixture.path) == test::stored_documents(updated));
    check_clean();
  }
}
