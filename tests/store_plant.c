/*
 * store_plant.c - bugs that are put into the SQLite store of a test, by GPMQ_PLANT at run time:
 * tests/planted.py shows that each is found.
 *
 *     no_fsync      commits do not wait for the disk
 *     no_checksum   a record's checksum is the same whatever it says
 *
 * Linked with --wrap for the three functions; without the variable nothing is different.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite_impl.h"

int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*sink)(void *, int, char **, char **),
                        void *arg, char **text);
int64_t __real_sqlite_sum(enum sqlite_table table, int64_t key, int64_t key_2,
                          struct store_bytes bytes);
int64_t __real_sqlite_sum_row(const struct op_row *row);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*sink)(void *, int, char **, char **),
                        void *arg, char **text);
int64_t __wrap_sqlite_sum(enum sqlite_table table, int64_t key, int64_t key_2,
                          struct store_bytes bytes);
int64_t __wrap_sqlite_sum_row(const struct op_row *row);

static bool is_planted(const char *name)
{
    const char *plant = getenv("GPMQ_PLANT");
    return plant && strcmp(plant, name) == 0;
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*sink)(void *, int, char **, char **),
                        void *arg, char **text)
{
    int rc = __real_sqlite3_exec(db, sql, sink, arg, text);
    if (!rc && is_planted("no_fsync") && strstr(sql, "synchronous"))
        rc = __real_sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return rc;
}

int64_t __wrap_sqlite_sum(enum sqlite_table table, int64_t key, int64_t key_2,
                          struct store_bytes bytes)
{
    return is_planted("no_checksum") ? 0 : __real_sqlite_sum(table, key, key_2, bytes);
}

int64_t __wrap_sqlite_sum_row(const struct op_row *row)
{
    return is_planted("no_checksum") ? 0 : __real_sqlite_sum_row(row);
}
