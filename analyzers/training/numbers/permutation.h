// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "analyzers/numbers/random.h"

namespace vecterm {

/// A pseudo-random order of [0, n) that needs no table: a four-round Feistel network over the smallest even number of
/// bits that holds n, walked on until the value is below n (Black and Rogaway, "Ciphers with arbitrary finite
/// domains", CT-RSA 2002).
class Permutation {
 public:
  Permutation(std::uint64_t n, std::uint64_t seed, std::uint64_t stream) : n_(n) {
    half_ = std::max(1, (static_cast<int>(std::bit_width(n)) + 1) / 2);
    Random random(seed, stream);
    for (std::uint64_t& key : keys_) key = random.bits();
  }

  /// REQUIRES: i < n.
  std::uint64_t operator()(std::uint64_t i) const {
    do i = shuffled(i);
    while (i >= n_);
    return i;
  }

 private:
  std::uint64_t shuffled(std::uint64_t i) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
    std::uint64_t left = i >> half_;
    std::uint64_t right = i & mask;
    for (const std::uint64_t key : keys_) {
      std::uint64_t mixed = (right ^ key) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 29)) * 0x94d049bb133111ebU;
      const std::uint64_t next = left ^ ((mixed >> 32) & mask);
      left = right;
      right = next;
    }
    return (left << half_) | right;
  }

  std::uint64_t n_;
  int half_;
  std::uint64_t keys_[4];
};

/// An order of [0, n) whose neighbours are near each other on disk where n is large: windows of 2^20 values, made of
/// blocks of 1,024 consecutive ones in random order, each window shuffled as a whole. Up to 2^20 values it is a plain
/// permutation.
class WindowedOrder {
 public:
  WindowedOrder(std::uint64_t n, std::uint64_t seed, std::uint64_t stream)
      : n_(n), seed_(seed), stream_(stream), blocks_((n + kBlock - 1) / kBlock, seed, stream), window_(1, seed, 0) {}

  /// REQUIRES: i < n. Quickest where the calls ascend.
  std::uint64_t operator()(std::uint64_t i) {
    enter(i / kWindow);
    const std::uint64_t in_window = first_ + window_(i - first_);
    if (n_ <= kWindow) return in_window;
    // All blocks are full but the last, which keeps its place at the end.
    const std::uint64_t block = in_window / kBlock;
    const std::uint64_t full = n_ / kBlock;
    return block < full ? full_block(block, full) * kBlock + in_window % kBlock : in_window;
  }

 private:
  static constexpr std::uint64_t kBlock = 1024;
  static constexpr std::uint64_t kWindow = kBlock * 1024;

  void enter(std::uint64_t window) {
    if (window == entered_) return;
    entered_ = window;
    first_ = window * kWindow;
    window_ = Permutation(std::min(kWindow, n_ - first_), seed_, stream_ ^ (~window << 32));
  }

  std::uint64_t full_block(std::uint64_t block, std::uint64_t full) const {
    do block = blocks_(block);
    while (block >= full);
    return block;
  }

  std::uint64_t n_;
  std::uint64_t seed_;
  std::uint64_t stream_;
  Permutation blocks_;
  Permutation window_;
  std::uint64_t entered_ = ~std::uint64_t{0};
  std::uint64_t first_ = 0;
};

}  // namespace vecterm
