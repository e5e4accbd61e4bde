# tests of repository

add_library(repository_fixture STATIC repository_fixture.c backup_equal.c)
target_include_directories(repository_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(repository_fixture PUBLIC repository)

gpmq_test(test_backup_samples repository_fixture)
gpmq_test(test_repository repository_fixture)
