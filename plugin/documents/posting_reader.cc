// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/documents/posting_reader.h"

namespace vecterm {

PostingReader::~PostingReader() = default;

void DatabasePostingReader::append(const std::string& term, DocidList& docids) {
  const auto end = database_.postlist_end(term);
  for (auto posting = database_.postlist_begin(term); posting != end; ++posting) docids.push_back(*posting);
}

std::shared_ptr<const DocidList> DatabasePostingReader::matching(const Xapian::Query& filter) {
  auto docids = std::make_shared<DocidList>();
  if (filter.get_type() == Xapian::Query::LEAF_TERM) {
    append(*filter.get_terms_begin(), *docids);
    return docids;
  }
  Xapian::Enquire enquire(database_);
  enquire.set_query(filter);
  enquire.set_weighting_scheme(Xapian::BoolWeight());
  enquire.set_docid_order(Xapian::Enquire::ASCENDING);
  const Xapian::MSet matches = enquire.get_mset(0, database_.get_doccount());
  docids->reserve(matches.size());
  for (auto match = matches.begin(); match != matches.end(); ++match) docids->push_back(*match);
  return docids;
}

}  // namespace vecterm
