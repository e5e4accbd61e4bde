# tests of domain
add_library(scratch STATIC scratch.c)
target_include_directories(scratch PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

gpmq_test(test_domain domain scratch)

# The demo domain, from text: make_domain tests/data/demo-domain DEST.
add_executable(make_domain make_domain.c make_extensions.c make_pol.c)
target_link_libraries(make_domain PRIVATE domain)
gpmq_test(test_demo_domain domain scratch)
add_dependencies(test_demo_domain make_domain)
