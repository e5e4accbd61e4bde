/* schema.c - the tables of a store, from version to version. */
#include "schema.h"

#include <stdio.h>

#include "fail.h"
#include "sqlite_impl.h"

/* What changes often (op) is narrow and apart from what is written once. There is no index on a
 * column that changes, but for one that leaves out nearly all rows. `sum` is the XXH3 of what its
 * record says, see sqlite_sum.c. */
static const char version_1[] =
    "CREATE TABLE meta("
    " name TEXT PRIMARY KEY, value INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE op("
    " op INTEGER PRIMARY KEY, sum INTEGER NOT NULL, id BLOB NOT NULL, batch BLOB,"
    " is_batch INTEGER NOT NULL, closed INTEGER NOT NULL, cancel_requested INTEGER NOT NULL,"
    " priority INTEGER NOT NULL, state INTEGER NOT NULL, reason INTEGER NOT NULL,"
    " fence INTEGER NOT NULL, seq INTEGER NOT NULL, report_n INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL, crashes INTEGER NOT NULL, weight INTEGER NOT NULL,"
    " progress_numerator INTEGER NOT NULL, progress_denominator INTEGER NOT NULL,"
    " hr_status INTEGER NOT NULL, code INTEGER NOT NULL, submitted_unix_ms INTEGER NOT NULL,"
    " started_unix_ms INTEGER NOT NULL, finished_unix_ms INTEGER NOT NULL,"
    " due_unix_ms INTEGER NOT NULL, total INTEGER NOT NULL, succeeded INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, cancelled INTEGER NOT NULL, client TEXT, worker TEXT) STRICT;"
    "CREATE UNIQUE INDEX op_id ON op(id);"
    "CREATE INDEX op_batch ON op(batch) WHERE batch IS NOT NULL;"
    "CREATE TABLE request("
    " op INTEGER PRIMARY KEY, sum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE result("
    " op INTEGER PRIMARY KEY, sum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE frame("
    " op INTEGER NOT NULL, seq INTEGER NOT NULL, sum INTEGER NOT NULL, bytes BLOB NOT NULL,"
    " PRIMARY KEY(op, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE blob("
    " blob INTEGER PRIMARY KEY, sum INTEGER NOT NULL, digest BLOB NOT NULL UNIQUE,"
    " size INTEGER NOT NULL, received INTEGER NOT NULL, complete INTEGER NOT NULL,"
    " touched_unix_ms INTEGER NOT NULL) STRICT;"
    /* piece = blob * 2^32 + offset: in order, with no other index */
    "CREATE TABLE blob_piece("
    " piece INTEGER PRIMARY KEY, sum INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE blob_use("
    " digest BLOB NOT NULL, op INTEGER NOT NULL, PRIMARY KEY(digest, op)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX blob_use_op ON blob_use(op);";

/* A checksum leaves out the columns of this version while they are zero, see sqlite_sum.c: records
 * of version 1 stay as they are. */
static const char version_2[] = "ALTER TABLE op ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE op ADD COLUMN fate INTEGER NOT NULL DEFAULT 0;"
                                /* the list of the dead: short, whatever the table is */
                                "CREATE INDEX op_dead ON op(state) WHERE state = 12 AND fate = 0;";

/* Whose a blob is; NULL: nobody's. As above: the checksum leaves NULL out. */
static const char version_3[] = "ALTER TABLE blob ADD COLUMN client TEXT;";

/* The step at [n] leads from version n to n + 1. */
static const char *const steps[SCHEMA_VERSION] = {version_1, version_2, version_3};

static int read_number(sqlite3 *db, const char *path, const char *sql, int64_t *out,
                       struct gpmq_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? 0 : sqlite_fail(db, err, "cannot read '%s'", path);
}

static int take_step(sqlite3 *db, const char *path, int version, struct gpmq_error *err)
{
    char marks[128];
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             SCHEMA_APPLICATION_ID, version + 1);
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, steps[version], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(db, marks, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    int code =
        sqlite_fail(db, err, "cannot bring '%s' from version %d to %d", path, version, version + 1);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

/* 0: the file is empty. */
static int read_version(sqlite3 *db, const char *path, int64_t *version, struct gpmq_error *err)
{
    int64_t application, tables;
    int rc = read_number(db, path, "PRAGMA application_id", &application, err);
    if (rc || (rc = read_number(db, path, "PRAGMA user_version", version, err)) ||
        (rc = read_number(db, path, "SELECT count(*) FROM sqlite_schema", &tables, err)))
        return rc;
    bool empty = application == 0 && *version == 0 && tables == 0;
    if (!empty && (application != SCHEMA_APPLICATION_ID || *version < 1))
        return fail(err, GPMQ_EDAMAGED, "'%s' is a database, but no store of gpmq", path);
    if (*version > SCHEMA_VERSION)
        return fail(err, GPMQ_EVERSION,
                    "'%s' is a store of version %lld, and this gpmq knows %d: use a newer gpmq",
                    path, (long long)*version, SCHEMA_VERSION);
    return 0;
}

int schema_update(sqlite3 *db, const char *path, struct gpmq_error *err)
{
    int64_t version;
    int rc = read_version(db, path, &version, err);
    for (int at = rc ? SCHEMA_VERSION : (int)version; !rc && at < SCHEMA_VERSION; at++)
        rc = take_step(db, path, at, err);
    return rc;
}

int schema_is_current(sqlite3 *db, const char *path, struct gpmq_error *err)
{
    int64_t version;
    int rc = read_version(db, path, &version, err);
    if (rc)
        return rc;
    if (version == 0)
        return fail(err, GPMQ_EDAMAGED, "'%s' is empty", path);
    return version == SCHEMA_VERSION
               ? 0
               : fail(err, GPMQ_EVERSION,
                      "'%s' is a store of version %lld, and this gpmq reads %d: a broker that is "
                      "started on it brings it there",
                      path, (long long)version, SCHEMA_VERSION);
}
