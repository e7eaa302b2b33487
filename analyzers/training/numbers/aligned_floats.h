// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace vecterm {

/// Memory that begins with a cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <class Other>
  explicit CacheLineAllocator(const CacheLineAllocator<Other>& /*other*/) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* memory, std::size_t /*n*/) { ::operator delete(memory, kAlignment); }
  bool operator==(const CacheLineAllocator&) const = default;
};

/// A matrix whose rows of aligned_dimensions() numbers each begin with a cache line: quicker to sum than
/// rows of 100 numbers that straddle them.
using AlignedFloats = std::vector<float, CacheLineAllocator<float>>;

/// `dimensions` and the zeros that fill the last cache line of a row; zeros change no dot product and no sum.
inline std::size_t aligned_dimensions(std::size_t dimensions) { return (dimensions + 15) / 16 * 16; }

}  // namespace vecterm
