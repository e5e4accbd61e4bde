/*
 * kinds.h - the kinds of operations that this worker has handlers for: the one list.
 *
 * The worker announces them; handlers.c finds a handler, handler_<word>, for each. To add an
 * operation: one line here, its handler in a file of its own, that file in CMakeLists.txt.
 */
#ifndef GPMQ_KINDS_H
#define GPMQ_KINDS_H

/* clang-format off */
#define KINDS(X)                       \
    X(noop, "noop")                    \
    X(gpo_list, "gpo.list")            \
    X(gpo_backup, "gpo.backup")        \
    X(gpo_diff, "gpo.diff")            \
    X(gpo_import, "gpo.import")        \
    X(gpo_copy, "gpo.copy")            \
    X(gpo_report, "gpo.report")        \
    X(gpo_restore, "gpo.restore")      \
    X(gpo_rsop, "gpo.rsop")            \
    X(backup_list, "backup.list")      \
    X(backup_prune, "backup.prune")    \
    X(backup_report, "backup.report")  \
    X(backup_verify, "backup.verify")  \
    X(migration_table_create, "migration_table.create") \
    X(migration_table_validate, "migration_table.validate")
/* clang-format on */

#define KINDS_COUNT_ONE(word, kind) +1
#define KINDS_COUNT                 (0 KINDS(KINDS_COUNT_ONE))

#endif
