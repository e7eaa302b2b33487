// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/checkpoint.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/checksum.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the arrays are written as they stand in memory");
constexpr std::string_view kFormat = "vecterm training checkpoint 3 ";
constexpr std::size_t kStartBytes = kFormat.size() + 2 * sizeof(Checksum) + 1;

json to_json(const RetrievalMetrics& m) { return {m.recall_1, m.recall_10, m.recall_100, m.mrr, m.queries}; }

RetrievalMetrics metrics_from(const json& j) {
  return {j.at(0), j.at(1), j.at(2), j.at(3), j.at(4).get<std::size_t>()};
}

json to_json(const EpochReport& epoch) {
  json losses = json::array();
  for (const TaskLoss& task : epoch.losses) losses.push_back({task.task, task.loss});
  json validation = json::array();
  for (const TaskEvaluation& task : epoch.validation)
    validation.push_back({task.task, to_json(task.items), to_json(task.queries), task.distinct_items,
                          task.distinct_queries, task.coverage});
  return {epoch.epoch, epoch.rate, losses, validation};
}

EpochReport epoch_from(const json& j) {
  EpochReport epoch{j.at(0), j.at(1), {}, {}};
  for (const json& task : j.at(2)) epoch.losses.push_back({task.at(0), task.at(1)});
  for (const json& task : j.at(3))
    epoch.validation.push_back(
        {task.at(0), metrics_from(task.at(1)), metrics_from(task.at(2)), task.at(3), task.at(4), task.at(5)});
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

TrainingState parse(const json& header, std::string_view arrays) {
  TrainingState state;
  state.epoch = header.at("epoch");
  state.step = header.at("step");
  state.rate_factor = header.at("rate_factor");
  state.rollbacks = header.at("rollbacks");
  state.first_loss = header.at("first_loss");
  state.least_loss = header.at("least_loss");
  state.losses = header.at("losses").get<std::vector<double>>();
  state.pairs = header.at("pairs").get<std::vector<std::uint64_t>>();
  for (const json& epoch : header.at("epochs")) state.epochs.push_back(epoch_from(epoch));
  state.best_epoch = header.at("best_epoch");
  take(arrays, header.at("rows"), state.words.rows);
  take(arrays, header.at("squares"), state.words.squares);
  take(arrays, header.at("mixing"), state.words.mixing);
  take(arrays, header.at("mixing_squares"), state.words.mixing_squares);
  take(arrays, header.at("best_rows"), state.best_rows);
  take(arrays, header.at("best_mixing"), state.best_mixing);
  return state;
}

}  // namespace

void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state) {
  json epochs = json::array();
  for (const EpochReport& epoch : state.epochs) epochs.push_back(to_json(epoch));
  const json header{{"run", run},
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
  std::string content = header.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  append(state.words.rows, content);
  append(state.words.squares, content);
  append(state.words.mixing, content);
  append(state.words.mixing_squares, content);
  append(state.best_rows, content);
  append(state.best_mixing, content);
  write_file_atomically(path, {start_of(content), content});
}

std::optional<TrainingState> read_checkpoint(const std::string& path, const std::string& run) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::ostringstream read;
  read << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string content = std::move(read).str();
  if (!content.starts_with(kFormat) || content.size() < kStartBytes)
    throw DataError(path + ": no checkpoint of a training run; give the name of a new file");
  const std::string_view state = std::string_view(content).substr(kStartBytes);
  const std::string damaged = path + ": the checkpoint is damaged; remove it to start anew";
  if (!content.starts_with(start_of(state))) throw Damaged(damaged);
  try {
    const std::size_t end = state.find('\n');
    const json header = json::parse(state.substr(0, end));
    if (header.at("run") == run) return parse(header, state.substr(end + 1));
  } catch (const std::exception&) {
    throw Damaged(damaged);
  }
  throw DataError(path + ": the checkpoint is of other data or other options; remove it to start anew");
}

}  // namespace vecterm
