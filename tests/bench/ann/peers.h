// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/curve.h"

/// The systems that vecterm is compared with, each over the same vectors and by one thread. Their indexes are built
/// below `directory` unless they lie there; what is passed must outlive the curves.
namespace vecterm::bench {

/// hnswlib's graph of inner products, M 16, efConstruction 200; without a filter, and under those of 10 and 1 % by
/// fetching more than ten and leaving out what does not pass.
std::vector<Curve> hnswlib_curves(const Collection& collection, const std::vector<Query>& queries,
                                  const std::string& directory);

/// Faiss' IndexIVFFlat of 1024, 4096 and 16384 lists, by inner product. Its k-means runs 10 iterations over at most 64
/// vectors a list, where Faiss' defaults are 25 and 256.
std::vector<Curve> faiss_ivf_curves(const Collection& collection, const std::vector<Query>& queries,
                                    const std::string& directory);

/// Faiss' IndexHNSWFlat, with the numbers of hnswlib's.
std::vector<Curve> faiss_hnsw_curves(const Collection& collection, const std::vector<Query>& queries,
                                     const std::string& directory);

/// A scan of int8 rows, whose best forty are compared exactly.
std::vector<Curve> scan_curves(const Collection& collection, const std::vector<Query>& queries);

}  // namespace vecterm::bench
