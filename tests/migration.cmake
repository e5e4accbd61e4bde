# tests of migration
gpmq_test(test_migration_table migration)
gpmq_fuzz(fuzz_migration_table fuzz_migration_table.c migration)
