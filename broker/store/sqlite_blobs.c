/* sqlite_blobs.c - large content in pieces. */
#include <sodium.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

/* A row of the table blob. */
struct blob_row {
    int64_t blob;
    uint64_t size;
    uint64_t received;
    bool complete;
    int64_t touched_unix_ms;
    char client[GPMQ_NAME_MAX + 1]; /* "": nobody's */
};

enum { DIGEST_SIZE = 32 };

static int64_t piece_key(int64_t blob, uint64_t offset)
{
    return (blob << 32) + (int64_t)offset;
}

static int64_t sum_blob(const struct blob_row *row, const uint8_t digest[DIGEST_SIZE])
{
    int64_t said[] = {(int64_t)row->size, (int64_t)row->received, row->complete,
                      row->touched_unix_ms};
    int64_t sum = sqlite_sum(SUM_BLOB, sqlite_sum(SUM_BLOB, 0, 0, (struct store_bytes){digest, 32}),
                             0, (struct store_bytes){said, sizeof said});
    if (!*row->client) /* as before there were any */
        return sum;
    return sqlite_sum(SUM_BLOB, sum, 0, (struct store_bytes){row->client, strlen(row->client)});
}

static const char *client_of(const struct blob_row *row)
{
    return *row->client ? row->client : NULL;
}

static void set_client(struct blob_row *row, const char *client)
{
    snprintf(row->client, sizeof row->client, "%s", client ? client : "");
}

/* The row of a blob: 1, or 0 when there is none, or an error. */
static int read_blob(struct sqlite *sqlite, const uint8_t digest[DIGEST_SIZE], struct blob_row *out,
                     struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_BLOB_READ];
    sqlite3_bind_blob(statement, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
    int rc = sqlite_step(sqlite, statement, err);
    if (rc <= 0)
        return rc;
    struct blob_row row = {
        .blob = sqlite3_column_int64(statement, 0),
        .size = (uint64_t)sqlite3_column_int64(statement, 2),
        .received = (uint64_t)sqlite3_column_int64(statement, 3),
        .complete = sqlite3_column_int(statement, 4),
        .touched_unix_ms = sqlite3_column_int64(statement, 5),
    };
    set_client(&row, (const char *)sqlite3_column_text(statement, 6));
    if (sum_blob(&row, digest) != sqlite3_column_int64(statement, 1))
        return fail(err, GPMQ_EDAMAGED, "table blob: record %lld is damaged", (long long)row.blob);
    *out = row;
    return 1;
}

static int write_blob(struct sqlite *sqlite, enum sqlite_use use, const struct blob_row *row,
                      const uint8_t digest[DIGEST_SIZE], struct gpmq_error *err)
{
    sqlite3_stmt *statement = sqlite->statements[use];
    sqlite3_bind_int64(statement, 1, sum_blob(row, digest));
    sqlite3_bind_int64(statement, 2, (int64_t)row->size);
    sqlite3_bind_int64(statement, 3, (int64_t)row->received);
    sqlite3_bind_int(statement, 4, row->complete);
    sqlite3_bind_int64(statement, 5, row->touched_unix_ms);
    sqlite3_bind_blob(statement, 6, digest, DIGEST_SIZE, SQLITE_STATIC);
    if (use == SQLITE_USE_BLOB_INSERT) /* it stays whose it is */
        sqlite3_bind_text(statement, 7, client_of(row), -1, SQLITE_STATIC);
    return sqlite_run(sqlite, statement, err);
}

static int append_piece(struct sqlite *sqlite, struct blob_row *row, struct store_bytes piece,
                        struct gpmq_error *err)
{
    int64_t key = piece_key(row->blob, row->received);
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_PIECE_INSERT];
    sqlite3_bind_int64(statement, 1, key);
    sqlite3_bind_int64(statement, 2, sqlite_sum(SUM_PIECE, key, 0, piece));
    sqlite_bind_bytes(statement, 3, piece);
    int rc = sqlite_run(sqlite, statement, err);
    if (rc)
        return rc == GPMQ_EEXIST ? fail(err, GPMQ_EDAMAGED,
                                        "table blob_piece: piece %lld is in use", (long long)key)
                                 : rc;
    row->received += piece.size;
    sqlite->stat.blob_bytes += piece.size;
    return 0;
}

typedef void piece_sink(void *arg, uint64_t offset, struct store_bytes piece);

/* Hands out the pieces that hold the bytes from..to of a blob, which is all there. */
static int read_pieces(struct sqlite *sqlite, const struct blob_row *row, uint64_t from,
                       uint64_t to, piece_sink *sink, void *arg, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_PIECE_READ];
    sqlite3_bind_int64(statement, 1, piece_key(row->blob, from));
    sqlite3_bind_int64(statement, 2, piece_key(row->blob, to));
    uint64_t end = from;
    bool first = true;
    while (end < to) {
        int rc = sqlite_step(sqlite, statement, err);
        if (rc < 0)
            return rc;
        int64_t key = rc ? sqlite3_column_int64(statement, 0) : -1;
        uint64_t offset = (uint64_t)(key - piece_key(row->blob, 0));
        struct store_bytes piece = sqlite_column_bytes(statement, 2);
        bool follows = first ? offset <= from : offset == end;
        if (!rc || !follows || offset + piece.size <= end ||
            sqlite_sum(SUM_PIECE, key, 0, piece) != sqlite3_column_int64(statement, 1))
            return fail(err, GPMQ_EDAMAGED, "table blob_piece: blob %lld is damaged at %llu",
                        (long long)row->blob, (unsigned long long)end);
        sink(arg, offset, piece);
        end = offset + piece.size;
        first = false;
    }
    return 0;
}

static void hash_piece(void *arg, uint64_t offset, struct store_bytes piece)
{
    (void)offset;
    crypto_generichash_update(arg, piece.bytes, piece.size);
}

/* Whether a blob whose last byte has come is what its digest says. */
static int judge_digest(struct sqlite *sqlite, const struct blob_row *row,
                        const uint8_t digest[DIGEST_SIZE], struct gpmq_error *err)
{
    crypto_generichash_state state;
    uint8_t is[DIGEST_SIZE];
    crypto_generichash_init(&state, NULL, 0, sizeof is);
    int rc = read_pieces(sqlite, row, 0, row->size, hash_piece, &state, err);
    if (rc)
        return rc;
    crypto_generichash_final(&state, is, sizeof is);
    return memcmp(is, digest, sizeof is) == 0 ? 0 : store_fail_digest(digest, err);
}

static int remove_blob(struct sqlite *sqlite, const struct blob_row *row, struct gpmq_error *err)
{
    int rc = sqlite_run_number(sqlite, SQLITE_USE_PIECE_DELETE, row->blob, err);
    if (!rc)
        rc = sqlite_run_number(sqlite, SQLITE_USE_BLOB_DELETE, row->blob, err);
    if (rc)
        return rc;
    sqlite->stat.blob_bytes -=
        row->received < sqlite->stat.blob_bytes ? row->received : sqlite->stat.blob_bytes;
    keepers_take(&sqlite->keepers, client_of(row), row->size);
    return 0;
}

uint64_t sqlite_blob_kept(const struct store *store, const char *client)
{
    return keepers_bytes(&((const struct sqlite *)store)->keepers, client);
}

int sqlite_blob_count(struct sqlite *sqlite, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_BLOB_COUNT];
    int rc;
    while ((rc = sqlite_step(sqlite, statement, err)) > 0)
        if (!keepers_add(&sqlite->keepers, (const char *)sqlite3_column_text(statement, 0),
                         (uint64_t)sqlite3_column_int64(statement, 1)))
            return fail(err, GPMQ_ENOMEM, "no memory for a store");
    return rc;
}

/* The row of a blob, made when there is none. */
static int begin_blob(struct sqlite *sqlite, const uint8_t digest[DIGEST_SIZE], uint64_t size,
                      const struct store_quota *quota, struct blob_row *row, struct gpmq_error *err)
{
    int rc = read_blob(sqlite, digest, row, err);
    if (rc)
        return rc < 0 ? rc : 0;
    *row = (struct blob_row){.size = size};
    set_client(row, quota ? quota->client : NULL);
    const char *client = client_of(row);
    rc = store_judge_quota(quota, size, client ? keepers_bytes(&sqlite->keepers, client) : 0,
                           keepers_bytes(&sqlite->keepers, NULL), err);
    if (rc || (rc = write_blob(sqlite, SQLITE_USE_BLOB_INSERT, row, digest, err)))
        return rc;
    row->blob = sqlite3_last_insert_rowid(sqlite->db);
    return keepers_add(&sqlite->keepers, client, size)
               ? 0
               : fail(err, GPMQ_ENOMEM, "no memory to count a blob");
}

/* Ends what was received whole: complete, or dropped. */
static int end_blob(struct sqlite *sqlite, const uint8_t digest[DIGEST_SIZE], struct blob_row *row,
                    struct gpmq_error *err)
{
    int rc = judge_digest(sqlite, row, digest, err);
    row->complete = rc == 0;
    if (rc != GPMQ_EDAMAGED)
        return rc;
    int removed = remove_blob(sqlite, row, err);
    return removed ? removed : rc;
}

int sqlite_blob_write(struct store *store, const uint8_t digest[32], uint64_t size, uint64_t offset,
                      struct store_bytes piece, const struct store_quota *quota,
                      int64_t now_unix_ms, uint64_t *next, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    struct blob_row row;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = read_blob(sqlite, digest, &row, err)) < 0 ||
        (rc = store_judge_piece(rc ? row.size : size, size, offset, piece.size, err)) ||
        (rc = begin_blob(sqlite, digest, size, quota, &row, err)))
        return rc;
    if (offset == row.received && piece.size && (rc = append_piece(sqlite, &row, piece, err)))
        return rc;
    if (!row.complete && row.received == size && (rc = end_blob(sqlite, digest, &row, err)))
        return rc;
    if (now_unix_ms > row.touched_unix_ms)
        row.touched_unix_ms = now_unix_ms;
    rc = write_blob(sqlite, SQLITE_USE_BLOB_UPDATE, &row, digest, err);
    if (!rc)
        *next = row.received;
    return rc;
}

/* Where read_pieces() puts what was asked for. */
struct window {
    uint8_t *buffer;
    uint64_t from;
    uint64_t to;
};

static void copy_piece(void *arg, uint64_t offset, struct store_bytes piece)
{
    const struct window *window = arg;
    uint64_t from = offset > window->from ? offset : window->from;
    uint64_t end = offset + piece.size < window->to ? offset + piece.size : window->to;
    memcpy(window->buffer + (from - window->from), (const uint8_t *)piece.bytes + (from - offset),
           (size_t)(end - from));
}

int sqlite_blob_read(struct store *store, const uint8_t digest[32], uint64_t offset, void *buffer,
                     size_t *size, uint64_t *total, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    struct blob_row row;
    int rc = sqlite_ready(sqlite, err);
    if (rc || (rc = read_blob(sqlite, digest, &row, err)) < 0)
        return rc;
    if (!rc || !row.complete)
        return store_fail_blob(digest, err);
    uint64_t left = offset < row.size ? row.size - offset : 0;
    struct window window = {buffer, offset, offset + (left < *size ? left : *size)};
    rc = left ? read_pieces(sqlite, &row, window.from, window.to, copy_piece, &window, err) : 0;
    if (rc)
        return rc;
    *size = (size_t)(window.to - window.from);
    *total = row.size;
    return 0;
}

int sqlite_blob_link(struct store *store, const struct gpmq_id *id, const uint8_t digest[32],
                     struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int64_t op;
    int rc = sqlite_begin(sqlite, err);
    if (rc || (rc = sqlite_find(sqlite, id, &op, err)))
        return rc;
    sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_USE_INSERT];
    sqlite3_bind_blob(statement, 1, digest, DIGEST_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, op);
    return sqlite_run(sqlite, statement, err);
}

/* ---- retention: a window of the oldest at a time, like operations ---------------------------- */

enum {
    REMOVED_AT_ONCE = 256,           /* blobs of one call ... */
    REMOVED_BYTES_MAX = 64 * 1048576 /* ... and what they have together, but for the last one */
};

static int newest_blob(struct sqlite *sqlite, int64_t *out, struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_BLOB_NEWEST];
    int rc = sqlite_step(sqlite, statement, err);
    *out = rc > 0 ? sqlite3_column_int64(statement, 0) : 0;
    return rc < 0 ? rc : 0;
}

/* Some blobs of a window that may go, and how many, or an error. */
static int find_unused(struct sqlite *sqlite, int64_t before_unix_ms,
                       struct blob_row rows[REMOVED_AT_ONCE], struct gpmq_error *err)
{
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_BLOB_UNUSED];
    sqlite3_bind_int64(statement, 1, sqlite->retained_blob);
    sqlite3_bind_int64(statement, 2, sqlite->retained_blob + STORE_RETAIN_ROWS);
    sqlite3_bind_int64(statement, 3, before_unix_ms);
    uint64_t bytes = 0;
    int rc = 0, count = 0;
    while (count < REMOVED_AT_ONCE && bytes < REMOVED_BYTES_MAX &&
           (rc = sqlite_step(sqlite, statement, err)) > 0) {
        rows[count] = (struct blob_row){.blob = sqlite3_column_int64(statement, 0),
                                        .received = (uint64_t)sqlite3_column_int64(statement, 1),
                                        .size = (uint64_t)sqlite3_column_int64(statement, 2)};
        set_client(&rows[count], (const char *)sqlite3_column_text(statement, 3));
        bytes += rows[count++].received;
    }
    return rc < 0 ? rc : count;
}

int sqlite_blob_retain(struct sqlite *sqlite, int64_t before_unix_ms, struct gpmq_error *err)
{
    CLEANUP(free_pointer) struct blob_row *rows = malloc(REMOVED_AT_ONCE * sizeof *rows);
    int64_t newest;
    uint64_t bytes = 0;
    int rc = newest_blob(sqlite, &newest, err);
    if (!rows)
        return fail(err, GPMQ_ENOMEM, "no memory to remove blobs");
    if (rc)
        return rc;
    if (sqlite->retained_blob >= newest)
        sqlite->retained_blob = 0;
    int found = find_unused(sqlite, before_unix_ms, rows, err);
    for (int i = 0; i < found; i++) {
        bytes += rows[i].received;
        if ((rc = remove_blob(sqlite, &rows[i], err)))
            return rc;
    }
    if (found == REMOVED_AT_ONCE || bytes >= REMOVED_BYTES_MAX)
        sqlite->retained_blob = rows[found - 1].blob;
    else
        sqlite->retained_blob += STORE_RETAIN_ROWS;
    return found < 0 ? found : 0;
}
