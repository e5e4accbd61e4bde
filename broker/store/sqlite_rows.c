/* sqlite_rows.c - operations: how their rows are written and read. */
#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

/* One pair for each type of column: a value to a parameter, a column to a value. */
#define WHOLE_NUMBER(type, c_type)                                                                 \
    static void bind_##type(sqlite3_stmt *statement, int index, const c_type *value)               \
    {                                                                                              \
        sqlite3_bind_int64(statement, index, (int64_t)*value);                                     \
    }                                                                                              \
    static void column_##type(sqlite3_stmt *statement, int index, c_type *value)                   \
    {                                                                                              \
        *value = (c_type)sqlite3_column_int64(statement, index);                                   \
    }

WHOLE_NUMBER(FLAG, bool)
WHOLE_NUMBER(U8, uint8_t)
WHOLE_NUMBER(U32, uint32_t)
WHOLE_NUMBER(I32, int32_t)
WHOLE_NUMBER(U64, uint64_t)
WHOLE_NUMBER(I64, int64_t)
WHOLE_NUMBER(STATE, enum gpmq_state)
WHOLE_NUMBER(REASON, enum gpmq_reason)
WHOLE_NUMBER(FATE, enum gpmq_fate)

static void bind_NAME(sqlite3_stmt *statement, int index, const char *const *value)
{
    assert(!*value || strlen(*value) <= GPMQ_NAME_MAX);
    sqlite3_bind_text(statement, index, *value, -1, SQLITE_STATIC);
}

static void column_NAME(sqlite3_stmt *statement, int index, const char **value)
{
    *value = (const char *)sqlite3_column_text(statement, index);
}

static int bind_columns(sqlite3_stmt *statement, int index, const struct op_row *row)
{
#define COLUMN_BIND(name, type) bind_##type(statement, index++, &row->name);
    SQLITE_OP_COLUMNS(COLUMN_BIND)
#undef COLUMN_BIND
    return index;
}

static bool column_id(sqlite3_stmt *statement, int index, struct gpmq_id *id)
{
    struct store_bytes bytes = sqlite_column_bytes(statement, index);
    *id = (struct gpmq_id){{0}};
    if (bytes.size == sizeof *id)
        memcpy(id, bytes.bytes, sizeof *id);
    return bytes.size == sizeof *id || bytes.size == 0;
}

int sqlite_column_row(sqlite3_stmt *statement, int64_t *op, struct op_row *row,
                      struct gpmq_error *err)
{
    struct op_row read = {.is_batch = sqlite3_column_int(statement, 4)};
    bool ids_fit = column_id(statement, 2, &read.id) && column_id(statement, 3, &read.batch);
    int index = 5;
#define COLUMN_READ(name, type) column_##type(statement, index++, &read.name);
    SQLITE_OP_COLUMNS(COLUMN_READ)
#undef COLUMN_READ
    if (!ids_fit || sqlite_sum_row(&read) != sqlite3_column_int64(statement, 1)) {
        char text[GPMQ_ID_TEXT_SIZE];
        return fail(err, GPMQ_EDAMAGED,
                    "table op: the record of operation %s (number %lld) is damaged",
                    gpmq_id_text(&read.id, text), (long long)sqlite3_column_int64(statement, 0));
    }
    *op = sqlite3_column_int64(statement, 0);
    *row = read;
    return 0;
}

int sqlite_read_row(struct sqlite *sqlite, sqlite3_stmt *statement, const struct gpmq_id *id,
                    int64_t *op, struct op_row *row, struct gpmq_error *err)
{
    sqlite_bind_id(statement, 1, id);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc <= 0)
        return rc ? rc : store_fail_unknown(id, err);
    rc = sqlite_column_row(statement, op, row, err);
    if (!rc && !gpmq_id_equal(&row->id, id))
        return fail(err, GPMQ_EDAMAGED, "index op_id: it leads to another operation");
    return rc;
}

struct sqlite_known *sqlite_known_of(struct sqlite *sqlite, const struct gpmq_id *id)
{
    return &sqlite->known[XXH3_64bits(id, sizeof *id) & (SQLITE_KNOWN_COUNT - 1)];
}

static void remember(struct sqlite *sqlite, const struct gpmq_id *id, int64_t op, uint64_t framed)
{
    *sqlite_known_of(sqlite, id) = (struct sqlite_known){*id, op, framed};
}

void sqlite_forget(struct sqlite *sqlite, const struct gpmq_id *id)
{
    *sqlite_known_of(sqlite, id) = (struct sqlite_known){0};
}

int sqlite_find(struct sqlite *sqlite, const struct gpmq_id *id, int64_t *op,
                struct gpmq_error *err)
{
    const struct sqlite_known *known = sqlite_known_of(sqlite, id);
    if (known->op && gpmq_id_equal(&known->id, id)) {
        *op = known->op;
        return 0;
    }
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_FIND];
    sqlite_bind_id(statement, 1, id);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc <= 0)
        return rc ? rc : store_fail_unknown(id, err);
    *op = sqlite3_column_int64(statement, 0);
    remember(sqlite, id, *op, 0);
    return 0;
}

static int insert_bytes(struct sqlite *sqlite, enum sqlite_use use, enum sqlite_table table,
                        int64_t op, struct store_bytes bytes, struct gpmq_error *err)
{
    sqlite3_stmt *statement = sqlite->statements[use];
    sqlite3_bind_int64(statement, 1, op);
    sqlite3_bind_int64(statement, 2, sqlite_sum(table, op, 0, bytes));
    sqlite_bind_bytes(statement, 3, bytes);
    return sqlite_run(sqlite, statement, err);
}

static int insert_row(struct sqlite *sqlite, int64_t op, const struct op_row *row,
                      struct gpmq_error *err)
{
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_INSERT];
    sqlite3_bind_int64(statement, 1, op);
    sqlite3_bind_int64(statement, 2, sqlite_sum_row(row));
    sqlite_bind_id(statement, 3, &row->id);
    sqlite_bind_id(statement, 4, &row->batch);
    sqlite3_bind_int(statement, 5, row->is_batch);
    bind_columns(statement, 6, row);
    return sqlite_run(sqlite, statement, err);
}

static void count(struct store_stat *stat, enum gpmq_state state, int by)
{
    uint64_t *counter = gpmq_state_is_final(state) ? &stat->final_count : &stat->open_count;
    *counter += (uint64_t)by;
}

int sqlite_submit(struct store *store, const struct op_row *row, struct store_bytes request,
                  struct gpmq_error *err)
{
    assert(!gpmq_id_is_none(&row->id));
    struct sqlite *sqlite = sqlite_of(store);
    int64_t op = sqlite->newest_op + 1;
    int rc = sqlite_begin(sqlite, err);
    if (rc)
        return rc;
    rc = insert_row(sqlite, op, row, err);
    if (rc)
        return rc == GPMQ_EEXIST ? store_fail_known(&row->id, err) : rc;
    rc = insert_bytes(sqlite, SQLITE_USE_REQUEST_INSERT, SUM_REQUEST, op, request, err);
    if (rc == GPMQ_EEXIST) {
        sqlite->failed = true;
        return fail(err, GPMQ_ESTORE, "table request: there is a request %lld of no operation",
                    (long long)op);
    }
    if (rc)
        return rc;
    sqlite->newest_op = op;
    remember(sqlite, &row->id, op, 1);
    count(&sqlite->stat, row->state, 1);
    return 0;
}

/* Says why no row was changed. */
static int judge_change(struct sqlite *sqlite, const struct store_change *change,
                        struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_READ];
    int64_t op;
    struct op_row row;
    int rc = sqlite_read_row(sqlite, statement, &change->row->id, &op, &row, err);
    if (!rc)
        rc = store_judge_change(&row, change, err);
    return rc ? rc : fail(err, GPMQ_EDAMAGED, "index op_id: an operation is missing in it");
}

int sqlite_change(struct store *store, const struct store_change *change, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    const struct op_row *row = change->row;
    int64_t op;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = sqlite_find(sqlite, &row->id, &op, err)))
        return rc;
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_UPDATE];
    sqlite3_bind_int64(statement, 1, sqlite_sum_row(row));
    int index = bind_columns(statement, 2, row);
    sqlite3_bind_int64(statement, index, op);
    sqlite_bind_id(statement, index + 1, &row->id);
    sqlite3_bind_int(statement, index + 2, (int)change->from);
    sqlite3_bind_int64(statement, index + 3, (int64_t)change->from_fence);
    sqlite_bind_id(statement, index + 4, &row->batch);
    sqlite3_bind_int(statement, index + 5, row->is_batch);
    rc = sqlite_run(sqlite, statement, err);
    if (rc)
        return rc;
    if (sqlite3_changes(sqlite->db) == 0)
        return judge_change(sqlite, change, err);
    count(&sqlite->stat, change->from, -1);
    count(&sqlite->stat, row->state, 1);
    return 0;
}

int sqlite_result(struct store *store, const struct gpmq_id *id, struct store_bytes result,
                  struct gpmq_error *err)
{
    assert(result.size > 0);
    struct sqlite *sqlite = sqlite_of(store);
    int64_t op;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = sqlite_find(sqlite, id, &op, err)))
        return rc;
    rc = insert_bytes(sqlite, SQLITE_USE_RESULT_INSERT, SUM_RESULT, op, result, err);
    return rc == GPMQ_EEXIST ? store_fail_result(id, err) : rc;
}
