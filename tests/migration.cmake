# tests of migration
gpmq_test(test_migration_table migration)
gpmq_fuzz(fuzz_migration_table fuzz_migration_table.c migration)
gpmq_test(test_migration_settings migration samples)
gpmq_test(test_migration_map migration scratch)
gpmq_fuzz(fuzz_migration_settings fuzz_migration_settings.c migration)
