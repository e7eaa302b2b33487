// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/indexer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm delete docs.db 1842
  vecterm delete docs.db old-page draft-7)";

struct DeleteRequest {
  std::string database;
  std::vector<std::string> ids;
  WriteOptions options;
};

int run_delete(const DeleteRequest& request) {
  const std::uint64_t deleted = delete_documents(request.database, request.ids, request.options);
  if (deleted == 0) {
    message("no document has such an id; nothing was deleted");
    return kNoMatch;
  }
  message(fmt::format("deleted {} documents for {} ids", deleted, request.ids.size()));
  return kOk;
}

}  // namespace

void add_delete(CLI::App& app, Action& action) {
  const auto request = std::make_shared<DeleteRequest>();
  CLI::App& verb = add_verb(app, "delete", "Delete documents by id", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to change").required();
  add_texts(verb, "ID", request->ids, "ID", "ids of documents, the _id of their corpus").required();
  add_lock_option(verb, request->options);
  set_action(verb, action, [request](Output&) { return run_delete(*request); });
}

}  // namespace vecterm::cli
