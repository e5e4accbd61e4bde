# tests of report
gpmq_test(test_report_area report samples)
