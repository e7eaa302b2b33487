// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/full_disk.h"

#include <fmt/format.h>
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "tests/faults/trial.h"

namespace vecterm::faults {
namespace {

namespace fs = std::filesystem;

constexpr int kDisk = 5;  // exit code
constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kPlenty = std::uint64_t{1} << 28U;

/// A tmpfs while it lives.
class SmallDisk {
 public:
  SmallDisk(std::string directory, std::uint64_t bytes) : directory_(std::move(directory)) {
    fs::create_directories(directory_);
    mount_with(bytes, 0);
  }
  ~SmallDisk() { umount2(directory_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  void resize(std::uint64_t bytes) const { mount_with(bytes, MS_REMOUNT); }

 private:
  void mount_with(std::uint64_t bytes, unsigned long flags) const {
    if (mount("tmpfs", directory_.c_str(), "tmpfs", flags, fmt::format("size={}", bytes).c_str()) != 0)
      throw std::system_error(errno, std::generic_category(), "mount " + directory_);
  }

  std::string directory_;
};

std::uint64_t pages_of(const std::string& database) {
  std::uint64_t bytes = 0;
  if (fs::exists(database))
    for (const fs::directory_entry& entry : fs::directory_iterator(database))
      bytes += (entry.file_size() + kPage - 1) / kPage * kPage;
  return bytes;
}

/// The orders' room counts where nothing is mounted.
std::vector<std::string> fill(const Trial& trial, const Orders& orders) {
  const Outcome outcome = trial.run(orders);
  // Without room for the sidecar alone, a run succeeds.
  if (outcome.code == 0 && trial.is_finished()) return {};
  if (outcome.code != kDisk) return {"no disk error: " + outcome.describe()};
  if (outcome.messages.empty()) return {"the disk error has no message"};
  return trial.inspect();
}

}  // namespace

std::string DiskPoint::describe() const {
  return fmt::format("{} {}, {} disk with room for {} bytes", rehearsal->scenario, rehearsal->variant,
                     kind == FullDisk::kMounted ? "mounted" : "interposed", room_bytes);
}

bool can_mount(const std::string& directory) try {
  const SmallDisk disk(directory, kPage);
  return true;
} catch (const std::system_error&) {
  return false;
}

std::vector<DiskPoint> choose_disk_points(const std::vector<Rehearsal>& rehearsals, std::size_t count, bool mounted) {
  std::vector<const Rehearsal*> runs;
  for (const Rehearsal& rehearsal : rehearsals)
    if (rehearsal.repeatable) runs.push_back(&rehearsal);
  std::vector<DiskPoint> points;
  for (std::size_t i = 0; i < count && !runs.empty(); ++i) {
    const Rehearsal& run = *runs[i % runs.size()];
    const bool mounts = mounted && i / runs.size() % 2 == 0;
    const std::uint64_t needed = mounts ? pages_of(fs::path(run.start).parent_path() / "whole") - pages_of(run.start)
                                        : run.counts.at(std::string(kBytes));
    points.push_back({&run, mounts ? FullDisk::kMounted : FullDisk::kInterposed, needed * i / count});
  }
  return points;
}

std::vector<std::string> run_disk_point(const DiskPoint& point, const std::string& directory) {
  std::unique_ptr<SmallDisk> disk;
  if (point.kind == FullDisk::kMounted)
    disk = std::make_unique<SmallDisk>(directory, kPage + pages_of(point.rehearsal->start) + point.room_bytes);
  const Trial trial(*point.rehearsal, directory);
  Orders orders{.boasts = true};
  if (!disk) orders.room_bytes = point.room_bytes;
  std::vector<std::string> complaints = fill(trial, orders);
  if (disk) disk->resize(kPlenty);
  return complaints.empty() ? trial.finish() : complaints;
}

}  // namespace vecterm::faults
