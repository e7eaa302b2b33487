// SPDX-License-Identifier: GPL-2.0-or-later
// What other programs may have put into an index: terms, values and data of its documents, and the sidecar beside it.
#include <algorithm>
#include <filesystem>
#include <map>

#include "analyzers/base/checksum.h"
#include "index/index.h"
#include "index/reading/table_vector_reader.h"
#include "index/store/document_data.h"
#include "index/store/vector_table.h"
#include "plugin/explanation.h"
#include "plugin/searcher.h"
#include "plugin/snippet.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/index.h"
#include "tests/support/sidecar.h"

using namespace vecterm;
using fuzz::require;

namespace {

constexpr VectorCodec kCodecs[] = {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8,
                                   VectorCodec::kSignBits};

std::shared_ptr<const DocumentEmbedder> embedder_with(VectorCodec codec) {
  AnalyzerSettings settings;
  settings.codec = codec;
  return test::embedder_of(test::small_dictionary({"apple", "pear", "river"}), settings);
}

// A document: data, terms with a byte for their wdf, values with a byte for their slot.
Xapian::Document document_of(fuzz::Input& input) {
  Xapian::Document document;
  document.set_data(std::string(input.part()));
  const std::size_t terms = input.byte() % 16;
  for (std::size_t i = 0; i < terms; ++i) {
    const Xapian::termcount wdf = input.byte();
    const std::string term(input.part().substr(0, schema::kMaxTermBytes));
    if (term.empty()) continue;
    document.add_term(term, wdf);
    if (wdf % 2 == 1) document.add_posting(term, 1 + wdf % 5);
  }
  const std::size_t values = input.byte() % 4;
  for (std::size_t i = 0; i < values; ++i) {
    const Xapian::valueno slot = schema::kVectorSlot + input.byte() % 3;
    document.add_value(slot, std::string(input.part()));
  }
  return document;
}

void search(const Xapian::Database& database, const std::shared_ptr<const QueryBuilder>& builder,
            const UnitVector& unit) {
  Searcher searcher(database, builder);
  for (const Plan plan : {Plan::kExact, Plan::kProbe, Plan::kPlainTerms}) {
    SearchRequest request;
    request.words = builder->words("apple pear");
    request.vector = unit;
    request.plan = plan;
    request.features = true;
    for (const Hit& hit : searcher.search(request)) require(hit.docid != 0 && std::isfinite(hit.score));
  }
}

// Two sound documents on disk, for a database in memory has no lists to probe; and a foreign one, another each time.
struct Neighbours {
  explicit Neighbours(VectorCodec codec)
      : embedder(embedder_with(codec)),
        builder(std::make_shared<const QueryBuilder>(embedder)),
        path(directory / "db"),
        database(path, Xapian::DB_CREATE | Xapian::DB_NO_SYNC | Xapian::DB_DANGEROUS) {
    const Xapian::WritableDatabase sound = test::index_of({"apple pear", "the river"}, embedder);
    for (const Xapian::docid docid : {1U, 2U}) database.add_document(sound.get_document(docid));
    embedder->record().write(database);
  }

  static constexpr Xapian::docid kForeign = 3;
  test::TemporaryDirectory directory;
  std::shared_ptr<const DocumentEmbedder> embedder;
  std::shared_ptr<const QueryBuilder> builder;
  std::string path;
  Xapian::WritableDatabase database;
};

Neighbours& neighbours_of(std::size_t number) {
  static std::map<std::size_t, std::unique_ptr<Neighbours>> all;
  auto& made = all[number % std::size(kCodecs)];
  if (!made) made = std::make_unique<Neighbours>(kCodecs[number % std::size(kCodecs)]);
  return *made;
}

void read(const Neighbours& world, const Xapian::Document& foreign, const UnitVector& unit) {
  document_id(foreign, Neighbours::kForeign);
  document_title(foreign);
  text_of(foreign);
  removal_of_embedding(world.embedder->record(), foreign);
  world.embedder->change(foreign);
  try {
    explain_cosine(*world.embedder, {{{.terms = world.builder->terms("apple")}}, unit}, foreign);
    world.builder->vector(foreign);
  } catch (const Damaged&) {
  }
}

void feed_documents(std::string_view bytes) {
  fuzz::Input input(bytes);
  Neighbours& world = neighbours_of(input.byte());
  world.database.replace_document(Neighbours::kForeign, document_of(input));
  world.database.commit();
  const Xapian::Database database(world.path);
  const UnitVector unit = *world.builder->vector("apple pear");
  const Xapian::Document foreign = database.get_document(Neighbours::kForeign);
  read(world, foreign, unit);
  world.builder->similar_words(database, foreign);
  search(database, world.builder, unit);
  VectorTable::read(database, *world.embedder);
}

std::vector<std::string> documents_seeds() {
  std::vector<std::string> seeds;
  for (std::size_t codec = 0; codec < std::size(kCodecs); ++codec) {
    const Xapian::Document document =
        test::index_of({"apple pear pear"}, embedder_with(kCodecs[codec])).get_document(1);
    std::string seed(1, static_cast<char>(codec));
    seed += fuzz::part_of(R"({"id":"d1","title":"Apple"})");
    std::string terms;
    char count = 0;
    for (auto term = document.termlist_begin(); term != document.termlist_end() && count < 12; ++term, ++count)
      terms += static_cast<char>(term.get_wdf()) + fuzz::part_of(*term);
    seed += count + terms;
    seed += std::string(1, '\1') + '\0' + fuzz::part_of(document.get_value(schema::kVectorSlot));
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

const fuzz::Registered kDocuments("documents", feed_documents, documents_seeds);

constexpr std::size_t kIdentityBytes = 120;
constexpr std::size_t kBodyAt = 192;

// An index with a sidecar.
struct Sidecar {
  explicit Sidecar(VectorCodec codec)
      : fixture(11, codec), index(fixture.path), path(fixture.sidecar()), content(test::read_file(path)) {}

  std::string body() const { return content.substr(kBodyAt); }
  const DocumentEmbedder& embedder() { return index.searcher().builder().embedder(); }
  const Xapian::Database& database() const { return index.database(); }

  // Opens a sidecar with another body, whose checksum is right.
  std::shared_ptr<const VectorTable> open(std::string_view body) {
    std::string file = content.substr(0, kIdentityBytes);
    const Checksum sum = checksum(body);
    file.append(sum.data(), sum.size());
    file.resize(kBodyAt);
    std::filesystem::remove(path);
    test::write_file(path, file.append(body));
    return VectorTable::open(fixture.path, index.database(), embedder());
  }

  test::SidecarFixture fixture;
  Index index;
  std::string path;
  std::string content;
};

Sidecar& sidecar_of(std::size_t number) {
  static std::map<std::size_t, std::unique_ptr<Sidecar>> all;
  auto& made = all[number % std::size(kCodecs)];
  if (!made) made = std::make_unique<Sidecar>(kCodecs[number % std::size(kCodecs)]);
  return *made;
}

// A byte for the codec, and the sidecar's content behind its header.
void feed_sidecar(std::string_view bytes) {
  fuzz::Input input(bytes);
  Sidecar& sidecar = sidecar_of(input.byte());
  const auto table = sidecar.open(input.rest());
  if (!table) return;
  TableVectorReader reader(sidecar.database(), sidecar.embedder(), [&](std::size_t) {
    return KeptRows{table, nullptr};
  });
  const UnitVector unit = test::Random(1).unit(sidecar.embedder().record().dimensions);
  std::vector<Xapian::docid> docids(table->docids().begin(), table->docids().end());
  docids.push_back(1000);
  std::vector<float> cosines(docids.size());
  reader.cosines(docids, unit, cosines);
  std::vector<std::int32_t> scores(docids.size());
  reader.first_pass(first_pass_of(sidecar.embedder()).query(unit), docids, scores);
  reader.scan(unit, [](Xapian::docid, float cosine) { require(std::isfinite(cosine)); });
}

std::vector<std::string> sidecar_seeds() {
  std::vector<std::string> seeds;
  for (std::size_t i = 0; i < std::size(kCodecs); ++i) seeds.push_back(static_cast<char>(i) + sidecar_of(i).body());
  return seeds;
}

const fuzz::Registered kSidecar("sidecar", feed_sidecar, sidecar_seeds);

}  // namespace
