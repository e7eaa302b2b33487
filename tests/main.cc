// SPDX-License-Identifier: GPL-2.0-or-later
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

// Properties are tried with the same inputs in every run, or a failure could not be seen again. RC_PARAMS="seed=7" or
// RC_PARAMS="max_success=100000" in the environment asks rapidcheck for others; it prints the seed.
int main(int argc, char** argv) {
  ::setenv("RC_PARAMS", "seed=1", 0);
  return doctest::Context(argc, argv).run();
}
