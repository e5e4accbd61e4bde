/*
 * sqlite_impl.h - what the files of the SQLite store share.
 *
 *   store_sqlite.c      open, close, the round
 *   sqlite_meta.c       what the store knows of itself: owner epoch, fences, counts
 *   sqlite_statement.c  statements: prepared once, and what their errors mean
 *   sqlite_sum.c        the checksums of records
 *   sqlite_rows.c       operations: submit, change, result, and how a row is read
 *   sqlite_reads.c      load, read, list
 *   sqlite_frames.c     status frames
 *   sqlite_blobs.c      blobs
 *   sqlite_retain.c     what is forgotten on purpose
 *   sqlite_check.c      every record held to its checksum, from outside
 */
#ifndef GPMQ_SQLITE_IMPL_H
#define GPMQ_SQLITE_IMPL_H

#include <sqlite3.h>

#include "keepers.h"
#include "store_impl.h"

/* The columns of a row that change, as in struct op_row: name, type. By the version of the tables
 * that brought them. */
/* clang-format off */
#define SQLITE_OP_COLUMNS_1(X)                                                                   \
    X(closed, FLAG) X(cancel_requested, FLAG) X(priority, U8) X(state, STATE) X(reason, REASON)     \
    X(fence, U64) X(seq, U64) X(report_n, U64) X(attempt, U32) X(crashes, U32) X(weight, U32)    \
    X(progress_numerator, I32) X(progress_denominator, I32) X(hr_status, I32) X(code, I32)       \
    X(submitted_unix_ms, I64) X(started_unix_ms, I64) X(finished_unix_ms, I64)                   \
    X(due_unix_ms, I64) X(total, U32) X(succeeded, U32) X(failed, U32) X(cancelled, U32)         \
    X(client, NAME) X(worker, NAME)
#define SQLITE_OP_COLUMNS_2(X) X(losses, U32) X(fate, FATE)
#define SQLITE_OP_COLUMNS(X)   SQLITE_OP_COLUMNS_1(X) SQLITE_OP_COLUMNS_2(X)
/* clang-format on */

enum sqlite_use {
    SQLITE_USE_BEGIN,
    SQLITE_USE_COMMIT,
    SQLITE_USE_META_SET,
    SQLITE_USE_META_GET,
    SQLITE_USE_META_DELETE,
    SQLITE_USE_META_LIST,
    SQLITE_USE_OP_INSERT,
    SQLITE_USE_OP_UPDATE,
    SQLITE_USE_OP_READ,
    SQLITE_USE_OP_FIND,
    SQLITE_USE_OP_LOAD,
    SQLITE_USE_OP_INDEX,
    SQLITE_USE_OP_LIST,
    SQLITE_USE_OP_LIST_BATCH,
    SQLITE_USE_OP_LIST_DEAD,
    SQLITE_USE_OP_NEXT,
    SQLITE_USE_OP_ENDED,
    SQLITE_USE_OP_BATCH_ENDED,
    SQLITE_USE_OP_DELETE,
    SQLITE_USE_REQUEST_INSERT,
    SQLITE_USE_REQUEST_READ,
    SQLITE_USE_REQUEST_DELETE,
    SQLITE_USE_RESULT_INSERT,
    SQLITE_USE_RESULT_READ,
    SQLITE_USE_RESULT_DELETE,
    SQLITE_USE_FRAME_INSERT,
    SQLITE_USE_FRAME_NEWEST,
    SQLITE_USE_FRAME_READ,
    SQLITE_USE_FRAME_DELETE,
    SQLITE_USE_BLOB_INSERT,
    SQLITE_USE_BLOB_UPDATE,
    SQLITE_USE_BLOB_READ,
    SQLITE_USE_BLOB_COUNT,
    SQLITE_USE_BLOB_UNUSED,
    SQLITE_USE_BLOB_NEWEST,
    SQLITE_USE_BLOB_DELETE,
    SQLITE_USE_PIECE_INSERT,
    SQLITE_USE_PIECE_READ,
    SQLITE_USE_PIECE_DELETE,
    SQLITE_USE_USE_INSERT,
    SQLITE_USE_USE_DELETE,
    SQLITE_USE_END
};

/* The numbers of operations looked up lately: most changes are followed by frames. */
struct sqlite_known {
    struct gpmq_id id;
    int64_t op;      /* 0: nothing is here */
    uint64_t framed; /* seq of the newest frame, and 1; 0: not known */
};
enum { SQLITE_KNOWN_COUNT = 4096 }; /* a power of two */

struct sqlite {
    struct store store; /* first */
    sqlite3 *db;
    char *path;
    int lock_fd;
    uint64_t epoch;
    uint64_t fence;
    struct store_stat stat; /* its counts, kept up with every change */
    int64_t newest_op;
    int64_t retained_op; /* retain() goes on behind this one */
    int64_t retained_blob;
    int wal_pages; /* as of the last commit */
    bool in_round;
    bool failed;
    struct sqlite_known *known;
    struct keepers keepers; /* of blobs, by their sizes */
    sqlite3_stmt *statements[SQLITE_USE_END];
};

static inline struct sqlite *sqlite_of(struct store *store)
{
    return (struct sqlite *)store;
}

/* ---- store_sqlite.c ---- */

/* GPMQ_ESTORE after a failure of the round. */
int sqlite_ready(const struct sqlite *sqlite, struct gpmq_error *err);
/* Before a change: opens the round. */
int sqlite_begin(struct sqlite *sqlite, struct gpmq_error *err);

int sqlite_commit(struct store *store, struct gpmq_error *err);

/* ---- sqlite_meta.c ---- */

/* Counts the records, and rises the epoch, durably. */
int sqlite_take_over(struct sqlite *sqlite, struct gpmq_error *err);
/* Whether the records that every store has are there and whole. GPMQ_EDAMAGED. */
int sqlite_check_meta(struct sqlite *sqlite, struct gpmq_error *err);
int sqlite_mark(struct store *store, const char *name, int64_t value, struct gpmq_error *err);
int sqlite_marks(struct store *store, store_mark_sink *sink, void *arg, struct gpmq_error *err);
int sqlite_reserve_fences(struct store *store, uint64_t limit, struct gpmq_error *err);

/* ---- sqlite_statement.c ---- */

/* "text: what SQLite says", and the code that it means: GPMQ_ENOSPACE, GPMQ_EDAMAGED, GPMQ_ENOMEM,
 * everything else GPMQ_ESTORE. */
int sqlite_fail(sqlite3 *db, struct gpmq_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Prepares every statement, for as long as the store is open. */
int sqlite_prepare(struct sqlite *sqlite, struct gpmq_error *err);
/* For CLEANUP(): ends the use of a statement. */
void sqlite_release(sqlite3_stmt **statement_p);
/* Runs a statement that changes something and ends its use. The round fails with it, but for a key
 * that is there already: GPMQ_EEXIST, without a text. */
int sqlite_run(struct sqlite *sqlite, sqlite3_stmt *statement, struct gpmq_error *err);
/* The next row of a statement: 1, or 0 when there is none, or an error. */
int sqlite_step(struct sqlite *sqlite, sqlite3_stmt *statement, struct gpmq_error *err);
/* Runs a statement whose only parameter is a number. */
int sqlite_run_number(struct sqlite *sqlite, enum sqlite_use use, int64_t number,
                      struct gpmq_error *err);
void sqlite_bind_bytes(sqlite3_stmt *statement, int index, struct store_bytes bytes);
/* NULL for none. */
void sqlite_bind_id(sqlite3_stmt *statement, int index, const struct gpmq_id *id);
/* Borrowed until the statement's next step. */
struct store_bytes sqlite_column_bytes(sqlite3_stmt *statement, int index);

/* ---- sqlite_sum.c ---- */

enum sqlite_table { SUM_META = 1, SUM_REQUEST, SUM_RESULT, SUM_FRAME, SUM_BLOB, SUM_PIECE };
/* Of a record of a table: its key, its bytes. */
int64_t sqlite_sum(enum sqlite_table table, int64_t key, int64_t key_2, struct store_bytes bytes);
int64_t sqlite_sum_row(const struct op_row *row);

/* ---- sqlite_rows.c ---- */

int sqlite_submit(struct store *store, const struct op_row *row, struct store_bytes request,
                  struct gpmq_error *err);
int sqlite_change(struct store *store, const struct store_change *change, struct gpmq_error *err);
int sqlite_result(struct store *store, const struct gpmq_id *id, struct store_bytes result,
                  struct gpmq_error *err);
/* The number of an operation. GPMQ_ENOTFOUND. */
int sqlite_find(struct sqlite *sqlite, const struct gpmq_id *id, int64_t *op,
                struct gpmq_error *err);
/* What is known of an operation that sqlite_find() has just found. */
struct sqlite_known *sqlite_known_of(struct sqlite *sqlite, const struct gpmq_id *id);
void sqlite_forget(struct sqlite *sqlite, const struct gpmq_id *id);
/* One row by its id, with SQLITE_USE_OP_READ, which the caller releases: till then its names are
 * good. */
int sqlite_read_row(struct sqlite *sqlite, sqlite3_stmt *statement, const struct gpmq_id *id,
                    int64_t *op, struct op_row *row, struct gpmq_error *err);
/* The row that a statement stands on. GPMQ_EDAMAGED: its checksum is wrong. */
int sqlite_column_row(sqlite3_stmt *statement, int64_t *op, struct op_row *row,
                      struct gpmq_error *err);

/* ---- sqlite_reads.c ---- */

int sqlite_load(struct store *store, store_row_sink *sink, void *arg, struct gpmq_error *err);
int sqlite_read(struct store *store, const struct gpmq_id *id, store_row_sink *sink, void *arg,
                struct gpmq_error *err);
int sqlite_list(struct store *store, const struct store_filter *filter, store_row_sink *sink,
                void *arg, struct gpmq_error *err);

/* ---- sqlite_frames.c ---- */

int sqlite_frame(struct store *store, const struct gpmq_id *id, uint64_t seq,
                 struct store_bytes frame, struct gpmq_error *err);
int sqlite_frames(struct store *store, const struct gpmq_id *id, uint64_t from,
                  store_frame_sink *sink, void *arg, struct gpmq_error *err);

/* ---- sqlite_blobs.c ---- */

int sqlite_blob_write(struct store *store, const uint8_t digest[32], uint64_t size, uint64_t offset,
                      struct store_bytes piece, const struct store_quota *quota,
                      int64_t now_unix_ms, uint64_t *next, struct gpmq_error *err);
uint64_t sqlite_blob_kept(const struct store *store, const char *client);
/* Counts the blobs there are, of each client. */
int sqlite_blob_count(struct sqlite *sqlite, struct gpmq_error *err);

int sqlite_blob_read(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                     size_t *size, uint64_t *total, struct gpmq_error *err);
int sqlite_blob_link(struct store *store, const struct gpmq_id *id, const uint8_t digest[32],
                     struct gpmq_error *err);
/* Drops blobs that nothing uses and nobody touched since. */
int sqlite_blob_retain(struct sqlite *sqlite, int64_t before_unix_ms, struct gpmq_error *err);

/* ---- sqlite_retain.c ---- */

int sqlite_retain(struct store *store, int64_t finished_before_unix_ms, uint32_t most,
                  uint32_t *removed, struct gpmq_error *err);

#endif
