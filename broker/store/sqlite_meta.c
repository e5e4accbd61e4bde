/* sqlite_meta.c - what the store knows of itself. */
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

enum { FENCE_FIRST = 1 };

static int64_t sum_meta(const char *name, int64_t value)
{
    return sqlite_sum(SUM_META, value, 0, (struct store_bytes){name, strlen(name)});
}

static int write_meta(struct sqlite *sqlite, const char *name, uint64_t value,
                      struct gpmq_error *err)
{
    int rc = sqlite_begin(sqlite, err);
    if (rc)
        return rc;
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_META_SET];
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (int64_t)value);
    sqlite3_bind_int64(statement, 3, sum_meta(name, (int64_t)value));
    return sqlite_run(sqlite, statement, err);
}

/* *out is 0 when there is no such record. */
static int read_meta(struct sqlite *sqlite, const char *name, uint64_t *out, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_META_GET];
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc < 0)
        return rc;
    int64_t value = rc ? sqlite3_column_int64(statement, 0) : 0;
    if (rc && sqlite3_column_int64(statement, 1) != sum_meta(name, value))
        return fail(err, GPMQ_EDAMAGED, "table meta: the record '%s' is damaged", name);
    *out = (uint64_t)value;
    return 0;
}

int sqlite_reserve_fences(struct store *store, uint64_t limit, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int rc = sqlite_ready(sqlite, err);
    if (rc || limit <= sqlite->fence || (rc = write_meta(sqlite, "fence", limit, err)))
        return rc;
    sqlite->fence = limit;
    return 0;
}

/* ---- marks: records whose name begins with "mark:" ------------------------------------------- */

#define MARK_PREFIX      "mark:"
#define MARK_PREFIX_SIZE (sizeof MARK_PREFIX - 1)

int sqlite_mark(struct store *store, const char *name, int64_t value, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    char record[STORE_MARK_MAX + MARK_PREFIX_SIZE + 1];
    int rc = sqlite_ready(sqlite, err);
    if (rc)
        return rc;
    if (strlen(name) > STORE_MARK_MAX)
        return store_fail_mark(err);
    snprintf(record, sizeof record, MARK_PREFIX "%s", name);
    if (value)
        return write_meta(sqlite, record, (uint64_t)value, err);
    if ((rc = sqlite_begin(sqlite, err)))
        return rc;
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_META_DELETE];
    sqlite3_bind_text(statement, 1, record, -1, SQLITE_TRANSIENT);
    return sqlite_run(sqlite, statement, err);
}

int sqlite_marks(struct store *store, store_mark_sink *sink, void *arg, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int rc = sqlite_ready(sqlite, err);
    if (rc)
        return rc;
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_META_LIST];
    while ((rc = sqlite_step(sqlite, statement, err)) > 0) {
        const char *record = (const char *)sqlite3_column_text(statement, 0);
        int64_t value = sqlite3_column_int64(statement, 1);
        if (sqlite3_column_int64(statement, 2) != sum_meta(record, value))
            return fail(err, GPMQ_EDAMAGED, "table meta: the record '%s' is damaged", record);
        if ((rc = sink(arg, record + MARK_PREFIX_SIZE, value, err)))
            return rc;
    }
    return rc;
}

static void finalize(sqlite3_stmt **statement_p)
{
    sqlite3_finalize(*statement_p);
    *statement_p = NULL;
}

static int count_one(struct sqlite *sqlite, const char *sql, int64_t out[3], struct gpmq_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return sqlite_fail(sqlite->db, err, "cannot count the records of '%s'", sqlite->path);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc < 0)
        return rc;
    for (int i = 0; i < sqlite3_column_count(statement); i++)
        out[i] = sqlite3_column_int64(statement, i);
    return 0;
}

/* Counts all records, once. Table and index that differ in size have lost records. */
static int count_records(struct sqlite *sqlite, struct gpmq_error *err)
{
    int64_t op[3], indexed[3], blob[3];
    int rc = count_one(sqlite, "SELECT count(*), total(state < 7), max(op) FROM op NOT INDEXED", op,
                       err);
    if (rc ||
        (rc = count_one(sqlite, "SELECT count(*) FROM op INDEXED BY op_id WHERE id > x''", indexed,
                        err)) ||
        (rc = count_one(sqlite, "SELECT total(received) FROM blob", blob, err)))
        return rc;
    if (op[0] != indexed[0])
        return fail(err, GPMQ_EDAMAGED,
                    "'%s' has lost records: the table op has %lld, its index %lld; see "
                    "docs/operations.md, \"Damaged store\"",
                    sqlite->path, (long long)op[0], (long long)indexed[0]);
    sqlite->stat.open_count = (uint64_t)op[1];
    sqlite->stat.final_count = (uint64_t)(op[0] - op[1]);
    sqlite->stat.blob_bytes = (uint64_t)blob[0];
    sqlite->newest_op = op[2];
    return 0;
}

int sqlite_check_meta(struct sqlite *sqlite, struct gpmq_error *err)
{
    uint64_t epoch, fence;
    int rc = count_records(sqlite, err);
    if (rc || (rc = read_meta(sqlite, "epoch", &epoch, err)) ||
        (rc = read_meta(sqlite, "fence", &fence, err)))
        return rc;
    return epoch && fence
               ? 0
               : fail(err, GPMQ_EDAMAGED, "table meta of '%s' has lost its records", sqlite->path);
}

int sqlite_take_over(struct sqlite *sqlite, struct gpmq_error *err)
{
    uint64_t epoch, fence;
    int rc = count_records(sqlite, err);
    if (rc || (rc = sqlite_blob_count(sqlite, err)) ||
        (rc = read_meta(sqlite, "epoch", &epoch, err)) ||
        (rc = read_meta(sqlite, "fence", &fence, err)))
        return rc;
    bool fresh = !epoch && !fence && !sqlite->newest_op;
    if (!fresh && (!epoch || !fence))
        return fail(err, GPMQ_EDAMAGED, "table meta of '%s' has lost its records", sqlite->path);
    if ((rc = write_meta(sqlite, "epoch", epoch + 1, err)) ||
        (fresh && (rc = sqlite_reserve_fences(&sqlite->store, FENCE_FIRST, err))) ||
        (rc = sqlite_commit(&sqlite->store, err)))
        return rc;
    sqlite->epoch = epoch + 1;
    sqlite->fence = fresh ? FENCE_FIRST : fence;
    return 0;
}
