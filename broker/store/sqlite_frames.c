/* sqlite_frames.c - status frames: dense from 1 for each operation. */
#include <inttypes.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

static int newest_frame(struct sqlite *sqlite, const struct sqlite_known *known, int64_t op,
                        uint64_t *seq, struct gpmq_error *err)
{
    if (known->framed) {
        *seq = known->framed - 1;
        return 0;
    }
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_FRAME_NEWEST];
    sqlite3_bind_int64(statement, 1, op);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc < 0)
        return rc;
    *seq = rc ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    return 0;
}

int sqlite_frame(struct store *store, const struct gpmq_id *id, uint64_t seq,
                 struct store_bytes frame, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    struct sqlite_known *known;
    int64_t op;
    uint64_t newest;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = sqlite_find(sqlite, id, &op, err)) ||
        (rc = newest_frame(sqlite, (known = sqlite_known_of(sqlite, id)), op, &newest, err)) ||
        (rc = store_judge_frame(id, newest, seq, err)))
        return rc;
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_FRAME_INSERT];
    sqlite3_bind_int64(statement, 1, op);
    sqlite3_bind_int64(statement, 2, (int64_t)seq);
    sqlite3_bind_int64(statement, 3, sqlite_sum(SUM_FRAME, op, (int64_t)seq, frame));
    sqlite_bind_bytes(statement, 4, frame);
    rc = sqlite_run(sqlite, statement, err);
    known->framed = rc ? 0 : seq + 1;
    return rc;
}

/* The frame that a statement stands on, which should be `seq`. */
static int column_frame(sqlite3_stmt *statement, const struct gpmq_id *id, int64_t op, uint64_t seq,
                        struct store_bytes *out, struct gpmq_error *err)
{
    char text[GPMQ_ID_TEXT_SIZE];
    if ((uint64_t)sqlite3_column_int64(statement, 0) != seq)
        return store_fail_frame(id, seq, err);
    struct store_bytes bytes = sqlite_column_bytes(statement, 2);
    if (sqlite_sum(SUM_FRAME, op, (int64_t)seq, bytes) != sqlite3_column_int64(statement, 1))
        return fail(err, GPMQ_EDAMAGED, "table frame: frame %" PRIu64 " of %s is damaged", seq,
                    gpmq_id_text(id, text));
    *out = bytes;
    return 0;
}

static int read_newest_seq(struct sqlite *sqlite, const struct gpmq_id *id, int64_t *op,
                           uint64_t *seq, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_READ];
    struct op_row row;
    int rc = sqlite_ready(sqlite, err);
    if (rc || (rc = sqlite_read_row(sqlite, statement, id, op, &row, err)))
        return rc;
    *seq = row.seq;
    return 0;
}

int sqlite_frames(struct store *store, const struct gpmq_id *id, uint64_t from,
                  store_frame_sink *sink, void *arg, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int64_t op;
    uint64_t newest, seq = from ? from : 1;
    int rc = read_newest_seq(sqlite, id, &op, &newest, err);
    if (rc)
        return rc;
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_FRAME_READ];
    sqlite3_bind_int64(statement, 1, op);
    sqlite3_bind_int64(statement, 2, (int64_t)seq);
    while ((rc = sqlite_step(sqlite, statement, err)) > 0) {
        struct store_bytes bytes;
        if ((rc = column_frame(statement, id, op, seq, &bytes, err)) ||
            (rc = sink(arg, seq, bytes, err)))
            return rc;
        seq++;
    }
    return rc == 0 && seq <= newest ? store_fail_frame(id, seq, err) : rc;
}
