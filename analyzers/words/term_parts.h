// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vecterm {

/// The one rule for which entries' vectors a term adds to a text's: calls take(entry) for its own entry, then for its
/// trigrams or pieces, in their order. A known word whose vector holds them (as a dictionary's do, but for hashed ones;
/// see Dictionary) has only its own entry, and so has one of weight 0: a stop word says nothing by its spelling either.
///
/// @param entries  own(term), the term's entry or nothing; holds_subwords(entry); visit_subwords(term, take), for
///                 those that there are
/// @returns whether anything was taken
template <class Entries, class Term, class Take>
bool visit_parts(const Entries& entries, const Term& term, const Take& take) {
  const auto own = entries.own(term);
  if (own) {
    take(*own);
    if (entries.holds_subwords(*own)) return true;
  }
  return entries.visit_subwords(term, take) || own;
}

}  // namespace vecterm
