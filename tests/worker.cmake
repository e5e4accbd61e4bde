# tests of worker
gpmq_test(test_lease_book worker_core)
