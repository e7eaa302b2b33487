// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/labelled_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::string_view kFastTextMark = "__label__";

/// Takes what stands before the next `separator` off `rest`, and the separator.
std::string_view take(std::string_view& rest, char separator) {
  const std::string_view taken = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return taken;
}

std::vector<std::string_view> split(std::string_view line, char separator) {
  std::vector<std::string_view> parts{line.substr(0, line.find(separator))};
  for (std::size_t end = parts[0].size(); end < line.size(); end += 1 + parts.back().size())
    parts.push_back(line.substr(end + 1, line.find(separator, end + 1) - end - 1));
  return parts;
}

class LabelledTextReader {
 public:
  LabelledTextReader(const std::string& path, const LabelSet& labels, const LabelledTextFormat& format)
      : lines_(path), labels_(labels), format_(format) {}

  std::vector<LabelledText> read() {
    std::vector<LabelledText> texts;
    for (std::string_view line; lines_.next(line);) {
      if (line.empty()) continue;
      LabelledText text;
      if (!(line.starts_with(kFastTextMark) ? parse_fasttext(line, text) : parse_columns(line, text))) continue;
      if (text.labels.empty()) throw DataError(lines_.where() + ": the text has no label");
      std::ranges::sort(text.labels);
      text.labels.erase(std::unique(text.labels.begin(), text.labels.end()), text.labels.end());
      texts.push_back(std::move(text));
    }
    if (!texts.empty()) return texts;
    const std::string wanted = format_.split.empty() ? "" : fmt::format(" of the split \"{}\"", format_.split);
    throw DataError(fmt::format("{}: there is no labelled text{}", lines_.path(), wanted));
  }

 private:
  /// False where the line belongs to another split.
  bool parse_columns(std::string_view line, LabelledText& text) {
    const auto columns = split(line, '\t');
    if (columns.size() != 2 && columns.size() != 3)
      throw DataError(fmt::format("{}: 2 columns (text, labels) or 3 (then the split) are needed; has {}",
                                  lines_.where(), columns.size()));
    if (!format_.split.empty()) {
      if (columns.size() != 3) throw DataError(lines_.where() + ": there is no third column with the split");
      if (columns[2] != format_.split) return false;
    }
    text.text = columns[0];
    std::string_view names = columns[1];
    while (!names.empty()) add_label(take(names, format_.one_label ? '\t' : ' '), text);
    return true;
  }

  bool parse_fasttext(std::string_view line, LabelledText& text) {
    if (!format_.split.empty()) throw DataError(lines_.where() + ": lines of fastText have no column for the split");
    while (line.starts_with(kFastTextMark)) add_label(take(line, ' ').substr(kFastTextMark.size()), text);
    text.text = line;
    return true;
  }

  void add_label(std::string_view name, LabelledText& text) {
    if (name.empty()) return;
    const auto known = labels_.numbers.find(name);
    if (known == labels_.numbers.end())
      throw DataError(fmt::format("{}: {} is none of the {} labels", lines_.where(), in_quotes(name), labels_.size()));
    text.labels.push_back(known->second);
  }

  LineReader lines_;
  const LabelSet& labels_;
  const LabelledTextFormat& format_;
};

}  // namespace

void LabelSet::add(std::string_view name, std::string_view description) {
  const auto [entry, is_new] = numbers.try_emplace(std::string(name), static_cast<std::uint32_t>(names.size()));
  if (is_new) names.emplace_back(name);
  descriptions.push_back({entry->second, std::string(description)});
}

LabelSet read_labels(const std::string& path) {
  LabelSet labels;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    const auto columns = split(line, '\t');
    if (columns.size() != 2)
      throw DataError(fmt::format("{}: 2 columns (label, text that describes it) are needed; has {}", lines.where(),
                                  columns.size()));
    if (columns[0].empty()) throw DataError(lines.where() + ": the label has no name");
    labels.add(columns[0], columns[1]);
  }
  if (labels.size() == 0) throw DataError(path + ": there is no label");
  return labels;
}

std::vector<LabelledText> read_labelled_texts(const std::string& path, const LabelSet& labels,
                                              const LabelledTextFormat& format) {
  return LabelledTextReader(path, labels, format).read();
}

}  // namespace vecterm
