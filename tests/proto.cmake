# tests of proto
gpmq_test(test_lifecycle proto)
gpmq_test(test_codec proto)
gpmq_test(test_curve proto PkgConfig::CZMQ)
