# tests of report
gpmq_test(test_report_area report samples)
gpmq_test(test_settings report samples)
target_sources(test_settings PRIVATE settings_look.c)
gpmq_test(test_settings_reports report repository_fixture)
target_sources(test_settings_reports PRIVATE settings_look.c)
gpmq_test(test_settings_diff report samples)
gpmq_fuzz(fuzz_settings fuzz_settings.c report)
add_executable(make_report make_report.c)
target_link_libraries(make_report PRIVATE report)
gpmq_test(test_report_html report samples PkgConfig::XML)
gpmq_test(test_html report PkgConfig::XML)
target_sources(test_report_html PRIVATE page_read.c)
target_sources(test_html PRIVATE page_read.c)

# In a browser; pages, pictures and PDFs lie in the build's report-pages afterwards.
add_test(NAME report_browser_test COMMAND /usr/bin/python3
         ${CMAKE_CURRENT_SOURCE_DIR}/report_browser_test.py $<TARGET_FILE:make_report>
         ${CMAKE_BINARY_DIR}/report-pages)
set_tests_properties(report_browser_test PROPERTIES TIMEOUT 300 LABELS slow
  ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")

add_library(report_compare STATIC report_compare.c)
target_include_directories(report_compare PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(report_compare PUBLIC report PkgConfig::CMOCKA)
gpmq_test(test_report_parity report_compare repository_fixture)

add_library(report_fixture STATIC report_fixture.c)
target_include_directories(report_fixture PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(report_fixture PUBLIC report PkgConfig::CMOCKA)
gpmq_test(test_report report_fixture)
gpmq_test(test_report_limits report_fixture)
gpmq_test(test_report_domain report)
gpmq_test(test_report_kept report)
gpmq_test(test_certificate report)

# ops_desk is of worker.cmake.
gpmq_test(test_ops_report ops_desk)
add_dependencies(test_ops_report make_domain)

gpmq_test(test_report_trip report_compare repository_fixture ops_desk)

# The same backups, read by a reader that is not ours.
add_test(NAME gpreport_test COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/gpreport_test.py ${CMAKE_BINARY_DIR}/bin
         $<TARGET_FILE:make_domain> ${CMAKE_CURRENT_SOURCE_DIR}/data/demo-domain)
set_tests_properties(gpreport_test PROPERTIES TIMEOUT 180)
gpmq_test(test_admx report_fixture)
target_sources(test_admx PRIVATE make_pol.c)
gpmq_fuzz(fuzz_report_html fuzz_report_html.c report)
gpmq_fuzz(fuzz_admx fuzz_admx.c report)
if(GPMQ_FUZZ)
  target_sources(fuzz_admx PRIVATE make_pol.c)
endif()
gpmq_test(test_admx_store report scratch)

gpmq_fuzz(fuzz_report fuzz_report.c report)
gpmq_fuzz(fuzz_report_kept fuzz_report_kept.c report)
gpmq_fuzz(fuzz_certificate fuzz_certificate.c report)
