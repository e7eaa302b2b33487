// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/edit_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "index/store/database_directory.h"
#include "index/store/write_transaction.h"

namespace vecterm {
namespace {

using Seconds = std::chrono::duration<double>;

/// Without it, who waits for the lock by looking now and then would hardly ever get it.
constexpr Seconds kPause{0.02};

std::size_t batch_size(const ReindexOptions& options) {
  const double in_a_second = options.rate > 0 ? std::max(1.0, options.rate) : options.write.batch;
  return static_cast<std::size_t>(std::min(in_a_second, static_cast<double>(options.write.batch)));
}

}  // namespace

EditCounts EditBatches::run(std::span<const Xapian::docid> docids, const EditJob& job) {
  EditCounts counts;
  start_ = std::chrono::steady_clock::now();
  done_ = 0;
  total_ = docids.size();
  const std::size_t size = batch_size(options_);
  do {
    const auto batch = docids.first(std::min(size, docids.size()));
    docids = docids.subspan(batch.size());
    {
      WriteTransaction transaction(path_, options_.write.lock_seconds, options_.write.min_free_bytes);
      job.check(transaction.database());
      counts += edit(transaction.database(), batch, job);
      if (job.finish) job.finish(transaction.database(), docids.empty() ? 0 : docids.front());
      transaction.commit();
    }
    done_ += batch.size();
    if (!docids.empty()) pause();
  } while (!docids.empty());
  return counts;
}

EditCounts EditBatches::edit(Xapian::WritableDatabase& database, std::span<const Xapian::docid> docids,
                             const EditJob& job) {
  EditCounts counts;
  compute_changes(path_, docids, job.change, options_.write.threads,
                  [&](Xapian::docid docid, const EmbeddingChange& change) {
                    counts.add(change);
                    if (!change.empty()) {
                      Xapian::Document document = database.get_document(docid);
                      change.make(document);
                      writing_to(path_, [&] { database.replace_document(docid, document); });
                    }
                    tell(job, done_ + counts.documents);
                  });
  return counts;
}

void EditBatches::pause() {
  const Seconds wanted(options_.rate > 0 ? static_cast<double>(done_) / options_.rate : 0);
  const Seconds left = wanted - (std::chrono::steady_clock::now() - start_);
  std::this_thread::sleep_for(std::max(left, kPause));
}

void EditBatches::tell(const EditJob& job, std::uint64_t done) {
  progress_([&] {
    const double share = total_ == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total_);
    return Progress{job.step, std::min(share, 1.0),
                    progress_details(done, total_, std::chrono::steady_clock::now() - start_)};
  });
}

void preview_changes(const std::string& path, std::span<const Xapian::docid> docids, const DocumentEmbedder& embedder,
                     unsigned threads, const std::string& step, const ProgressFunction& progress,
                     const std::function<void(Xapian::docid, const EmbeddingChange&)>& take) {
  const auto start = std::chrono::steady_clock::now();
  ThrottledProgress throttled(progress);
  std::uint64_t done = 0;
  compute_changes(
      path, docids, [&](const Xapian::Document& document) { return embedder.change(document); }, threads,
      [&](Xapian::docid docid, const EmbeddingChange& change) {
        take(docid, change);
        ++done;
        throttled([&] {
          const double share = static_cast<double>(done) / static_cast<double>(docids.size());
          return Progress{step, share, progress_details(done, docids.size(), std::chrono::steady_clock::now() - start)};
        });
      });
}

std::string progress_details(std::uint64_t done, std::uint64_t total, Seconds elapsed) {
  const double rate = static_cast<double>(done) / std::max(elapsed.count(), 1e-9);
  const double left = rate > 0 ? static_cast<double>(total - std::min(done, total)) / rate : 0;
  return fmt::format("{} of {} documents, {:.0f}/s, {:.0f} s left", done, total, rate, left);
}

}  // namespace vecterm
