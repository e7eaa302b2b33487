// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/nearest_request.h"

#include <algorithm>

namespace vecterm {
namespace {

bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.cosine != b.cosine ? a.cosine > b.cosine : a.docid < b.docid;
}

}  // namespace

void keep_nearest(std::vector<Neighbour>& found, std::size_t wanted) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(wanted, found.size()));
  std::partial_sort(found.begin(), found.begin() + kept, found.end(), nearer);
  found.resize(static_cast<std::size_t>(kept));
}

}  // namespace vecterm
