// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/training/updates/procrustes.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Example:
  vecterm dict align old.dict retrained.dict -o new.dict

The vectors of NEW are rotated to lie as near to those of OLD as a rotation brings them (orthogonal Procrustes, over the
words that both have, by count and squared weight), and get OLD's hash space: a compatible update. Words, weights,
counts and codec are NEW's. It is for dictionaries that somebody else trained anew. Where a quarter of the pairs was
new it kept 50 % of the tokens in cells and 8 % in 16 x 8 hyperplanes, and new queries found a third of what they ought
to in documents that had not followed; 'vecterm train --update OLD' kept 98 % and 95 %, and they found all of it.)";

struct AlignRequest {
  std::string old;
  std::string recent;
  std::string output;
};

}  // namespace

void add_dict_align(CLI::App& dict, Action& action) {
  const auto request = std::make_shared<AlignRequest>();
  CLI::App& verb = add_verb(dict, "align", "Turn a retrained dictionary into the space of an older one", kFooter);
  add_text(verb, "OLD", request->old, "FILE", "dictionary file").required();
  add_text(verb, "NEW", request->recent, "FILE", "dictionary file of the same dimensions").required();
  add_text(verb, "-o,--output", request->output, "DICT", "dictionary file to write").required();
  set_action(verb, action, [request](Output&) {
    check_output_path(request->output, {});
    const DictionaryContents contents = aligned(*Dictionary::open(request->recent), *Dictionary::open(request->old));
    write_dictionary(request->output, contents);
    message(fmt::format("wrote {} words to {}; hash space {}", contents.words.size(), request->output,
                        contents.hash_space->id()));
    return kOk;
  });
}

}  // namespace vecterm::cli
