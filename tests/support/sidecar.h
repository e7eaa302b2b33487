// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "index/index.h"
#include "index/store/vector_table.h"
#include "tests/support/corpus.h"

/// Small indexes with their vector sidecars.
namespace vecterm::test {

class SidecarFixture : public IndexFixture {
 public:
  explicit SidecarFixture(std::size_t documents = 40, VectorCodec codec = VectorCodec::kFloat16) {
    settings.codec = codec;
    index(corpus_lines(0, documents));
  }

  WriteReport index(const std::string& lines, const std::string& name = "db") const {
    return index_corpora(directory / name, dictionary, {corpus(lines)}, settings);
  }

  std::string sidecar(const std::string& name = "db") const {
    std::string found;
    for (const auto& entry : std::filesystem::directory_iterator(directory / name))
      if (entry.path().extension() == ".rows") found = entry.path().string();
    return found;
  }

  bool opens() const {
    Index index(path);
    return VectorTable::open(path, index.database(), index.searcher().builder().embedder()) != nullptr;
  }

  std::vector<std::pair<std::string, double>> hits() const {
    Index index(path);
    TextQuery query;
    query.text = "w1 w2";
    query.mode = SearchMode::kVector;
    query.plan = Plan::kProbe;
    query.probes = 1000;
    std::vector<std::pair<std::string, double>> found;
    for (const TextHit& hit : index.search(query)) found.emplace_back(hit.id, hit.hit.cosine);
    return found;
  }

  AnalyzerSettings settings = corpus_settings();
  std::string path = directory / "db";
};

}  // namespace vecterm::test
