// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "analyzers/dictionary.h"

namespace vecterm {

/// Turns a dictionary that was trained anew into the space of an older one, so that it is a compatible update: by the
/// orthogonal matrix Q that makes sum c_w |x_w Q - y_w|^2 least over the words w that both have, x_w and y_w being the
/// new and the old row (Schoenemann, "A generalized solution of the orthogonal Procrustes problem", Psychometrika
/// 1966). Q is the orthogonal matrix nearest to sum c_w x_w^T y_w: U V^T of its singular value decomposition.
///
/// c_w is count * weight^2 of the old dictionary, a count of 0 taken as 1: how much a row's error adds to the squared
/// errors of the documents' sums. So words that stand in many documents and mean something decide.
///
/// @returns words, weights, counts, codec and provenance of `recent`, its rows turned, and the hash space and the
///          tokenizer of `old`; a rotation changes no cosine
/// @throws InvalidArgument where dimensions or tokenizers differ, or where fewer words than dimensions are shared that
///         have a weight above 0
DictionaryContents aligned(const Dictionary& recent, const Dictionary& old);

}  // namespace vecterm
