// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/training/hash_space_learner.h"
#include "index/cli/command_line.h"
#include "index/indexer.h"

/// Options of numbers, and those that several verbs have. Variables must outlive the parsing.
namespace vecterm::cli {

/// A decimal number, at most `most`. CLI11's own conversion takes "-1" for 2^64 - 1, "010" for 8 and "" for 0.
/// Refuses others by a message that names the option.
template <class Number>
Number parse_number(const std::string& names, const std::string& text, Number most);

/// One number, as above: of 32 or 64 bits without a sign, float or double.
template <class Number>
Option add_number(CLI::App& app, const std::string& names, Number& value, const std::string& description,
                  Number most = std::numeric_limits<Number>::max());

/// A decimal number that may be missing; negative ones, too.
Option add_optional_number(CLI::App& app, const std::string& names, std::optional<double>& value,
                           const std::string& description);

/// --threads, with "0 = all cores" in its description.
Option add_threads(CLI::App& app, unsigned& threads, const std::string& description = "0 = all cores");

/// One or more whole numbers, separated by commas: -k 1,10
Option add_numbers(CLI::App& app, const std::string& names, std::vector<std::uint32_t>& values,
                   const std::string& description, std::uint32_t most = std::numeric_limits<std::uint32_t>::max());

/// --fields title:2,text,queries
Option add_fields(CLI::App& app, DocumentFields& fields);

/// --family of a hash space.
Option add_family(CLI::App& app, std::string& family);

/// --cells, --assignments, --tables, --bits, --width.
void add_hash_space_options(CLI::App& app, HashSpaceOptions& options);

/// --codec of a dictionary's rows.
Option add_codec(CLI::App& app, std::string& codec);

/// --lock-seconds of a verb that writes an index.
void add_lock_option(CLI::App& app, WriteOptions& options);
/// --threads, --batch and --lock-seconds of one that writes documents.
void add_write_options(CLI::App& app, WriteOptions& options);

/// --allow-programs of a verb that may open stub files.
void add_allow_programs(CLI::App& app, bool& allow_programs);

/// The directories that the environment variable VECTERM_DICTIONARIES lists, with colons between: where dictionaries
/// are looked for that are not beside an index.
std::vector<std::string> dictionary_directories();

/// What would stop a long run at its end is better said before it. @param others  files that the run reads or writes,
/// with other content than what `path` gets. @throws DiskError where no file can be made at `path`; InvalidArgument
/// where it is one of the others
void check_output_path(const std::string& path, const std::vector<std::string>& others);

}  // namespace vecterm::cli
