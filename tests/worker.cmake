# tests of worker
gpmq_test(test_lease_book worker_core)
gpmq_test(test_executor worker)
add_dependencies(test_executor gpmq-executor)
gpmq_test(test_conf worker)
gpmq_test(test_session worker scratch)
add_dependencies(test_session gpmq-executor)

# Operations, run in the test's process on the demo domain.
add_library(ops_desk STATIC ops_desk.c)
target_include_directories(ops_desk PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(ops_desk PUBLIC ops scratch PkgConfig::CMOCKA)
foreach(name test_ops_backup test_ops_import test_ops_lists test_ops_hazards)
  gpmq_test(${name} ops_desk PkgConfig::JANSSON)
  add_dependencies(${name} make_domain)
endforeach()
gpmq_test(test_sandbox sandbox scratch)
gpmq_test(test_samples ops_desk repository_fixture)
target_sources(test_samples PRIVATE backup_diff.c backup_payload.c)
