# tests of client
gpmq_test(test_history client)
