# tests of broker

add_library(core_desk STATIC core_desk.c)
target_link_libraries(core_desk PUBLIC core PkgConfig::CMOCKA)
target_include_directories(core_desk PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
gpmq_test(test_core core_desk)
foreach(name test_store test_store_blobs test_store_sqlite test_schema)
  gpmq_test(${name} store PkgConfig::SODIUM PkgConfig::SQLITE)
  target_sources(${name} PRIVATE store_fixture.c)
endforeach()
gpmq_test(test_watch broker)
gpmq_test(test_access broker)
add_executable(bench_store bench/bench_store.c)
target_link_libraries(bench_store PRIVATE store)
