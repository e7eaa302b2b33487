// SPDX-License-Identifier: GPL-2.0-or-later
// Stands for a program of someone else: the umbrella header, a function of each layer, and an exception that crosses the
// library's border.
#include <vecterm/vecterm.h>

#include <iostream>

int main() {
  static_assert(VECTERM_AT_LEAST(0, 1, 0));
  const vecterm::TermList terms = vecterm::XapianTokenizer().terms("C++ and c++");
  if (terms != vecterm::TermList{{"and", 1}, {"c++", 2}}) {
    std::cerr << "the words of a text came out wrong\n";
    return 1;
  }
  try {
    const vecterm::Index index("/nonexistent/database");
  } catch (const vecterm::NotFound& error) {
    std::cout << "vecterm says: " << error.what() << "\n";
    return 0;
  }
  std::cerr << "an index that does not exist was opened\n";
  return 1;
}
