# tests of report
gpmq_test(test_report_area report samples)
gpmq_test(test_settings report samples)
gpmq_test(test_settings_diff report samples)
gpmq_fuzz(fuzz_settings fuzz_settings.c report)
add_executable(make_report make_report.c)
target_link_libraries(make_report PRIVATE report)
gpmq_test(test_report_html report samples PkgConfig::XML)

# In a browser; pages, pictures and PDFs lie in the build's report-pages afterwards.
add_test(NAME report_browser_test COMMAND /usr/bin/python3
         ${CMAKE_CURRENT_SOURCE_DIR}/report_browser_test.py $<TARGET_FILE:make_report>
         ${CMAKE_BINARY_DIR}/report-pages)
set_tests_properties(report_browser_test PROPERTIES TIMEOUT 300 LABELS slow
  ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
