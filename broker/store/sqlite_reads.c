/* sqlite_reads.c - questions about operations. */
#include <string.h>
#include <xxhash.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

/* Request or result of an operation, borrowed until its statement is released. */
static int read_bytes(struct sqlite *sqlite, sqlite3_stmt *statement, enum sqlite_table table,
                      int64_t op, struct store_bytes *out, struct gpmq_error *err)
{
    const char *name = table == SUM_REQUEST ? "request" : "result";
    sqlite3_bind_int64(statement, 1, op);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc <= 0) {
        *out = (struct store_bytes){0};
        if (!rc && table == SUM_REQUEST)
            return fail(err, GPMQ_EDAMAGED, "table request: it has no record of it");
        return rc;
    }
    struct store_bytes bytes = sqlite_column_bytes(statement, 1);
    if (sqlite_sum(table, op, 0, bytes) != sqlite3_column_int64(statement, 0))
        return fail(err, GPMQ_EDAMAGED, "table %s: its record is damaged", name);
    *out = bytes.size ? bytes : (struct store_bytes){0};
    return 0;
}

/* One reading of many rows. */
struct reading {
    struct sqlite *sqlite;
    store_row_sink *sink;
    void *arg;
    bool with_result;
    bool open_only;
    bool dead_only;
    const struct gpmq_id *batch; /* they are all of this one; NULL: whatever */
    uint64_t left;               /* how many more to hand out */
    uint64_t prints;             /* the sum of the prints of all rows that are whole */
    struct gpmq_error first;     /* the first damage that was met */
};

/* Of a row's id and number: sums of it tell whether a table and its index hold the same. */
static uint64_t print_of(struct store_bytes id, int64_t op)
{
    return XXH3_64bits_withSeed(id.bytes, id.size, (uint64_t)op);
}

static int hand_out(struct reading *reading, int64_t op, const struct op_row *row,
                    struct gpmq_error *err)
{
    struct sqlite *sqlite = reading->sqlite;
    CLEANUP(sqlite_release)
    sqlite3_stmt *request_statement = sqlite->statements[SQLITE_USE_REQUEST_READ];
    CLEANUP(sqlite_release)
    sqlite3_stmt *result_statement = sqlite->statements[SQLITE_USE_RESULT_READ];
    struct store_bytes request, result = {0};
    struct gpmq_error why = {0};
    int rc = read_bytes(sqlite, request_statement, SUM_REQUEST, op, &request, &why);
    if (!rc && reading->with_result)
        rc = read_bytes(sqlite, result_statement, SUM_RESULT, op, &result, &why);
    if (!rc)
        return reading->sink(reading->arg, row, request, result, err);
    char text[GPMQ_ID_TEXT_SIZE];
    fail_in(&why, "operation %s", gpmq_id_text(&row->id, text));
    if (rc != GPMQ_EDAMAGED) {
        *err = why;
        return rc;
    }
    if (!reading->first.code)
        reading->first = why;
    return 0;
}

/* What a row says is believed only once its checksum is right: SQL does not filter for us. */
static int take_row(struct reading *reading, sqlite3_stmt *statement, struct gpmq_error *err)
{
    int64_t op;
    struct op_row row;
    struct gpmq_error why = {0};
    int rc = sqlite_column_row(statement, &op, &row, &why);
    bool of_another = !rc && reading->batch && !gpmq_id_equal(&row.batch, reading->batch);
    if (of_another && !reading->dead_only)
        rc = fail(&why, GPMQ_EDAMAGED, "index op_batch: operation %lld is of another batch",
                  (long long)op);
    if (!rc && reading->dead_only && (row.state != GPMQ_DEAD || row.fate != GPMQ_FATE_NONE))
        rc = fail(&why, GPMQ_EDAMAGED, "index op_dead: operation %lld is not dead", (long long)op);
    if (rc) {
        reading->left--;
        if (!reading->first.code)
            reading->first = why;
        return 0;
    }
    reading->prints += print_of((struct store_bytes){&row.id, sizeof row.id}, op);
    if (of_another || (reading->open_only && gpmq_state_is_final(row.state)))
        return 0;
    reading->left--;
    return hand_out(reading, op, &row, err);
}

/* Hands out every row of a statement that is whole. */
static int take_rows(struct reading *reading, sqlite3_stmt *statement, struct gpmq_error *err)
{
    int rc = 0;
    while (!rc && reading->left && (rc = sqlite_step(reading->sqlite, statement, err)) > 0)
        rc = take_row(reading, statement, err);
    return rc;
}

/* Whether an entry of the index stands behind the one before, as a search expects. */
static bool in_order(struct gpmq_id *before, struct store_bytes id)
{
    bool right = id.size == sizeof *before && memcmp(before, id.bytes, sizeof *before) < 0;
    if (right)
        memcpy(before, id.bytes, sizeof *before);
    return right;
}

/* An index that leads astray would let an operation be submitted, and run, twice. */
static int check_index(struct reading *reading, struct gpmq_error *err)
{
    struct sqlite *sqlite = reading->sqlite;
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_INDEX];
    struct gpmq_id before = {{0}};
    uint64_t prints = 0;
    bool right = true;
    int rc;
    while ((rc = sqlite_step(sqlite, statement, err)) > 0) {
        struct store_bytes id = sqlite_column_bytes(statement, 0);
        right = right && sqlite3_column_type(statement, 0) == SQLITE_BLOB && in_order(&before, id);
        prints += print_of(id, sqlite3_column_int64(statement, 1));
    }
    if (!rc && !(right && prints == reading->prints) && !reading->first.code)
        fail(&reading->first, GPMQ_EDAMAGED,
             "index op_id of '%s' is damaged, the table is not: stop, and repair it with REINDEX",
             sqlite->path);
    return rc;
}

/* When all that is whole has been handed out, the first damage is the answer. */
static int end_reading(const struct reading *reading, int rc, struct gpmq_error *err)
{
    if (rc || !reading->first.code)
        return rc;
    if (err)
        *err = reading->first;
    return reading->first.code;
}

int sqlite_load(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err)
{
    struct gpmq_error own;
    struct sqlite *sqlite = sqlite_of(store);
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_LOAD];
    struct reading reading = {sqlite, sink, arg, .open_only = true, .left = UINT64_MAX};
    int rc = sqlite_ready(sqlite, err);
    if (rc || (rc = take_rows(&reading, statement, err ? err : &own)) ||
        (rc = check_index(&reading, err)))
        return rc;
    return end_reading(&reading, rc, err);
}

int sqlite_read(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err)
{
    struct gpmq_error own;
    struct sqlite *sqlite = sqlite_of(store);
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_READ];
    struct reading reading = {sqlite, sink, arg, .with_result = true};
    int64_t op;
    struct op_row row;
    /* What is read in a round shares its transaction: alone, each would lock and unlock the file.
     */
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = sqlite_read_row(sqlite, statement, id, &op, &row, err)))
        return rc;
    rc = hand_out(&reading, op, &row, err ? err : &own);
    return end_reading(&reading, rc, err);
}

static enum sqlite_use list_use(const struct store_filter *filter)
{
    if (filter->dead_only)
        return SQLITE_USE_OP_LIST_DEAD;
    return gpmq_id_is_none(&filter->batch) ? SQLITE_USE_OP_LIST : SQLITE_USE_OP_LIST_BATCH;
}

int sqlite_list(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err)
{
    struct gpmq_error own;
    struct sqlite *sqlite = sqlite_of(store);
    int64_t before = INT64_MAX;
    int rc = sqlite_ready(sqlite, err);
    if (!rc && !gpmq_id_is_none(&filter->after))
        rc = sqlite_find(sqlite, &filter->after, &before, err);
    if (rc)
        return rc;
    const struct gpmq_id *batch = gpmq_id_is_none(&filter->batch) ? NULL : &filter->batch;
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[list_use(filter)];
    sqlite3_bind_int64(statement, 1, before);
    if (batch && !filter->dead_only)
        sqlite_bind_id(statement, 2, batch);
    struct reading reading = {.sqlite = sqlite,
                              .sink = sink,
                              .arg = arg,
                              .with_result = true,
                              .open_only = filter->open_only,
                              .dead_only = filter->dead_only,
                              .batch = batch,
                              .left = filter->limit};
    rc = take_rows(&reading, statement, err ? err : &own);
    return end_reading(&reading, rc, err);
}
