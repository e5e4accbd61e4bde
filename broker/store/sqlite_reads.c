/* sqlite_reads.c - questions about operations. */
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

/* Hands out one row with what belongs to it. *damaged: it was not handed out, *err says why. */
static int hand_out(struct sqlite *sqlite, int64_t op, const struct op_row *row, bool with_result,
                    store_row_sink *sink, void *arg, bool *damaged, struct gpmq_error *err)
{
    CLEANUP(sqlite_release)
    sqlite3_stmt *request_statement = sqlite->statements[SQLITE_USE_REQUEST_READ];
    CLEANUP(sqlite_release)
    sqlite3_stmt *result_statement = sqlite->statements[SQLITE_USE_RESULT_READ];
    struct store_bytes request, result = {0};
    int rc = read_bytes(sqlite, request_statement, SUM_REQUEST, op, &request, err);
    if (!rc && with_result)
        rc = read_bytes(sqlite, result_statement, SUM_RESULT, op, &result, err);
    if (!rc)
        return sink(arg, row, request, result, err);
    char text[GPMQ_ID_TEXT_SIZE];
    *damaged = rc == GPMQ_EDAMAGED;
    fail_in(err, "operation %s", gpmq_id_text(&row->id, text));
    return rc;
}

/* Hands out every row of a statement; damaged ones last, as an error that names the first. */
static int hand_out_all(struct sqlite *sqlite, sqlite3_stmt *statement, bool with_result,
                        store_row_sink *sink, void *arg, struct gpmq_error *err)
{
    struct gpmq_error first = {0}, now = {0};
    int rc;
    while ((rc = sqlite_step(sqlite, statement, &now)) > 0) {
        int64_t op;
        struct op_row row;
        rc = sqlite_column_row(statement, &op, &row, &now);
        bool damaged = rc == GPMQ_EDAMAGED;
        if (!rc)
            rc = hand_out(sqlite, op, &row, with_result, sink, arg, &damaged, &now);
        if (rc && !damaged)
            break;
        if (rc && !first.code)
            first = now;
    }
    if (rc == 0 && first.code) {
        rc = first.code;
        now = first;
    }
    if (rc && err)
        *err = now;
    return rc;
}

int sqlite_load(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_LOAD];
    int rc = sqlite_ready(sqlite, err);
    return rc ? rc : hand_out_all(sqlite, statement, false, sink, arg, err);
}

int sqlite_read(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_READ];
    int64_t op;
    struct op_row row;
    bool damaged;
    int rc = sqlite_ready(sqlite, err);
    if (rc || (rc = sqlite_read_row(sqlite, statement, id, &op, &row, err)))
        return rc;
    return hand_out(sqlite, op, &row, true, sink, arg, &damaged, err);
}

int sqlite_list(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int64_t before = INT64_MAX;
    int rc = sqlite_ready(sqlite, err);
    if (!rc && !gpmq_id_is_none(&filter->after))
        rc = sqlite_find(sqlite, &filter->after, &before, err);
    if (rc)
        return rc;
    bool of_batch = !gpmq_id_is_none(&filter->batch);
    CLEANUP(sqlite_release)
    sqlite3_stmt *statement =
        sqlite->statements[of_batch ? SQLITE_USE_OP_LIST_BATCH : SQLITE_USE_OP_LIST];
    sqlite3_bind_int64(statement, 1, before);
    sqlite3_bind_int(statement, 2, filter->open_only);
    sqlite3_bind_int64(statement, 3, filter->limit);
    if (of_batch)
        sqlite_bind_id(statement, 4, &filter->batch);
    return hand_out_all(sqlite, statement, true, sink, arg, err);
}
