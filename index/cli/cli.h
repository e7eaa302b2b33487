// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "index/cli/output.h"

namespace CLI {
class App;
}

/// The `vecterm` command. Each verb has a file of its own: parse, call the library, print. Data goes to standard
/// output, messages to standard error.
namespace vecterm::cli {

/// Scripts rely on these.
enum ExitCode : int {
  kOk = 0,
  kNoMatch = 1,  ///< search, delete and dict neighbors found nothing
  kUsage = 2,    ///< an option, a query or a configuration that cannot be used
  kData = 3,     ///< input that is missing or damaged
  kLocked = 4,   ///< another program writes to the index
  kDisk = 5,     ///< the disk is full or refused to write
  kSystem = 6,   ///< the system refused: too many open files, no memory, a missing permission
};

/// What a command line asks for. Returns the exit code; throws what the library throws.
using Action = std::function<int(Output&)>;

/// Each adds its verb to `app`. Where the command line has the verb, parsing it sets `action`; `action` must outlive
/// `app`.
void add_train(CLI::App& app, Action& action);
void add_dict(CLI::App& app, Action& action);
void add_enrich(CLI::App& app, Action& action);
void add_index(CLI::App& app, Action& action);
void add_embed(CLI::App& app, Action& action);
void add_reindex(CLI::App& app, Action& action);
void add_generations(CLI::App& app, Action& action);
void add_check(CLI::App& app, Action& action);
void add_delete(CLI::App& app, Action& action);
void add_search(CLI::App& app, Action& action);
void add_tune(CLI::App& app, Action& action);
void add_tune_rank(CLI::App& app, Action& action);
void add_profiles(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_eval_labels(CLI::App& app, Action& action);
void add_eval_pairs(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);

/// Verbs below `dict`.
void add_dict_align(CLI::App& dict, Action& action);
void add_dict_convert(CLI::App& dict, Action& action);
void add_dict_diff(CLI::App& dict, Action& action);
void add_dict_import(CLI::App& dict, Action& action);
void add_dict_map(CLI::App& dict, Action& action);
void add_dict_neighbors(CLI::App& dict, Action& action);

/// Prints the exception that is being handled as one line, and returns its exit code. The one place where exceptions
/// become exit codes. REQUIRES: called from a catch block.
int report_failure();

/// From now on a full disk, or a system that refuses, ends the program with a message and its exit code also where there
/// is no exception to catch: Xapian's value slots are flushed by a destructor, and where that fails std::terminate is
/// called. What was committed before is intact then, too. A file that grows beyond the process's limit is an error like
/// a full disk, and no signal.
void expect_failures();

/// Takes the descriptors 0 to 2 where the command was started without them, so that no other file becomes one of them
/// and gets what is printed. Reading and writing these fails as before.
void take_standard_files();

}  // namespace vecterm::cli
