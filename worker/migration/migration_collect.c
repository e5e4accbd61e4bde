#include "migration_collect.h"

#include "cleanup.h"

static int add(struct migration_table *table, enum migration_type type, char *source,
               struct gpmq_error *err)
{
    const struct migration_entry entry = {
        .type = type, .option = MIGRATION_SAME_AS_SOURCE, .source = source};
    if (migration_table_get(table, source))
        return 0;
    int rc = migration_table_add(table, &entry, err);
    return rc == GPMQ_EINVAL ? 0 : rc;
}

int migration_collect_visit(void *visit_arg, const struct migration_name *name,
                            struct migration_answer *answer, struct gpmq_error *err)
{
    const struct migration_collecting *collecting = visit_arg;
    CLEANUP(migration_principal_free) struct migration_principal principal = {0};
    (void)answer;
    if (name->acl && !collecting->with_acl)
        return 0;
    if (name->what == MIGRATION_PATH)
        return add(collecting->table, MIGRATION_UNC_PATH, (char *)name->text, err);
    int rc = migration_principal_find(&principal, name->text, collecting->lookup,
                                      collecting->lookup_arg, err);
    if (rc || !principal.listed)
        return rc;
    return add(collecting->table, principal.type, principal.source, err);
}
