# tests of report
gpmq_test(test_report_area report samples)
gpmq_test(test_settings report samples)
gpmq_test(test_settings_diff report samples)
gpmq_fuzz(fuzz_settings fuzz_settings.c report)
add_executable(make_report make_report.c)
target_link_libraries(make_report PRIVATE report)
gpmq_test(test_report_html report samples PkgConfig::XML)
