# tests of repository

add_library(repository_fixture STATIC repository_fixture.c backup_equal.c)
target_include_directories(repository_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(repository_fixture PUBLIC repository)

gpmq_test(test_xml repository)
gpmq_test(test_backup_plan repository)
gpmq_test(test_backup_xml repository_fixture)
gpmq_test(test_backup_samples repository_fixture)
gpmq_test(test_backup_hazards repository_fixture)
gpmq_test(test_repository repository_fixture)
gpmq_test(test_repository_crash repository_fixture)
foreach(call mkdirat write fsync renameat renameat2 unlinkat syscall)
  target_link_options(test_repository_crash PRIVATE -Wl,--wrap=${call})
endforeach()

gpmq_fuzz(fuzz_backup_xml fuzz_backup_xml.c repository)
gpmq_test(test_backup_roundtrip repository_fixture)
gpmq_test(test_prune repository)
gpmq_test(test_repository_remove repository_fixture)
gpmq_test(test_verify_data repository samples)
gpmq_fuzz(fuzz_verify_data fuzz_verify_data.c repository)
