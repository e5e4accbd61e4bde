/* sqlite_statement.c - every statement the store runs, prepared once, and what its errors mean. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_impl.h"

#define COLUMN_NAME(name, type) ", " #name
#define COLUMN_SLOT(name, type) ", ?"
#define COLUMN_SET(name, type)  ", " #name " = ?"
#define ROW                     "SELECT op, sum, id, batch, is_batch" SQLITE_OP_COLUMNS(COLUMN_NAME)

_Static_assert(GPMQ_DEAD == 12, "see the index op_dead");
_Static_assert(GPMQ_SUCCEEDED == 7, "states below 7 are open: see the statements");

static const char *const texts[SQLITE_USE_END] = {
    [SQLITE_USE_BEGIN] = "BEGIN IMMEDIATE",
    [SQLITE_USE_COMMIT] = "COMMIT",
    [SQLITE_USE_META_SET] = "INSERT INTO meta(name, value, sum) VALUES (?, ?, ?)"
                            " ON CONFLICT DO UPDATE SET value = excluded.value, sum = excluded.sum",
    [SQLITE_USE_META_DELETE] = "DELETE FROM meta WHERE name = ?",
    [SQLITE_USE_META_LIST] =
        "SELECT name, value, sum FROM meta WHERE name > 'mark:' AND name < 'mark;'",
    [SQLITE_USE_META_GET] = "SELECT value, sum FROM meta WHERE name = ?",

    [SQLITE_USE_OP_INSERT] = "INSERT INTO op(op, sum, id, batch, is_batch" SQLITE_OP_COLUMNS(
        COLUMN_NAME) ")"
                     " VALUES (?, ?, ?, ?, ?" SQLITE_OP_COLUMNS(COLUMN_SLOT) ")",
    [SQLITE_USE_OP_UPDATE] = "UPDATE op SET sum = ?" SQLITE_OP_COLUMNS(
        COLUMN_SET) " WHERE op = ? AND +id = ? AND state = ? AND fence = ? AND batch IS ? AND "
                    "is_batch = ?",
    [SQLITE_USE_OP_READ] = ROW " FROM op WHERE id = ?",
    [SQLITE_USE_OP_FIND] = "SELECT op FROM op WHERE id = ?",
    [SQLITE_USE_OP_LOAD] = ROW " FROM op ORDER BY op",
    [SQLITE_USE_OP_INDEX] = "SELECT id, op FROM op INDEXED BY op_id WHERE id > x''",
    [SQLITE_USE_OP_LIST] = ROW " FROM op WHERE op < ?1 ORDER BY op DESC",
    [SQLITE_USE_OP_LIST_BATCH] = ROW " FROM op WHERE op < ?1 AND batch = ?2 ORDER BY op DESC",
    [SQLITE_USE_OP_LIST_DEAD] = ROW
    " FROM op INDEXED BY op_dead WHERE op < ?1 AND state = 12 AND fate = 0 ORDER BY op DESC",
    [SQLITE_USE_OP_NEXT] = "SELECT min(op) FROM op WHERE op > ?",
    [SQLITE_USE_OP_ENDED] =
        ROW " FROM op AS item WHERE op >= ?1 AND op < ?2 AND state >= 7 AND finished_unix_ms < ?3"
            " AND NOT is_batch AND NOT EXISTS (SELECT 1 FROM op AS whole"
            "  WHERE whole.id = item.batch AND (whole.state < 7 OR whole.finished_unix_ms >= ?3))"
            " ORDER BY op LIMIT ?4",
    [SQLITE_USE_OP_BATCH_ENDED] =
        ROW " FROM op AS whole WHERE op >= ?1 AND op < ?2 AND state >= 7 AND finished_unix_ms < ?3"
            " AND is_batch AND NOT EXISTS (SELECT 1 FROM op AS item WHERE item.batch = whole.id)"
            " ORDER BY op LIMIT ?4",
    [SQLITE_USE_OP_DELETE] = "DELETE FROM op WHERE op = ?",

    [SQLITE_USE_REQUEST_INSERT] = "INSERT INTO request(op, sum, bytes) VALUES (?, ?, ?)",
    [SQLITE_USE_REQUEST_READ] = "SELECT sum, bytes FROM request WHERE op = ?",
    [SQLITE_USE_REQUEST_DELETE] = "DELETE FROM request WHERE op = ?",
    [SQLITE_USE_RESULT_INSERT] = "INSERT INTO result(op, sum, bytes) VALUES (?, ?, ?)",
    [SQLITE_USE_RESULT_READ] = "SELECT sum, bytes FROM result WHERE op = ?",
    [SQLITE_USE_RESULT_DELETE] = "DELETE FROM result WHERE op = ?",

    [SQLITE_USE_FRAME_INSERT] = "INSERT INTO frame(op, seq, sum, bytes) VALUES (?, ?, ?, ?)",
    [SQLITE_USE_FRAME_NEWEST] = "SELECT seq FROM frame WHERE op = ? ORDER BY seq DESC LIMIT 1",
    [SQLITE_USE_FRAME_READ] =
        "SELECT seq, sum, bytes FROM frame WHERE op = ? AND seq >= ? ORDER BY seq",
    [SQLITE_USE_FRAME_DELETE] = "DELETE FROM frame WHERE op = ?",

    [SQLITE_USE_BLOB_INSERT] = "INSERT INTO blob(sum, size, received, complete, touched_unix_ms,"
                               " digest, client) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQLITE_USE_BLOB_UPDATE] = "UPDATE blob SET sum = ?, size = ?, received = ?, complete = ?,"
                               " touched_unix_ms = ? WHERE digest = ?",
    [SQLITE_USE_BLOB_READ] = "SELECT blob, sum, size, received, complete, touched_unix_ms, client"
                             " FROM blob WHERE digest = ?",
    [SQLITE_USE_BLOB_COUNT] = "SELECT client, total(size) FROM blob GROUP BY client",
    [SQLITE_USE_BLOB_UNUSED] =
        "SELECT blob, received, size, client FROM blob WHERE blob > ?1 AND blob <= ?2"
        " AND touched_unix_ms < ?3"
        " AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob_use.digest = blob.digest)"
        " ORDER BY blob",
    [SQLITE_USE_BLOB_NEWEST] = "SELECT max(blob) FROM blob",
    [SQLITE_USE_BLOB_DELETE] = "DELETE FROM blob WHERE blob = ?",
    [SQLITE_USE_PIECE_INSERT] = "INSERT INTO blob_piece(piece, sum, bytes) VALUES (?, ?, ?)",
    [SQLITE_USE_PIECE_READ] =
        "SELECT piece, sum, bytes FROM blob_piece WHERE piece < ?2 AND piece >="
        " (SELECT max(piece) FROM blob_piece WHERE piece <= ?1) ORDER BY piece",
    [SQLITE_USE_PIECE_DELETE] =
        "DELETE FROM blob_piece WHERE piece >= (?1 << 32) AND piece < ((?1 + 1) << 32)",
    [SQLITE_USE_USE_INSERT] = "INSERT OR IGNORE INTO blob_use(digest, op) VALUES (?, ?)",
    [SQLITE_USE_USE_DELETE] = "DELETE FROM blob_use WHERE op = ?",
};

/* SQLite does not keep the errno of a COMMIT that failed: `number` is the one it left behind. */
static int code_of(sqlite3 *db, int number)
{
    if (sqlite3_system_errno(db))
        number = sqlite3_system_errno(db);
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_FULL:
        return GPMQ_ENOSPACE;
    case SQLITE_NOMEM:
        return GPMQ_ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return GPMQ_EDAMAGED;
    case SQLITE_IOERR:
        return number == ENOSPC || number == EDQUOT || number == EFBIG ? GPMQ_ENOSPACE
                                                                       : GPMQ_ESTORE;
    default:
        return GPMQ_ESTORE;
    }
}

int sqlite_fail(sqlite3 *db, struct gpmq_error *err, const char *format, ...)
{
    int number = errno;
    char what[GPMQ_ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return fail(err, code_of(db, number), "%s: %s (SQLite error %d)", what, sqlite3_errmsg(db),
                sqlite3_extended_errcode(db));
}

int sqlite_prepare(struct sqlite *sqlite, struct gpmq_error *err)
{
    for (enum sqlite_use use = 0; use < SQLITE_USE_END; use++)
        if (sqlite3_prepare_v3(sqlite->db, texts[use], -1, SQLITE_PREPARE_PERSISTENT,
                               &sqlite->statements[use], NULL) != SQLITE_OK)
            return sqlite_fail(sqlite->db, err, "cannot prepare \"%.60s\" in '%s'", texts[use],
                               sqlite->path);
    return 0;
}

void sqlite_release(sqlite3_stmt **statement_p)
{
    if (*statement_p)
        sqlite3_reset(*statement_p);
    *statement_p = NULL;
}

int sqlite_run(struct sqlite *sqlite, sqlite3_stmt *statement, struct gpmq_error *err)
{
    int code = 0;
    errno = 0;
    int rc = sqlite3_step(statement);
    if ((rc & 0xff) == SQLITE_CONSTRAINT) {
        code = GPMQ_EEXIST;
    } else if (rc != SQLITE_DONE) {
        sqlite->failed = true;
        code = sqlite_fail(sqlite->db, err, "cannot write to '%s'", sqlite->path);
    }
    sqlite3_reset(statement);
    return code;
}

int sqlite_step(struct sqlite *sqlite, sqlite3_stmt *statement, struct gpmq_error *err)
{
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return sqlite_fail(sqlite->db, err, "cannot read '%s'", sqlite->path);
    }
}

int sqlite_run_number(struct sqlite *sqlite, enum sqlite_use use, int64_t number,
                      struct gpmq_error *err)
{
    sqlite3_stmt *statement = sqlite->statements[use];
    sqlite3_bind_int64(statement, 1, number);
    return sqlite_run(sqlite, statement, err);
}

void sqlite_bind_bytes(sqlite3_stmt *statement, int index, struct store_bytes bytes)
{
    sqlite3_bind_blob64(statement, index, bytes.size ? bytes.bytes : "", bytes.size, SQLITE_STATIC);
}

void sqlite_bind_id(sqlite3_stmt *statement, int index, const struct gpmq_id *id)
{
    if (gpmq_id_is_none(id))
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_blob(statement, index, id->bytes, sizeof id->bytes, SQLITE_STATIC);
}

struct store_bytes sqlite_column_bytes(sqlite3_stmt *statement, int index)
{
    const void *bytes = sqlite3_column_blob(statement, index);
    return (struct store_bytes){bytes, (size_t)sqlite3_column_bytes(statement, index)};
}
