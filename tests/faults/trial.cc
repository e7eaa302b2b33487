// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/trial.h"

#include <fmt/format.h>

#include <filesystem>

namespace vecterm::faults {

namespace fs = std::filesystem;

Trial::Trial(const Rehearsal& rehearsal, const std::string& directory)
    : rehearsal_(rehearsal),
      database_((fs::path(directory) / "db").string()),
      acknowledged_(directory + ".acknowledged") {
  fs::create_directories(directory);
  if (fs::exists(rehearsal.start)) fs::copy(rehearsal.start, database_);
}

Outcome Trial::run(Orders orders) const {
  orders.acknowledged = acknowledged_;
  return run_vecterm(rehearsal_.arguments, database_, orders);
}

std::vector<std::string> Trial::inspect() const {
  return faults::inspect(database_, read_history(acknowledged_), rehearsal_.history, rehearsal_.generations);
}

bool Trial::is_finished() const {
  return fs::exists(fs::path(database_) / "iamglass") &&
         !difference(rehearsal_.contents, contents_of(Xapian::Database(database_)));
}

std::vector<std::string> Trial::finish() const {
  const bool tidies = !rehearsal_.repeatable && is_finished();
  const Outcome outcome = tidies ? run_vecterm({"reindex", "{db}"}, database_) : run({});
  if (outcome.code != 0) return {"the run that went on failed: " + outcome.describe()};
  std::vector<std::string> complaints = inspect();
  if (const auto differs = difference(rehearsal_.contents, contents_of(Xapian::Database(database_))))
    complaints.push_back("not as the uninterrupted run: " + *differs);
  for (const std::string& name : names_of(database_))
    if (!rehearsal_.files.contains(name)) complaints.push_back("left behind: " + name);
  for (const std::string& name : rehearsal_.files)
    if (!names_of(database_).contains(name)) complaints.push_back("file is missing: " + name);
  return complaints;
}

}  // namespace vecterm::faults
