# tests of report
gpmq_test(test_report_area report samples)
gpmq_test(test_settings report samples)
gpmq_test(test_settings_diff report samples)
gpmq_fuzz(fuzz_settings fuzz_settings.c report)
