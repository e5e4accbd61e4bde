# tests of proto
gpmq_test(test_lifecycle proto)
gpmq_test(test_codec proto)
gpmq_test(test_curve proto PkgConfig::CZMQ)

gpmq_test(test_golden proto)
target_sources(test_golden PRIVATE fill.c)
gpmq_fuzz(fuzz_decode fuzz_decode.c proto)

gpmq_test(test_notify daemon)
target_sources(test_notify PRIVATE scratch.c)
