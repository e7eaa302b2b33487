// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/vector_table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/checksum.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/rows/kernels.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "VTROWS2\n";
constexpr std::size_t kUuidBytes = 40;
constexpr std::size_t kSpaceBytes = 32;
constexpr std::size_t kRowsAt = 8 + 4 * 4;
constexpr std::size_t kUuidAt = kRowsAt + 2 * 8;
constexpr std::size_t kSpaceAt = kUuidAt + kUuidBytes;
constexpr std::size_t kIdentityBytes = kSpaceAt + kSpaceBytes + 8;
constexpr std::size_t kHeaderBytes = 192;  // whole cache lines
constexpr std::size_t kSample = 16;
constexpr std::size_t kRowsUnasked = 1024;
constexpr std::size_t kLargeRows = std::size_t{32} << 20U;  // bytes

/// Of a slot's row in the sidecar.
std::size_t kept_row_bytes(VectorCodec codec, std::size_t dimensions) {
  return FirstPass::has_rows_of(codec) ? 0 : row_bytes(codec, dimensions);
}

// The header up to the checksum: what must be the same for a table to be of a database's revision and a hash space.
std::string identity_of(const Xapian::Database& database, const DocumentEmbedder& embedder, std::uint64_t rows) {
  const IndexRecord& record = embedder.record();
  const HashSpace& space = embedder.embedder().dictionary().hash_space();
  std::string identity(kMagic);
  append_number<std::uint32_t>(identity, static_cast<std::uint32_t>(record.dimensions));
  append_number<std::uint32_t>(identity, static_cast<std::uint32_t>(record.settings.codec));
  append_number<std::uint32_t>(identity, record.generation);
  append_number<std::uint32_t>(identity, static_cast<std::uint32_t>(first_pass_of(embedder).row_bytes()));
  append_number<std::uint64_t>(identity, rows);
  append_number<std::uint64_t>(identity, database.get_revision());
  std::string uuid = database.get_uuid();
  uuid.resize(kUuidBytes);
  identity += uuid;
  identity += space.fingerprint();
  append_number<std::uint64_t>(identity, database.get_total_length());
  return identity;
}

std::string with_checksum(std::string_view identity, const Checksum& of_body) {
  std::string header(identity);
  header.append(of_body.data(), of_body.size());
  header.resize(kHeaderBytes);
  return header;
}

std::size_t whole_words(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// Memory is taken by this number: what the database says is not believed where it cannot be.
std::size_t vectors_of(const Xapian::Database& database, Xapian::valueno slot) {
  const Xapian::doccount said = database.get_value_freq(slot);
  if (said > database.get_doccount())
    throw Damaged(fmt::format("value slot {}: {} of {} documents have a value, the database says", slot, said,
                              database.get_doccount()));
  return said;
}

std::uint64_t rows_in(std::string_view header) { return number_at<std::uint64_t>(header, kRowsAt); }

std::string sidecar_prefix(std::string_view hash_space) {
  return fmt::format("{}{}-", schema::kDictionaryFilePrefix, hash_space);
}

std::string sidecar_name(std::string_view hash_space, std::uint64_t revision) {
  return fmt::format("{}{}{}", sidecar_prefix(hash_space), revision, schema::kSidecarFileSuffix);
}

/// The names of a hash space's sidecars in a directory.
std::vector<std::string> sidecars(const std::string& directory, std::string_view hash_space) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with(sidecar_prefix(hash_space)) && name.ends_with(schema::kSidecarFileSuffix))
      names.push_back(std::move(name));
  }
  return names;
}

// Whether headers are of the same hash space, generation and codec: all but the numbers of a revision.
bool is_of_same_space(std::string_view header, std::string_view other) {
  return header.substr(0, kRowsAt) == other.substr(0, kRowsAt) &&
         header.substr(kSpaceAt, kSpaceBytes) == other.substr(kSpaceAt, kSpaceBytes);
}

/// Makes the bytes of a table, row by row.
class RowWriter {
 public:
  RowWriter(const DocumentEmbedder& embedder, std::string_view identity, std::size_t rows)
      : record_(embedder.record()),
        first_pass_(first_pass_of(embedder)),
        kept_(kept_row_bytes(record_.settings.codec, record_.dimensions)),
        unit_(record_.dimensions),
        head_(encode_value(record_.settings.codec, record_.generation, unit_).substr(0, 1)),
        rows_at_(kHeaderBytes + rows * first_pass_.row_bytes()),
        docids_at_(whole_words(rows_at_ + rows * kept_)),
        bytes_(MappedBytes::zeros(docids_at_ + rows * sizeof(Xapian::docid))) {
    std::memcpy(bytes_.data(), identity.data(), identity.size());
  }

  std::size_t written() const { return written_; }
  MappedBytes bytes() && { return std::move(bytes_); }

  /// @param first_row  of a document with the same row; null where it is not known
  void add(Xapian::docid docid, std::string_view stored, const std::uint8_t* first_row) {
    const bool known = first_row != nullptr && stored.substr(0, 1) == head_;
    if (!known && !decode_value(stored, record_.generation, unit_)) return;
    if (!stored.starts_with(head_))
      throw Damaged(fmt::format("stored vector of document {}: must have the index's codec, {}", docid,
                                codec_name(record_.settings.codec)));
    if (!known) first_pass_.quantise(unit_, {first_row_here(), first_pass_.row_bytes()});
    add_row(docid, stored.substr(1), known ? first_row : nullptr);
  }

  /// @param row        as in the slot, without its first byte
  /// @param first_row  null where it is there already
  void add_row(Xapian::docid docid, std::string_view row, const std::uint8_t* first_row) {
    if (first_row != nullptr) std::memcpy(first_row_here(), first_row, first_pass_.row_bytes());
    std::memcpy(bytes_.data() + rows_at_ + written_ * kept_, row.data(), kept_);
    std::memcpy(bytes_.data() + docids_at_ + written_ * sizeof docid, &docid, sizeof docid);
    ++written_;
  }

 private:
  std::uint8_t* first_row_here() {
    return reinterpret_cast<std::uint8_t*>(bytes_.data()) + kHeaderBytes + written_ * first_pass_.row_bytes();
  }

  const IndexRecord& record_;
  FirstPass first_pass_;
  std::size_t kept_;  ///< bytes of a slot's row
  UnitVector unit_;
  std::string head_;  ///< first byte of the index's values
  std::size_t rows_at_;
  std::size_t docids_at_;
  MappedBytes bytes_;
  std::size_t written_ = 0;
};

/// What open() keeps in memory of a sidecar. What a search reads at random is in memory of its own, in huge pages where
/// the system gives them, because a file's pages are small.
struct SidecarContent {
  MappedBytes bytes;
  Checksum body;  ///< of all that follows the header
  bool rows_left_out;
};

/// Reads bytes that follow each other in a file, in memory or to be summed only.
class SidecarReader {
 public:
  explicit SidecarReader(const FileDescriptor& file) : file_(file) {}

  /// @returns whether they were there
  bool read(char* out, std::size_t size) {
    if (read_at(file_, out, size, at_) != size) return false;
    // The header holds the checksum.
    const std::size_t before = std::min(size, kHeaderBytes - std::min(at_, kHeaderBytes));
    sum_.add({out + before, size - before});
    at_ += size;
    return true;
  }

  bool pass_over(std::size_t size) {
    std::string buffer(std::min(size, kPieceBytes), '\0');
    for (std::size_t left = size; left > 0; left -= std::min(left, kPieceBytes))
      if (!read(buffer.data(), std::min(left, kPieceBytes))) return false;
    return true;
  }

  Checksum body() const { return sum_.value(); }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

  const FileDescriptor& file_;
  RunningChecksum sum_;
  std::size_t at_ = 0;
};

/// @returns nothing where the file has another size or cannot be read
std::optional<SidecarContent> read_sidecar(const FileDescriptor& file, std::size_t rows_at, std::size_t rows_size,
                                           std::size_t docids_size) {
  struct stat status {};
  const std::size_t docids_at = whole_words(rows_at + rows_size);
  const std::size_t size = docids_at + docids_size;
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  if (static_cast<std::size_t>(status.st_size) != size) return std::nullopt;
  const bool large = rows_size >= kLargeRows;
  SidecarReader reader(file);
  MappedBytes bytes = MappedBytes::zeros(large ? whole_words(rows_at) + docids_size : size);
  const bool read = large ? reader.read(bytes.data(), rows_at) && reader.pass_over(docids_at - rows_at) &&
                                reader.read(bytes.data() + whole_words(rows_at), docids_size)
                          : reader.read(bytes.data(), size);
  if (!read) return std::nullopt;
  return SidecarContent{std::move(bytes), reader.body(), large};
}

}  // namespace

VectorTable::VectorTable(MappedBytes bytes, FileDescriptor rows_file)
    : bytes_(std::move(bytes)), rows_file_(std::move(rows_file)) {
  const std::string_view all = bytes_.view();
  dimensions_ = number_at<std::uint32_t>(all, 8);
  codec_ = static_cast<VectorCodec>(number_at<std::uint32_t>(all, 12));
  first_bytes_ = number_at<std::uint32_t>(all, 20);
  const std::size_t n = rows_in(all);
  revision_ = number_at<std::uint64_t>(all, 32);
  first_rows_ = reinterpret_cast<const std::uint8_t*>(all.data()) + kHeaderBytes;
  rows_at_ = kHeaderBytes + n * first_bytes_;
  rows_ = all.data() + rows_at_;
  // Rows of int8 may end anywhere; first rows do not.
  const std::size_t rows_size = rows_file_ ? 0 : n * kept_row_bytes(codec_, dimensions_);
  const std::size_t docids_at = whole_words(rows_at_ + rows_size);
  docids_ = {reinterpret_cast<const Xapian::docid*>(all.data() + docids_at), n};
}

void VectorTable::number_rows() {
  const std::size_t n = docids_.size();
  in_order_ = n == 0 || (docids_.front() == 1 && docids_.back() == n);
  // Sparse docids are looked up by bisection.
  if (in_order_ || docids_.back() / 8 > n) return;
  row_of_.assign(std::size_t{docids_.back()} + 1, kNoRow);
  for (std::uint32_t row = 0; row < n; ++row) row_of_[docids_[row]] = row;
}

std::shared_ptr<const VectorTable> VectorTable::finished(MappedBytes bytes) {
  std::shared_ptr<VectorTable> table(new VectorTable(std::move(bytes)));
  table->number_rows();
  return table;
}

std::shared_ptr<const VectorTable> VectorTable::read(const Xapian::Database& database, const DocumentEmbedder& embedder,
                                                     const VectorTable* before, const std::function<bool()>& is_over) {
  const IndexRecord& record = embedder.record();
  const std::size_t n = vectors_of(database, record.slot());
  const std::string identity = identity_of(database, embedder, n);
  // Rows that lie in a file are not read one by one for what they would save.
  if (before != nullptr && (before->rows_file_ || !is_of_same_space(before->bytes_.view(), identity))) before = nullptr;
  RowWriter rows(embedder, identity, n);
  std::size_t row_before = 0;
  const auto end = database.valuestream_end(record.slot());
  for (auto value = database.valuestream_begin(record.slot()); value != end && rows.written() < n; ++value) {
    if (is_over && rows.written() % kRowsUnasked == 0 && is_over()) return nullptr;
    const std::string stored = *value;
    const Xapian::docid docid = value.get_docid();
    rows.add(docid, stored, before != nullptr ? before->same_first_row(docid, stored, row_before) : nullptr);
  }
  if (rows.written() != n)
    throw Damaged(fmt::format("value slot {}: {} of {} vectors were there", record.slot(), rows.written(), n));
  return finished(std::move(rows).bytes());
}

std::shared_ptr<const VectorTable> VectorTable::follow(const Xapian::Database& database,
                                                       const DocumentEmbedder& embedder, const VectorTable& before,
                                                       const DocidRanges& changed) {
  const Xapian::valueno slot = embedder.record().slot();
  const std::size_t n = vectors_of(database, slot);
  RowWriter rows(embedder, identity_of(database, embedder, n), n);
  std::size_t row = 0;
  std::string buffer;
  const auto copy_until = [&](Xapian::docid end) {
    for (; row < before.size() && before.docids_[row] < end && rows.written() < n; ++row)
      rows.add_row(before.docids_[row], before.slot_row(row, buffer), before.first_rows_ + row * before.first_bytes_);
  };
  const auto end = database.valuestream_end(slot);
  auto value = database.valuestream_begin(slot);
  for (const DocidRange& range : changed) {
    copy_until(range.first);
    if (value != end) value.skip_to(range.first);
    for (; value != end && value.get_docid() <= range.last && rows.written() < n; ++value)
      rows.add(value.get_docid(), *value, nullptr);
    while (row < before.size() && before.docids_[row] <= range.last) ++row;
  }
  copy_until(std::numeric_limits<Xapian::docid>::max());
  if (rows.written() != n) return nullptr;
  return finished(std::move(rows).bytes());
}

// The first row of a document that had the same value; null where it had not. `row` goes through the rows once.
const std::uint8_t* VectorTable::same_first_row(Xapian::docid docid, std::string_view stored, std::size_t& row) const {
  while (row < docids_.size() && docids_[row] < docid) ++row;
  std::string unused;
  if (row == docids_.size() || docids_[row] != docid || stored.substr(1) != slot_row(row, unused)) return nullptr;
  return first_rows_ + row * first_bytes_;
}

std::shared_ptr<const VectorTable> VectorTable::open(const std::string& directory, const Xapian::Database& database,
                                                     const DocumentEmbedder& embedder) {
  const IndexRecord& record = embedder.record();
  const fs::path path = fs::path(directory) / sidecar_name(record.hash_space, database.get_revision());
  FileDescriptor file = open_file(path.string(), O_RDONLY | O_NONBLOCK);
  if (!file) return nullptr;
  const std::uint64_t n = database.get_value_freq(record.slot());
  const std::string identity = identity_of(database, embedder, n);
  const std::size_t rows_at = kHeaderBytes + n * number_at<std::uint32_t>(identity, 20);
  auto content = read_sidecar(file, rows_at, n * kept_row_bytes(record.settings.codec, record.dimensions),
                              n * sizeof(Xapian::docid));
  if (!content || !content->bytes.view().starts_with(with_checksum(identity, content->body))) return nullptr;
  if (!content->rows_left_out) file.reset();
  std::shared_ptr<VectorTable> table(new VectorTable(std::move(content->bytes), std::move(file)));
  if (!table->agrees_with(database, embedder)) return nullptr;
  table->number_rows();
  return table;
}

bool VectorTable::is_of(const Xapian::Database& database, const DocumentEmbedder& embedder) const {
  return bytes_.view().starts_with(identity_of(database, embedder, size()));
}

bool VectorTable::is_of_earlier(const Xapian::Database& database, const DocumentEmbedder& embedder) const {
  const std::string identity = identity_of(database, embedder, size());
  return revision_ < database.get_revision() && is_of_same_space(bytes_.view(), identity) &&
         bytes_.view().substr(kUuidAt, kUuidBytes) == std::string_view(identity).substr(kUuidAt, kUuidBytes);
}

bool VectorTable::agrees_with(const Xapian::Database& database, const DocumentEmbedder& embedder) const {
  const IndexRecord& record = embedder.record();
  auto value = database.valuestream_begin(record.slot());
  const std::size_t size = row_bytes(codec_, dimensions_);
  const std::size_t step = std::max<std::size_t>(1, docids_.size() / kSample);
  if (std::ranges::adjacent_find(docids_, std::greater_equal<>()) != docids_.end()) return false;
  const std::size_t n = docids_.size();
  std::string buffer;
  for (std::size_t row = 0; row < n; row = row + 1 == n ? n : std::min(row + step, n - 1)) {
    value.skip_to(docids_[row]);
    if (value == database.valuestream_end(record.slot()) || value.get_docid() != docids_[row]) return false;
    const std::string stored = *value;
    if (stored.size() != 1 + size || std::string_view(stored).substr(1) != slot_row(row, buffer)) return false;
  }
  return true;
}

void VectorTable::publish(const std::string& directory, std::string_view hash_space) const {
  const std::string name = sidecar_name(hash_space, revision_);
  const std::string_view body = bytes_.view().substr(kHeaderBytes);
  const std::string header = with_checksum(bytes_.view().substr(0, kIdentityBytes), checksum(body));
  write_file_atomically((fs::path(directory) / name).string(), {header, body});
  std::error_code ignored;
  for (const std::string& other : sidecars(directory, hash_space))
    if (other != name) fs::remove(fs::path(directory) / other, ignored);
}

SidecarState sidecar_state(const std::string& directory, const Xapian::Database& database,
                           const DocumentEmbedder& embedder) {
  const std::string& hash_space = embedder.record().hash_space;
  const fs::path file = fs::path(directory) / sidecar_name(hash_space, database.get_revision());
  std::error_code ignored;
  const bool was_there = fs::exists(file, ignored);
  if (VectorTable::open(directory, database, embedder)) return SidecarState::kRight;
  if (was_there && !open_file(file.string(), O_RDONLY) && errno != ENOENT)
    throw_reading_error(file.string() + ": cannot be opened", errno);
  // Others may have published or removed it meanwhile.
  if (was_there && fs::exists(file, ignored)) return SidecarState::kDamaged;
  return sidecars(directory, hash_space).empty() ? SidecarState::kNone : SidecarState::kStale;
}

std::uint32_t VectorTable::row_of(Xapian::docid docid) const {
  if (in_order_) return docid - 1 < docids_.size() ? docid - 1 : kNoRow;
  if (!row_of_.empty()) return docid < row_of_.size() ? row_of_[docid] : kNoRow;
  const auto found = std::lower_bound(docids_.begin(), docids_.end(), docid);
  return found != docids_.end() && *found == docid ? static_cast<std::uint32_t>(found - docids_.begin()) : kNoRow;
}

void VectorTable::copy_row(std::size_t row, std::span<float> out) const {
  thread_local std::string buffer;
  decode_row(codec_, slot_row(row, buffer), out);
}

/// In the buffer where it was read from a file.
std::string_view VectorTable::slot_row(std::size_t row, std::string& buffer) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  if (FirstPass::has_rows_of(codec_)) return {reinterpret_cast<const char*>(first_rows_) + row * first_bytes_, size};
  if (!rows_file_) return {rows_ + row * size, size};
  buffer.resize(size);
  const auto got = read_at(rows_file_, buffer.data(), size, rows_at_ + row * size);
  if (!got) throw_reading_error(fmt::format("the sidecar of revision {}: cannot be read", revision_), errno);
  if (*got < size) throw Damaged(fmt::format("the sidecar of revision {}: was cut off while it was open", revision_));
  return buffer;
}

}  // namespace vecterm
