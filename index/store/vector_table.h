// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/base/file_descriptor.h"
#include "analyzers/base/mapped_bytes.h"
#include "analyzers/version.h"
#include "plugin/documents/vector_reader.h"

namespace vecterm {

/// Documents from `first` to `last`.
struct DocidRange {
  Xapian::docid first;
  Xapian::docid last;
};
/// Ascending, and apart from each other.
using DocidRanges = std::vector<DocidRange>;

/// The vectors of one revision of one local database as rows: a cache of the value slot that can always be made again.
/// Read from the slot in order, or from the sidecar, a file beside the database that saves that, and the memory for the
/// rows that are compared exactly: of a large sidecar those are read from the file, one by one. Results are the same
/// with either. All else is read into memory at once, so that whatever becomes of the file, the process goes on.
///
/// The sidecar is vecterm-<hash space>-<revision>.rows in the database's directory (little-endian):
///
///     char[8] magic           "VTROWS2\n"
///     u32     dimensions      d
///     u32     codec           of the slot's rows, VectorCodec
///     u32     generation      of the index record
///     u32     first row bytes FirstPass::row_bytes(): for sign bits d / 8 rounded up to a multiple of 8, else d
///                             rounded up to one of 64
///     u64     rows            n
///     u64     revision        of the database
///     char[40] uuid           of the database, padded with NULs
///     char[32] hash space     fingerprint
///     u64     total length    of the documents in words, as Xapian counts them
///     u8[16]  checksum        XXH3-128 of all bytes from 192 on
///     u8[]    zeros           up to byte 192
///     u8      first rows[n * first row bytes] FirstPass: sign bits, else int8 rows around the hash space's centre
///     u8      rows[n * row_bytes(codec, d)]   as in the slot, without its first byte; none for sign bits, which the
///                                             first rows begin with
///     u8[]    zeros           up to a multiple of 4
///     u32     docids[n]       ascending
///
/// A file is read only where every byte of its header is what the database and the rest of the file say.
///
/// Immutable and thread-safe.
class VECTERM_INTERNAL_API VectorTable {
 public:
  /// Reads the slot.
  /// @param before   of another revision, which saves work where rows are the same; may be null
  /// @param is_over  asked now and then; where it says so, nothing is returned
  /// @throws Damaged where a value is
  static std::shared_ptr<const VectorTable> read(const Xapian::Database& database, const DocumentEmbedder& embedder,
                                                 const VectorTable* before = nullptr,
                                                 const std::function<bool()>& is_over = {});

  /// Copies the rows of an earlier revision's table, and reads from the slot only documents in `changed`: where all that
  /// have other values since are among them, what read() would give.
  /// @returns nothing where it cannot be so
  static std::shared_ptr<const VectorTable> follow(const Xapian::Database& database, const DocumentEmbedder& embedder,
                                                   const VectorTable& before, const DocidRanges& changed);

  /// Opens the sidecar of this revision, or returns nothing where there is none, it cannot be read, a single bit of it
  /// is damaged, or a sample of its rows is not that of the slot (copies of a database share uuid and revision). Reads
  /// the whole file once.
  static std::shared_ptr<const VectorTable> open(const std::string& directory, const Xapian::Database& database,
                                                 const DocumentEmbedder& embedder);
  VectorTable(const VectorTable&) = delete;
  VectorTable& operator=(const VectorTable&) = delete;

  /// Writes the sidecar and removes those of other revisions. REQUIRES: made by read(). @param hash_space  id, as in the
  /// tokens. @throws DiskError
  void publish(const std::string& directory, std::string_view hash_space) const;

  /// Whether it is of this revision and hash space.
  bool is_of(const Xapian::Database& database, const DocumentEmbedder& embedder) const;

  /// Whether it is of an earlier revision, and else the same.
  bool is_of_earlier(const Xapian::Database& database, const DocumentEmbedder& embedder) const;

  std::size_t size() const { return docids_.size(); }
  /// Of the sidecar.
  std::size_t bytes() const { return bytes_.view().size(); }
  std::uint64_t revision() const { return revision_; }

  static constexpr std::uint32_t kNoRow = 0xffffffff;
  /// The row of a document, or kNoRow where it has no vector.
  std::uint32_t row_of(Xapian::docid docid) const;

  std::span<const Xapian::docid> docids() const { return docids_; }
  /// Those of the first pass.
  const std::uint8_t* first_rows() const { return first_rows_; }
  /// The slot's row `row`, decoded. @throws Damaged where the sidecar was cut off since, SystemError where it cannot be
  /// read
  void copy_row(std::size_t row, std::span<float> out) const;

 private:
  /// @param rows_file  a sidecar from which the rows are read; `bytes` are all the rest of it
  explicit VectorTable(MappedBytes bytes, FileDescriptor rows_file = {});
  static std::shared_ptr<const VectorTable> finished(MappedBytes bytes);
  void number_rows();
  const std::uint8_t* same_first_row(Xapian::docid docid, std::string_view stored, std::size_t& row) const;
  std::string_view slot_row(std::size_t row, std::string& buffer) const;
  bool agrees_with(const Xapian::Database& database, const DocumentEmbedder& embedder) const;

  MappedBytes bytes_;         ///< as in the sidecar; of a large one without the rows
  FileDescriptor rows_file_;  ///< of a large one
  std::size_t rows_at_ = 0;
  std::uint64_t revision_;
  VectorCodec codec_;
  std::size_t dimensions_;
  std::size_t first_bytes_;  ///< of a first row
  const std::uint8_t* first_rows_;
  const char* rows_ = nullptr;  ///< as in the slot, where they are neither in a file nor part of the first rows
  std::span<const Xapian::docid> docids_;
  std::vector<std::uint32_t> row_of_;  ///< by docid; empty where documents 1 to n have rows 0 to n - 1, or are sparse
  bool in_order_ = false;
};

/// What the sidecar of a database is worth.
enum class SidecarState {
  kNone,     ///< there is none
  kStale,    ///< it is of another revision
  kDamaged,  ///< it is of this revision, and VectorTable::open() refuses it
  kRight,
};
/// @throws SystemError where it cannot be read
SidecarState sidecar_state(const std::string& directory, const Xapian::Database& database,
                           const DocumentEmbedder& embedder);

}  // namespace vecterm
