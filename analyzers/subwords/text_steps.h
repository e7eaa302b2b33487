// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unicode/unistr.h>

#include <functional>
#include <string>
#include <vector>

#include "analyzers/base/json.h"

namespace vecterm {

/// What stands between a text and a subword model: the text as one chunk, which steps change and split. Internal.
using TextChunks = std::vector<icu::UnicodeString>;
using TextStep = std::function<void(TextChunks&)>;

/// The steps of a tokenizer.json's "normalizer" and "pre_tokenizer", appended.
/// @throws DataError for one of a kind that is not known, or with settings that it does not have
void read_normalizer(JsonValue part, std::vector<TextStep>& steps);
void read_pre_tokenizer(JsonValue part, std::vector<TextStep>& steps);

/// The character that stands for a byte in ByteLevel's alphabet, by the byte: printable ones stand for themselves, the
/// others for those from U+0100 on (Radford et al., "Language models are unsupervised multitask learners", 2019).
char16_t byte_character(unsigned char byte);

}  // namespace vecterm
