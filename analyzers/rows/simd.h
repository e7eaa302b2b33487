// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Compiles a function once for each instruction set and picks one at run time. Only for code whose results do not
// depend on the instruction set: lanes are summed in an order fixed in the source, and nothing is contracted. The
// sanitizers cannot run the resolvers of such functions, which execute before they are set up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(VECTERM_SANITIZED)
#define VECTERM_SIMD __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define VECTERM_SIMD
#endif
