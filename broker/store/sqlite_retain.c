/* sqlite_retain.c - what is forgotten on purpose: a window of the oldest rows at a time. */
#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

/* What goes with an operation, by its number. The row itself goes last. */
static const enum sqlite_use deletions[] = {
    SQLITE_USE_FRAME_DELETE, SQLITE_USE_RESULT_DELETE, SQLITE_USE_REQUEST_DELETE,
    SQLITE_USE_USE_DELETE,   SQLITE_USE_OP_DELETE,
};

struct ended {
    int64_t op;
    struct gpmq_id id;
};

enum { ENDED_AT_ONCE = 64 };

static int first_behind(struct sqlite *sqlite, int64_t op, int64_t *first, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_NEXT];
    sqlite3_bind_int64(statement, 1, op);
    int rc = sqlite_step(sqlite, statement, err);
    *first = rc > 0 ? sqlite3_column_int64(statement, 0) : 0;
    return rc < 0 ? rc : 0;
}

/* Where to go on: behind the last window, or from the oldest row again; 0: there are no rows. */
static int next_window(struct sqlite *sqlite, int64_t *first, struct gpmq_error *err)
{
    int rc = first_behind(sqlite, sqlite->retained_op, first, err);
    return rc || *first ? rc : first_behind(sqlite, 0, first, err);
}

/* Some rows of the window that may go. Damaged ones are left alone: what they say is not known. */
static int find_ended(struct sqlite *sqlite, enum sqlite_use use, int64_t first, int64_t end,
                      int64_t before_unix_ms, struct ended ended[ENDED_AT_ONCE], uint32_t most,
                      struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[use];
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, end);
    sqlite3_bind_int64(statement, 3, before_unix_ms);
    sqlite3_bind_int64(statement, 4, -1);
    int rc = 0, count = 0;
    while (count < ENDED_AT_ONCE && (uint32_t)count < most &&
           (rc = sqlite_step(sqlite, statement, err)) > 0) {
        struct op_row row;
        if (sqlite_column_row(statement, &ended[count].op, &row, NULL) == 0)
            ended[count++].id = row.id;
    }
    return rc < 0 ? rc : count;
}

static int remove_one(struct sqlite *sqlite, const struct ended *ended, struct gpmq_error *err)
{
    for (size_t i = 0; i < sizeof deletions / sizeof deletions[0]; i++) {
        int rc = sqlite_run_number(sqlite, deletions[i], ended->op, err);
        if (rc)
            return rc;
    }
    sqlite_forget(sqlite, &ended->id);
    sqlite->stat.final_count--;
    return 0;
}

static int remove_window(struct sqlite *sqlite, enum sqlite_use use, int64_t first,
                         int64_t before_unix_ms, uint32_t most, uint32_t *removed,
                         struct gpmq_error *err)
{
    struct ended ended[ENDED_AT_ONCE];
    int64_t end = first + STORE_RETAIN_ROWS;
    int found;
    do {
        found = find_ended(sqlite, use, first, end, before_unix_ms, ended, most - *removed, err);
        for (int i = 0; i < found; i++) {
            int rc = remove_one(sqlite, &ended[i], err);
            if (rc)
                return rc;
        }
        *removed += found > 0 ? (uint32_t)found : 0;
        if (found > 0)
            first = ended[found - 1].op + 1;
    } while (found > 0 && *removed < most);
    return found < 0 ? found : 0;
}

int sqlite_retain(struct store *store, int64_t finished_before_unix_ms, uint32_t most,
                  uint32_t *removed, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int64_t first;
    uint32_t count = 0;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = next_window(sqlite, &first, err)))
        return rc;
    if ((rc = remove_window(sqlite, SQLITE_USE_OP_ENDED, first, finished_before_unix_ms, most,
                            &count, err)) ||
        (rc = remove_window(sqlite, SQLITE_USE_OP_BATCH_ENDED, first, finished_before_unix_ms, most,
                            &count, err)) ||
        (rc = sqlite_blob_retain(sqlite, finished_before_unix_ms, err)))
        return rc;
    if (count < most)
        sqlite->retained_op = first ? first + STORE_RETAIN_ROWS - 1 : 0;
    *removed = count;
    return 0;
}
