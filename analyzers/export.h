// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Marks what the shared library exports; everything else is hidden.
#if defined(_WIN32)
#define VECTERM_API
#else
#define VECTERM_API __attribute__((visibility("default")))
#endif
