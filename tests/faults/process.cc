// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace vecterm::faults {
namespace {

std::vector<std::string> environment_of(const std::string& database, const Orders& orders) {
  std::vector<std::string> variables;
  const auto set = [&](const char* name, std::string_view value) {
    variables.push_back(fmt::format("{}={}", name, value));
  };
  set("LC_ALL", "C.UTF-8");
  set("LD_PRELOAD", VECTERM_FAULTS_INTERPOSER);
  set(kRoot, database);
  set(kAcknowledged, orders.acknowledged);
  set(kCounts, orders.counts);
  if (orders.kill) {
    set(kStep, name_of(orders.kill->step));
    set(kMoment, name_of(orders.kill->moment));
    set(kNumber, std::to_string(orders.kill->number));
  }
  if (orders.refusal) {
    set(kCall, name_of(orders.refusal->call));
    set(kCallNumber, std::to_string(orders.refusal->number));
    set(kErrno, std::to_string(orders.refusal->error));
    if (orders.refusal->lasting) set(kLasting, "1");
  }
  if (orders.disturbance != nullptr) set(orders.disturbance, "1");
  if (orders.room_bytes) set(kRoom, std::to_string(*orders.room_bytes));
  if (orders.boasts) set(kBoasts, "1");
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Starts a program whose standard error is `messages`.
pid_t start(std::vector<std::string> command, std::vector<std::string> environment, int messages) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawn(&child, command.front().c_str(), &actions, nullptr, pointers(command).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  check(error, command.front().c_str());
  return child;
}

std::string read_all(int file) {
  std::string all;
  std::array<char, 4096> bytes;
  for (ssize_t size = 0; (size = read(file, bytes.data(), bytes.size())) > 0;)
    all.append(bytes.data(), static_cast<std::size_t>(size));
  return all;
}

}  // namespace

std::string Outcome::describe() const {
  return signal != 0 ? fmt::format("killed by signal {}: {}", signal, messages)
                     : fmt::format("exit code {}: {}", code, messages);
}

Outcome run_vecterm(const std::vector<std::string>& arguments, const std::string& database, const Orders& orders) {
  std::vector<std::string> command{VECTERM_FAULTS_VECTERM};
  for (const std::string& argument : arguments) command.push_back(argument == "{db}" ? database : argument);
  std::array<int, 2> pipe{};
  check(pipe2(pipe.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe2");
  const pid_t child = start(std::move(command), environment_of(database, orders), pipe[1]);
  close(pipe[1]);
  Outcome outcome{.messages = read_all(pipe[0])};
  close(pipe[0]);
  int status = 0;
  check(waitpid(child, &status, 0) == child ? 0 : errno, "waitpid");
  if (WIFSIGNALED(status))
    outcome.signal = WTERMSIG(status);
  else
    outcome.code = WEXITSTATUS(status);
  return outcome;
}

}  // namespace vecterm::faults
