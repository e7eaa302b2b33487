// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#if __cplusplus < 202002L
#error "vecterm needs C++20: compile with -std=c++20 or a newer standard"
#include "nothing else is worth reading"  // ends the compilation, before hundreds of errors follow
#endif

/// The version of these headers. Before 1.0 a minor version may change the interface (and the library's soname).
#define VECTERM_MAJOR_VERSION 0
#define VECTERM_MINOR_VERSION 1
#define VECTERM_PATCH_VERSION 0
#define VECTERM_VERSION "0.1.0"
/// Whether these headers are of this version or a newer one: `#if VECTERM_AT_LEAST(0, 2, 0)`.
#define VECTERM_AT_LEAST(major, minor, patch)                                                \
  (VECTERM_MAJOR_VERSION * 1000000 + VECTERM_MINOR_VERSION * 1000 + VECTERM_PATCH_VERSION >= \
   (major)*1000000 + (minor)*1000 + (patch))

/// Marks what the shared libraries show: everything else is compiled with hidden visibility.
#define VECTERM_API __attribute__((visibility("default")))
/// Marks what libvecterm shows to libvecterm-training alone. Programs cannot count on it.
#define VECTERM_INTERNAL_API __attribute__((visibility("default")))
