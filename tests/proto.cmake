# tests of proto
gpmq_test(test_lifecycle proto)
gpmq_test(test_codec proto)
