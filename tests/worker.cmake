# tests of worker
gpmq_test(test_lease_book worker_core)
gpmq_test(test_executor worker)
add_dependencies(test_executor gpmq-executor)
gpmq_test(test_ops ops repository_fixture PkgConfig::JANSSON)
gpmq_test(test_conf worker)
gpmq_test(test_session worker scratch)
add_dependencies(test_session gpmq-executor)
