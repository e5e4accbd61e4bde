# tests of domain
add_library(scratch STATIC scratch.c)
target_include_directories(scratch PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

gpmq_test(test_domain domain scratch)
