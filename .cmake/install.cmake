# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` lays down for programs that use the libraries: <vecterm/...>, find_package and pkg-config.
# Public headers are those at the top of a layer; tests/layout.py compares.
install(TARGETS vecterm vecterm-training EXPORT vecterm-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

set(public_headers
  analyzers/dictionary.h
  analyzers/embedding.h
  analyzers/errors.h
  analyzers/hash_space.h
  analyzers/progress.h
  analyzers/tokenizer.h
  analyzers/training/evaluation.h
  analyzers/training/hash_space_learner.h
  analyzers/training/trainer.h
  analyzers/training/training_data.h
  analyzers/training/training_options.h
  analyzers/training/word_vectors.h
  analyzers/vector_codec.h
  analyzers/version.h
  index/check.h
  index/config.h
  index/evaluation.h
  index/generations.h
  index/index.h
  index/index_pool.h
  index/indexer.h
  index/rank_tuner.h
  index/reindex.h
  index/text_query.h
  index/tuner.h
  index/vecterm.h
  index/write_options.h
  plugin/analyzer_settings.h
  plugin/document_embedder.h
  plugin/explanation.h
  plugin/query_builder.h
  plugin/query_syntax.h
  plugin/ranking_expression.h
  plugin/ranking_features.h
  plugin/ranking_profile.h
  plugin/ranking_source.h
  plugin/schema.h
  plugin/search_request.h
  plugin/searcher.h
  plugin/snippet.h
  plugin/term_generator.h
  plugin/xapian_tokenizer.h
)
foreach(header IN LISTS public_headers)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vecterm/${folder})
endforeach()
# The umbrella has the short name.
file(WRITE ${PROJECT_BINARY_DIR}/include/vecterm/vecterm.h "#include \"index/vecterm.h\"\n")
install(FILES ${PROJECT_BINARY_DIR}/include/vecterm/vecterm.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vecterm)

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
foreach(package vecterm vecterm-training)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${package}.pc.in ${PROJECT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
