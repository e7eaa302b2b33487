// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/checkpoint.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/checksum.h"
#include "analyzers/base/json.h"
#include "analyzers/base/mapped_bytes.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

static_assert(std::endian::native == std::endian::little, "the arrays are written as they stand in memory");
constexpr std::string_view kFormat = "vecterm training checkpoint 3 ";
constexpr std::size_t kStartBytes = kFormat.size() + 2 * sizeof(Checksum) + 1;

using List = std::vector<Json>;

Json to_json(const RetrievalMetrics& m) { return List{m.recall_1, m.recall_10, m.recall_100, m.mrr, m.queries}; }

RetrievalMetrics metrics_from(JsonValue list) {
  return {list.at(0).number(), list.at(1).number(), list.at(2).number(), list.at(3).number(),
          list.at(4).whole_number()};
}

Json to_json(const EpochReport& epoch) {
  List losses;
  for (const TaskLoss& task : epoch.losses) losses.push_back(List{task.task, task.loss});
  List validation;
  for (const TaskEvaluation& task : epoch.validation)
    validation.push_back(List{task.task, to_json(task.items), to_json(task.queries), task.distinct_items,
                              task.distinct_queries, task.coverage});
  return List{epoch.epoch, epoch.rate, losses, validation};
}

EpochReport epoch_from(JsonValue list) {
  EpochReport epoch{static_cast<std::uint32_t>(list.at(0).whole_number()), list.at(1).number(), {}, {}};
  for (const JsonValue task : list.at(2).elements()) epoch.losses.push_back({task.at(0).string(), task.at(1).number()});
  for (const JsonValue task : list.at(3).elements())
    epoch.validation.push_back({task.at(0).string(), metrics_from(task.at(1)), metrics_from(task.at(2)),
                                task.at(3).whole_number(), task.at(4).whole_number(), task.at(5).number()});
  return epoch;
}

// The first line, which covers every bit of the rest.
std::string start_of(std::string_view state) { return fmt::format("{}{}\n", kFormat, to_hex(checksum(state))); }

template <class Vector>
void append(const Vector& values, std::string& out) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
}

template <class Vector>
void take(std::string_view& bytes, std::size_t count, Vector& values) {
  constexpr std::size_t kBytes = sizeof(typename Vector::value_type);
  if (count > bytes.size() / kBytes) throw std::out_of_range("array");
  values.resize(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), count * kBytes);
  bytes.remove_prefix(count * kBytes);
}

TrainingState parse(JsonValue header, std::string_view arrays) {
  const auto number_of = [&](const char* name) { return header.at(name).whole_number(); };
  TrainingState state;
  state.epoch = static_cast<std::uint32_t>(number_of("epoch"));
  state.step = number_of("step");
  state.rate_factor = header.at("rate_factor").number();
  state.rollbacks = static_cast<std::uint32_t>(number_of("rollbacks"));
  state.first_loss = header.at("first_loss").number();
  state.least_loss = header.at("least_loss").number();
  state.losses = header.at("losses").numbers();
  state.pairs = header.at("pairs").whole_numbers();
  for (const JsonValue epoch : header.at("epochs").elements()) state.epochs.push_back(epoch_from(epoch));
  state.best_epoch = static_cast<std::uint32_t>(number_of("best_epoch"));
  take(arrays, number_of("rows"), state.words.rows);
  take(arrays, number_of("squares"), state.words.squares);
  take(arrays, number_of("mixing"), state.words.mixing);
  take(arrays, number_of("mixing_squares"), state.words.mixing_squares);
  take(arrays, number_of("best_rows"), state.best_rows);
  take(arrays, number_of("best_mixing"), state.best_mixing);
  return state;
}

}  // namespace

void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state) {
  List epochs;
  for (const EpochReport& epoch : state.epochs) epochs.push_back(to_json(epoch));
  const Json header{{"run", run},
                    {"epoch", state.epoch},
                    {"step", state.step},
                    {"rate_factor", state.rate_factor},
                    {"rollbacks", state.rollbacks},
                    {"first_loss", state.first_loss},
                    {"least_loss", state.least_loss},
                    {"losses", state.losses},
                    {"pairs", state.pairs},
                    {"epochs", epochs},
                    {"best_epoch", state.best_epoch},
                    {"rows", state.words.rows.size()},
                    {"squares", state.words.squares.size()},
                    {"mixing", state.words.mixing.size()},
                    {"mixing_squares", state.words.mixing_squares.size()},
                    {"best_rows", state.best_rows.size()},
                    {"best_mixing", state.best_mixing.size()}};
  std::string content = header.sorted_text() + '\n';
  append(state.words.rows, content);
  append(state.words.squares, content);
  append(state.words.mixing, content);
  append(state.words.mixing_squares, content);
  append(state.best_rows, content);
  append(state.best_mixing, content);
  write_file_atomically(path, {start_of(content), content});
}

std::optional<TrainingState> read_checkpoint(const std::string& path, const std::string& run) {
  MappedBytes file;
  try {
    file = MappedBytes::of_file(path);
  } catch (const NotFound&) {
    return std::nullopt;
  }
  const std::string_view content = file.view();
  if (!content.starts_with(kFormat) || content.size() < kStartBytes)
    throw DataError(path + ": no checkpoint of a training run; give the name of a new file");
  const std::string_view state = content.substr(kStartBytes);
  const std::string damaged = path + ": the checkpoint is damaged; remove it to start anew";
  if (!content.starts_with(start_of(state))) throw Damaged(damaged);
  try {
    const std::size_t end = state.find('\n');
    const JsonDocument document(state.substr(0, end));
    const JsonValue header = document.root();
    if (header.at("run").is_string() && header.at("run").string() == run) return parse(header, state.substr(end + 1));
  } catch (const std::exception&) {
    throw Damaged(damaged);
  }
  throw DataError(path + ": the checkpoint is of other data or other options; remove it to start anew");
}

}  // namespace vecterm
