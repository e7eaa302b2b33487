// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

/// What the harness tells the interposer, through environment variables.
namespace vecterm::faults {

/// Where a run can be killed.
enum class Step : std::size_t {
  kToken,         ///< an LSH token is added to a document or removed from it
  kVector,        ///< a document's vector is set
  kMarker,        ///< a marker is added or removed
  kDocument,      ///< a document goes into the database
  kCommit,        ///< a transaction is committed
  kRecord,        ///< one is committed that writes the index record: the first of an index, or one that activates
  kFlush,         ///< a system call inside a kCommit
  kRecordFlush,   ///< a system call inside a kRecord
  kDisk,          ///< another system call on the database's directory
  kInstallation,  ///< a system call on a dictionary or its temporary file
  kPublication,   ///< a system call on a sidecar or its temporary file
};

inline constexpr std::array<std::string_view, 11> kStepNames{"token",  "vector",       "marker",     "document",
                                                             "commit", "record",       "flush",      "record-flush",
                                                             "disk",   "installation", "publication"};

enum class Moment : std::size_t {
  kBefore,
  kWithin,  ///< half of a write's bytes are written; of other steps the same as before
  kAfter,
};

inline constexpr std::array<std::string_view, 3> kMomentNames{"before", "within", "after"};

inline std::string_view name_of(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }
inline std::string_view name_of(Moment moment) { return kMomentNames[static_cast<std::size_t>(moment)]; }

/// The directory whose files count as the disk.
inline constexpr const char* kRoot = "VECTERM_FAULTS_ROOT";

/// Kills the process at the n-th occurrence of a step, counted from 1, at this moment of it.
inline constexpr const char* kStep = "VECTERM_FAULTS_STEP";
inline constexpr const char* kMoment = "VECTERM_FAULTS_MOMENT";
inline constexpr const char* kNumber = "VECTERM_FAULTS_NUMBER";

/// Bytes that the disk takes; the write that reaches the limit is cut short, those after it fail.
inline constexpr const char* kRoom = "VECTERM_FAULTS_ROOM";
/// If set, the disk says that it has plenty of free space.
inline constexpr const char* kBoasts = "VECTERM_FAULTS_BOASTS";

/// What the system can refuse. Counted from the first file of the disk on that is opened.
enum class Call : std::size_t {
  kOpen,    ///< any file is opened
  kChange,  ///< of the disk: a file is opened for writing, renamed, linked, removed or cut, or a directory made
  kWrite,   ///< to the disk
  kRead,    ///< from the disk
  kSync,    ///< of the disk
  kMemory,  ///< malloc(), by whomever
};

inline constexpr std::array<std::string_view, 6> kCallNames{"open", "change", "write", "read", "sync", "memory"};

inline std::string_view name_of(Call call) { return kCallNames[static_cast<std::size_t>(call)]; }

/// Lets the n-th call of a kind fail, counted from 1, with this errno; if lasting is set those after it, too.
inline constexpr const char* kCall = "VECTERM_FAULTS_CALL";
inline constexpr const char* kCallNumber = "VECTERM_FAULTS_CALL_NUMBER";
inline constexpr const char* kErrno = "VECTERM_FAULTS_ERRNO";
inline constexpr const char* kLasting = "VECTERM_FAULTS_LASTING";

/// What is no failure. If set: reading and writing the disk does half of what it should; every third such call is
/// interrupted by a signal; the clock goes back by a minute each time.
inline constexpr const char* kShort = "VECTERM_FAULTS_SHORT";
inline constexpr const char* kInterrupted = "VECTERM_FAULTS_INTERRUPTED";
inline constexpr const char* kClockGoesBack = "VECTERM_FAULTS_CLOCK_GOES_BACK";

/// A file that gets a line for each document and metadata entry that was committed, once the commit has returned:
/// "document <docid> <hash>" or "metadata <key> <hash>", in the order of writing.
inline constexpr const char* kAcknowledged = "VECTERM_FAULTS_ACKNOWLEDGED";

/// A file that gets, at the end, how often each step and each call occurred and how many bytes were written:
/// "<name> <number>" a line.
inline constexpr const char* kCounts = "VECTERM_FAULTS_COUNTS";
inline constexpr std::string_view kBytes = "bytes";

}  // namespace vecterm::faults
