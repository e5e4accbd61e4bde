# tests of rsop
add_library(rsop_lab STATIC rsop_lab.c make_pol.c)
target_link_libraries(rsop_lab PUBLIC rsop scratch PkgConfig::CMOCKA)
target_include_directories(rsop_lab PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
gpmq_test(test_rsop rsop_lab)
gpmq_test(test_rsop_topology rsop_lab samples PkgConfig::JANSSON)
gpmq_test(test_rsop_merge rsop_lab)
gpmq_test(test_ops_rsop ops_desk)
add_dependencies(test_ops_rsop make_domain)
