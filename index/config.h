// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "../plugin/analyzer_settings.h"
#include "../plugin/ranking_profile.h"

namespace vecterm {

/// What a configuration file says.
struct VECTERM_API Config {
  AnalyzerSettings settings;
  RankingProfiles profiles;
};

/// Reads a configuration, TOML:
///
///     stemmer = "en"                  # a language of Xapian::Stem, or "none"
///     stop_words = ["the", "a"]       # or a file, one word a line: stop_words = "stop.txt" (beside this file)
///     prefix = "XLSH"                 # of LSH tokens
///     slot = 1001                     # value slot of the vectors; the next one is used too
///     codec = "float16"               # of the vectors; vector_codec.h has the names
///     fields = ["title:2", "text"]    # texts of a document that are indexed, and what their words count
///
///     [metadata.section]              # metadata key "section" of the documents
///     prefix = "XSECTION"             # boolean terms XSECTION<value>
///     slot = 1                        # value slot
///     type = "string"                 # or "number": stored by sortable_serialise
///
///     [profiles.recent]               # ranking, by name (RankingProfile); "default" is what mixed search uses
///     first_phase = "bm25/saturation + share*cosine"
///     second_phase = "bm25/saturation + share*cosine + fresh*exp((value(2) - input(now))/30)"
///     window = 200                    # candidates that the second phase ranks
///     parameters = {share = 0.25, fresh = 0.1}
///
/// Every key may be left out. @throws DataError where the file cannot be read or is not TOML (with its line);
/// InvalidArgument for an unknown key or a value of the wrong type or range
VECTERM_API Config read_config(const std::string& path);

/// Stores ranking profiles with an index: those of the same names are replaced, and those named in `removed` taken out.
/// @param dictionaries  where the index's dictionary is looked for beside the database's directory
/// @throws NotFound where there is no index or its dictionary is missing; Conflict or WrongDictionary where its databases
///         differ; DiskError; Xapian::DatabaseLockError; InvalidArgument for remote databases, as write_profiles, and
///         for a name to be removed that is not there
VECTERM_API void store_profiles(const std::string& path, const RankingProfiles& profiles,
                                const std::vector<std::string>& removed = {},
                                const std::vector<std::string>& dictionaries = {});

}  // namespace vecterm
