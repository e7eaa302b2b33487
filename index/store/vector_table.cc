// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/vector_table.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>

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
constexpr std::size_t kIdentityBytes = 8 + 4 * 4 + 2 * 8 + kUuidBytes + 32 + 8;
constexpr std::size_t kHeaderBytes = 192;  // whole cache lines
constexpr std::size_t kSample = 16;
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

std::string header_of(std::string_view identity, std::string_view body) {
  std::string header(identity);
  const Checksum sum = checksum(body);
  header.append(sum.data(), sum.size());
  header.resize(kHeaderBytes);
  return header;
}

// Memory is taken by this number: what the database says is not believed where it cannot be.
std::size_t vectors_of(const Xapian::Database& database, Xapian::valueno slot) {
  const Xapian::doccount said = database.get_value_freq(slot);
  if (said > database.get_doccount())
    throw Damaged(fmt::format("value slot {}: {} of {} documents have a value, the database says", slot, said,
                              database.get_doccount()));
  return said;
}

std::uint64_t rows_in(std::string_view header) { return number_at<std::uint64_t>(header, 24); }

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

}  // namespace

VectorTable::VectorTable(MappedBytes bytes) : bytes_(std::move(bytes)) {
  const std::string_view all = bytes_.view();
  dimensions_ = number_at<std::uint32_t>(all, 8);
  codec_ = static_cast<VectorCodec>(number_at<std::uint32_t>(all, 12));
  first_bytes_ = number_at<std::uint32_t>(all, 20);
  const std::size_t n = rows_in(all);
  revision_ = number_at<std::uint64_t>(all, 32);
  first_rows_ = reinterpret_cast<const std::uint8_t*>(all.data()) + kHeaderBytes;
  rows_at_ = kHeaderBytes + n * first_bytes_;
  rows_ = all.substr(rows_at_, n * kept_row_bytes(codec_, dimensions_));
  // Rows of int8 may end anywhere.
  const std::size_t docids_at = (rows_at_ + rows_.size() + 3) / 4 * 4;
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

std::shared_ptr<const VectorTable> VectorTable::read(const Xapian::Database& database,
                                                     const DocumentEmbedder& embedder) {
  const IndexRecord& record = embedder.record();
  const FirstPass first_pass = first_pass_of(embedder);
  const std::size_t first_bytes = first_pass.row_bytes();
  const std::size_t n = vectors_of(database, record.slot());
  const std::size_t row_size = row_bytes(record.settings.codec, record.dimensions);
  const std::size_t kept = kept_row_bytes(record.settings.codec, record.dimensions);
  const std::size_t docids_at = (kHeaderBytes + n * (first_bytes + kept) + 3) / 4 * 4;
  MappedBytes bytes = MappedBytes::zeros(docids_at + n * sizeof(Xapian::docid));
  char* const first_rows = bytes.data() + kHeaderBytes;
  char* const rows = first_rows + n * first_bytes;
  UnitVector unit(record.dimensions);
  std::size_t row = 0;
  const auto end = database.valuestream_end(record.slot());
  for (auto value = database.valuestream_begin(record.slot()); value != end && row < n; ++value) {
    const std::string stored = *value;
    if (!decode_value(stored, record.generation, unit)) continue;
    if (stored.size() != 1 + row_size)
      throw Damaged(fmt::format("stored vector of document {}: must have the index's codec, {}", value.get_docid(),
                                codec_name(record.settings.codec)));
    std::memcpy(rows + row * kept, stored.data() + 1, kept);
    first_pass.quantise(unit, {reinterpret_cast<std::uint8_t*>(first_rows) + row * first_bytes, first_bytes});
    const Xapian::docid docid = value.get_docid();
    std::memcpy(bytes.data() + docids_at + row * sizeof docid, &docid, sizeof docid);
    ++row;
  }
  if (row != n) throw Damaged(fmt::format("value slot {}: {} of {} vectors were there", record.slot(), row, n));
  const std::string identity = identity_of(database, embedder, n);
  std::memcpy(bytes.data(), identity.data(), identity.size());
  std::shared_ptr<VectorTable> table(new VectorTable(std::move(bytes)));
  table->number_rows();
  return table;
}

std::shared_ptr<const VectorTable> VectorTable::open(const std::string& directory, const Xapian::Database& database,
                                                     const DocumentEmbedder& embedder) try {
  const IndexRecord& record = embedder.record();
  const fs::path path = fs::path(directory) / sidecar_name(record.hash_space, database.get_revision());
  MappedBytes bytes = MappedBytes::of_file(path.string());
  const std::uint64_t n = database.get_value_freq(record.slot());
  const std::string identity = identity_of(database, embedder, n);
  if (!bytes.view().starts_with(identity)) return nullptr;
  const std::size_t first_bytes = number_at<std::uint32_t>(identity, 20);
  const std::size_t before =
      kHeaderBytes + n * (first_bytes + kept_row_bytes(record.settings.codec, record.dimensions));
  if (bytes.view().size() != (before + 3) / 4 * 4 + n * sizeof(Xapian::docid)) return nullptr;
  if (!bytes.view().starts_with(header_of(identity, bytes.view().substr(kHeaderBytes)))) return nullptr;
  std::shared_ptr<VectorTable> table(new VectorTable(std::move(bytes)));
  if (!table->agrees_with(database, embedder)) return nullptr;
  table->number_rows();
  table->keep_in_memory(path.string());
  return table;
} catch (const DataError&) {  // no file, or one that is empty or cannot be read
  return nullptr;
}

// What a search reads at random gets memory of its own, in huge pages where the system gives them, because a file's
// pages are small.
void VectorTable::keep_in_memory(const std::string& path) {
  const std::size_t first_size = rows_at_ - kHeaderBytes;
  copies_ = MappedBytes::zeros(first_size + docids_.size_bytes());
  if (docids_.empty()) return;
  std::memcpy(copies_.data(), first_rows_, first_size);
  std::memcpy(copies_.data() + first_size, docids_.data(), docids_.size_bytes());
  first_rows_ = reinterpret_cast<const std::uint8_t*>(copies_.data());
  docids_ = {reinterpret_cast<const Xapian::docid*>(copies_.data() + first_size), docids_.size()};
  if (rows_.size() >= kLargeRows) file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  bytes_.release_pages();
}

VectorTable::~VectorTable() {
  if (file_ >= 0) ::close(file_);
}

bool VectorTable::is_of(const Xapian::Database& database, const DocumentEmbedder& embedder) const {
  return bytes_.view().starts_with(identity_of(database, embedder, size()));
}

bool VectorTable::agrees_with(const Xapian::Database& database, const DocumentEmbedder& embedder) const {
  const IndexRecord& record = embedder.record();
  auto value = database.valuestream_begin(record.slot());
  const std::size_t size = row_bytes(codec_, dimensions_);
  const std::size_t step = std::max<std::size_t>(1, docids_.size() / kSample);
  if (std::ranges::adjacent_find(docids_, std::greater_equal<>()) != docids_.end()) return false;
  const std::size_t n = docids_.size();
  for (std::size_t row = 0; row < n; row = row + 1 == n ? n : std::min(row + step, n - 1)) {
    value.skip_to(docids_[row]);
    if (value == database.valuestream_end(record.slot()) || value.get_docid() != docids_[row]) return false;
    const std::string stored = *value;
    if (stored.size() != 1 + size || std::string_view(stored).substr(1) != slot_row(row)) return false;
  }
  return true;
}

void VectorTable::publish(const std::string& directory, std::string_view hash_space) const {
  const std::string name = sidecar_name(hash_space, revision_);
  const std::string_view body = bytes_.view().substr(kHeaderBytes);
  const std::string header = header_of(bytes_.view().substr(0, kIdentityBytes), body);
  write_file_atomically((fs::path(directory) / name).string(), {header, body});
  std::error_code ignored;
  for (const std::string& other : sidecars(directory, hash_space))
    if (other != name) fs::remove(fs::path(directory) / other, ignored);
}

SidecarState sidecar_state(const std::string& directory, const Xapian::Database& database,
                           const DocumentEmbedder& embedder) {
  const std::string& hash_space = embedder.record().hash_space;
  const fs::path file = fs::path(directory) / sidecar_name(hash_space, database.get_revision());
  const bool was_there = fs::exists(file);
  if (VectorTable::open(directory, database, embedder)) return SidecarState::kRight;
  // Others may have published or removed it meanwhile.
  if (was_there && fs::exists(file)) return SidecarState::kDamaged;
  return sidecars(directory, hash_space).empty() ? SidecarState::kNone : SidecarState::kStale;
}

std::uint32_t VectorTable::row_of(Xapian::docid docid) const {
  if (in_order_) return docid - 1 < docids_.size() ? docid - 1 : kNoRow;
  if (!row_of_.empty()) return docid < row_of_.size() ? row_of_[docid] : kNoRow;
  const auto found = std::lower_bound(docids_.begin(), docids_.end(), docid);
  return found != docids_.end() && *found == docid ? static_cast<std::uint32_t>(found - docids_.begin()) : kNoRow;
}

void VectorTable::copy_row(std::size_t row, std::span<float> out) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  if (file_ >= 0) {
    thread_local std::string bytes;
    bytes.resize(size);
    // Where the file cannot be read any more, its mapping can.
    if (::pread(file_, bytes.data(), size, static_cast<off_t>(rows_at_ + row * size)) == static_cast<ssize_t>(size))
      return decode_row(codec_, bytes, out);
  }
  decode_row(codec_, slot_row(row), out);
}

std::string_view VectorTable::slot_row(std::size_t row) const {
  const std::size_t size = row_bytes(codec_, dimensions_);
  if (!FirstPass::has_rows_of(codec_)) return rows_.substr(row * size, size);
  return {reinterpret_cast<const char*>(first_rows_) + row * first_bytes_, size};
}

const VectorTable& TableVectorReader::table() const {
  if (!table_) table_ = provider_();
  return *table_;
}

void TableVectorReader::cosines(std::span<const Xapian::docid> docids, std::span<const float> unit,
                                std::span<float> cosines) {
  const VectorTable& rows = table();
  vectors_.resize(docids.size() * unit.size());
  rows_.resize(docids.size());
  for (std::size_t i = 0; i < docids.size(); ++i) {
    rows_[i] = static_cast<std::uint32_t>(i);
    const auto out = std::span(vectors_).subspan(i * unit.size(), unit.size());
    const std::uint32_t row = rows.row_of(docids[i]);
    if (row != VectorTable::kNoRow)
      rows.copy_row(row, out);
    else
      std::fill(out.begin(), out.end(), 0.0F);
  }
  lane_products(unit, vectors_, rows_, cosines);
  for (std::size_t i = 0; i < docids.size(); ++i)
    cosines[i] = rows.row_of(docids[i]) != VectorTable::kNoRow ? defined_cosine(cosines[i]) : NAN;
}

void TableVectorReader::first_pass(const FirstPassQuery& query, std::span<const Xapian::docid> docids,
                                   std::span<std::int32_t> scores) {
  const VectorTable& rows = table();
  rows_.resize(docids.size());
  bool complete = true;
  for (std::size_t i = 0; i < docids.size(); ++i) {
    rows_[i] = rows.row_of(docids[i]);
    complete = complete && rows_[i] != VectorTable::kNoRow;
  }
  if (!complete) std::replace(rows_.begin(), rows_.end(), VectorTable::kNoRow, 0U);
  if (rows.size() > 0) query.score(rows.first_rows(), rows_, scores);
  if (complete) return;
  for (std::size_t i = 0; i < docids.size(); ++i)
    if (rows.row_of(docids[i]) == VectorTable::kNoRow) scores[i] = kNoScore;
}

void TableVectorReader::scan(std::span<const float> unit, const std::function<void(Xapian::docid, float)>& visit) {
  constexpr std::size_t kBlock = 256;
  std::vector<float> cosine(kBlock);
  const auto docids = table().docids();
  for (std::size_t first = 0; first < docids.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, docids.size() - first);
    cosines(docids.subspan(first, count), unit, std::span(cosine).first(count));
    for (std::size_t i = 0; i < count; ++i) visit(docids[first + i], cosine[i]);
  }
}

}  // namespace vecterm
