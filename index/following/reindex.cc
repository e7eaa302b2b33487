// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reindex.h"

#include <chrono>
#include <iterator>
#include <optional>
#include <thread>

#include "index/following/reindexer.h"
#include "index/store/collection.h"
#include "index/store/overtaken.h"
#include "index/writing/batch_writer.h"

namespace vecterm {
namespace {

ReindexReport sum(const std::list<Reindexer>& all) {
  ReindexReport total = all.front().report();
  for (auto one = std::next(all.begin()); one != all.end(); ++one) {
    const ReindexReport& report = one->report();
    total.everywhere = total.everywhere || report.everywhere;
    total.documents += report.documents;
    total.vectors += report.vectors;
    total.edited += report.edited;
    total.tokens_removed += report.tokens_removed;
    total.tokens_added += report.tokens_added;
    total.bytes += report.bytes;
    total.sidecar = total.sidecar && report.sidecar;
  }
  return total;
}

/// Revisions of a collection's databases: whether somebody wrote.
std::vector<std::pair<std::string, Xapian::rev>> revisions(const std::string& path) {
  std::vector<std::pair<std::string, Xapian::rev>> all;
  for (const std::string& directory : local_databases(path))
    all.emplace_back(directory,
                     reading_from(directory, [](const Xapian::Database& one) { return one.get_revision(); }));
  return all;
}

}  // namespace

ReindexReport reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                      const ReindexOptions& options, const ProgressFunction& progress) {
  std::list<Reindexer> all = reindexers(path, options, progress);
  // All get the dictionary before the first is gone through: readers of a collection want the same everywhere.
  if (dictionary)
    for (Reindexer& one : all) one.begin(dictionary);
  for (Reindexer& one : all) one.work();
  for (Reindexer& one : all) one.finish();
  return sum(all);
}

ReindexReport plan_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                           const ReindexOptions& options, const ProgressFunction& progress) {
  std::list<Reindexer> all = reindexers(path, options, progress);
  for (Reindexer& one : all) one.plan(dictionary);
  return sum(all);
}

ReindexReport forecast_reindex(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary,
                               const ReindexOptions& options) {
  const ProgressFunction untold;
  std::list<Reindexer> all = reindexers(path, options, untold);
  for (Reindexer& one : all) one.future(dictionary);
  return sum(all);
}

WriteReport embed_index(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                        const std::optional<AnalyzerSettings>& settings, const ReindexOptions& options,
                        const ProgressFunction& progress) {
  options.check();
  BatchWriter(path, std::move(dictionary), settings, options.write, false).commit({});
  const ReindexReport done = reindex(path, nullptr, options, progress);
  const auto count = [](const Xapian::Database& database) { return database.get_doccount(); };
  return {done.documents, reading_from(path, count) - done.documents, done.vectors, done.sidecar};
}

void watch_index(const std::string& path, const ReindexOptions& options, std::chrono::milliseconds interval,
                 const std::function<bool()>& go_on, const std::function<void(const ReindexReport&)>& done) {
  using Clock = std::chrono::steady_clock;
  const std::chrono::duration<double> patience(options.write.lock_seconds);
  std::optional<Clock::time_point> succeeded;
  const auto is_over = [&] { return !succeeded || Clock::now() - *succeeded > patience; };
  decltype(revisions(path)) settled;  // nothing was left to do at these
  for (; go_on(); std::this_thread::sleep_for(interval)) {
    try {
      if (auto now = revisions(path); now != settled) {
        const ReindexReport report = reindex(path, nullptr, options);
        // Others may have written after its last look, so what it changed is looked at again.
        if (report.edited == 0)
          settled = std::move(now);
        else
          done(report);
      }
      succeeded = Clock::now();
    } catch (const Xapian::DatabaseLockError&) {
      continue;
    } catch (const Xapian::DatabaseModifiedError&) {
      continue;
    } catch (const Xapian::DatabaseError&) {
      if (is_over()) throw;
    } catch (const DataError&) {  // it is away, or another program is in the middle of a change
      if (is_over()) throw;
    }
  }
}

}  // namespace vecterm
