// SPDX-License-Identifier: GPL-2.0-or-later
/// @file
/// Everything that a program needs that indexes, follows dictionaries and searches (libvecterm), installed as
/// <vecterm/vecterm.h>. Start here:
///
///     analyzers/dictionary.h        Dictionary: word vectors, opened from a file of `vecterm train` or `dict import`
///     plugin/term_generator.h       TermGenerator: Xapian's, which adds tokens and the vector to each document
///     plugin/searcher.h             Searcher: words and meaning on any Xapian::Database
///     index/index.h                 Index: the same for directories that `vecterm index` or index_corpora() made,
///                                   from a text to hits with ids, titles, snippets and explanations
///     index/index_pool.h            IndexPool: an Index for any number of threads
///     index/reindex.h               reindex(), embed_index(): make an index follow a dictionary
///     plugin/ranking_expression.h   how hits are ordered; plugin/ranking_source.h does so in one's own Enquire
///     plugin/schema.h               what vecterm writes into a database, in one table
///
/// Programs that learn, import or tune link libvecterm-training too and include analyzers/training/*.h, index/tuner.h,
/// index/rank_tuner.h and index/evaluation.h, which are not part of this header.
#pragma once

#include "../analyzers/version.h"
//
#include "../analyzers/dictionary.h"
#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/hash_space.h"
#include "../analyzers/progress.h"
#include "../analyzers/tokenizer.h"
#include "../analyzers/vector_codec.h"
#include "../plugin/analyzer_settings.h"
#include "../plugin/document_embedder.h"
#include "../plugin/explanation.h"
#include "../plugin/query_builder.h"
#include "../plugin/query_syntax.h"
#include "../plugin/ranking_expression.h"
#include "../plugin/ranking_features.h"
#include "../plugin/ranking_profile.h"
#include "../plugin/ranking_source.h"
#include "../plugin/schema.h"
#include "../plugin/search_request.h"
#include "../plugin/searcher.h"
#include "../plugin/snippet.h"
#include "../plugin/term_generator.h"
#include "../plugin/xapian_tokenizer.h"
#include "check.h"
#include "config.h"
#include "generations.h"
#include "index.h"
#include "index_pool.h"
#include "indexer.h"
#include "reindex.h"
#include "text_query.h"
#include "write_options.h"
