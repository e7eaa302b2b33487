# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` lays down for programs that use the library: <vecterm/...>, find_package and pkg-config.
install(TARGETS vecterm EXPORT vecterm-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

function(install_headers folder)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/${folder}/)
  install(FILES ${ARGN} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vecterm/${folder})
endfunction()

install_headers(analyzers
  dictionary.h
  dictionary_difference.h
  embedding.h
  errors.h
  export.h
  first_pass.h
  hash_space.h
  icu_tokenizer.h
  int8_rows.h
  kernels.h
  line_reader.h
  ngrams.h
  progress.h
  segmenter.h
  sign_rows.h
  tokenizer.h
  vector_codec.h
)
install_headers(analyzers/training
  autotune.h
  conversion.h
  evaluation.h
  file_array.h
  hash_space_learner.h
  label_classifier.h
  label_evaluation.h
  labelled_texts.h
  procrustes.h
  task_evaluation.h
  text_vectors.h
  trainer.h
  training_data.h
  training_options.h
  tsne.h
  update_cost.h
  word2vec.h
  word_vectors.h
)
install_headers(plugin
  analyzer_settings.h
  document_embedder.h
  document_fields.h
  explanation.h
  nearest_request.h
  plain_terms_search.h
  posting_reader.h
  query_builder.h
  query_syntax.h
  ranking_expression.h
  ranking_features.h
  ranking_profile.h
  ranking_source.h
  schema.h
  search_plan.h
  search_request.h
  searcher.h
  shard.h
  snippet.h
  term_generator.h
  tuning.h
  vector_reader.h
  xapian_tokenizer.h
)
install_headers(index
  chart.h
  check.h
  config.h
  corpus.h
  dictionary_map.h
  enrichment.h
  evaluation.h
  generations.h
  hash_space_tuner.h
  index.h
  index_pool.h
  indexer.h
  metadata_update.h
  rank_tuner.h
  reindex.h
  text_query.h
  training_input.h
  tuner.h
)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vecterm)
install(EXPORT vecterm-targets NAMESPACE vecterm:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/vecterm-config.cmake.in
  ${PROJECT_BINARY_DIR}/vecterm-config.cmake INSTALL_DESTINATION ${package_dir}
)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vecterm-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vecterm-config.cmake ${PROJECT_BINARY_DIR}/vecterm-config-version.cmake
  DESTINATION ${package_dir}
)

# Relative, so that the package may be installed or moved anywhere.
file(RELATIVE_PATH PREFIX_FROM_PKGCONFIG /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/vecterm.pc.in ${PROJECT_BINARY_DIR}/vecterm.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vecterm.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
