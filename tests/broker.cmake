# tests of broker

add_library(core_desk STATIC core_desk.c)
target_link_libraries(core_desk PUBLIC core PkgConfig::CMOCKA)
target_include_directories(core_desk PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
foreach(name test_core test_core_lease test_core_cancel test_core_queue test_core_batch
        test_core_pause test_core_fair test_core_after test_core_retry
        test_core_dead test_core_why)
  gpmq_test(${name} core_desk)
endforeach()
foreach(name test_store test_store_blobs test_store_copy test_store_sqlite test_store_power
        test_schema)
  gpmq_test(${name} store PkgConfig::SODIUM PkgConfig::SQLITE)
  target_sources(${name} PRIVATE store_fixture.c)
endforeach()
# Into these a bug can be put at run time: tests/planted.py.
foreach(name test_store_sqlite test_store_power)
  target_sources(${name} PRIVATE store_plant.c)
  target_link_options(${name} PRIVATE
    -Wl,--wrap=sqlite3_exec,--wrap=sqlite_sum,--wrap=sqlite_sum_row)
endforeach()
gpmq_test(test_pace broker)
gpmq_test(test_room broker)
gpmq_test(test_watch broker)
gpmq_test(test_recent broker)
gpmq_test(test_subscriptions broker)
gpmq_test(test_access broker)
add_executable(bench_store bench/bench_store.c)
target_link_libraries(bench_store PRIVATE store)
add_subdirectory(sim)
add_executable(bench_queue bench/bench_gpmq.c bench/bench_peers.c bench/bench_queue.c)
target_link_libraries(bench_queue PRIVATE proto)
