# tests of proto
gpmq_test(test_lifecycle proto)
