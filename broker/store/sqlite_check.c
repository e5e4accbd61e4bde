/* sqlite_check.c - every record of a store, in one reading transaction. */
#include "sqlite_check.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fail.h"
#include "schema.h"

enum {
    WAIT_FOR_OTHERS_MS = 2000,
    DAMAGED_PAGES_MAX = 20, /* that SQLite names */
    PIECE_SIZE = GPMQ_BLOB_CHUNK,
};

/* What belongs to something that is not there. */
static const struct {
    const char *sql;
    const char *what;
} orphans[] = {
    {"SELECT count(*) FROM request WHERE op NOT IN (SELECT op FROM op)",
     "records of table request belong to no operation"},
    {"SELECT count(*) FROM result WHERE op NOT IN (SELECT op FROM op)",
     "records of table result belong to no operation"},
    {"SELECT count(*) FROM frame WHERE op NOT IN (SELECT op FROM op)",
     "records of table frame belong to no operation"},
    {"SELECT count(*) FROM blob_use WHERE op NOT IN (SELECT op FROM op)",
     "records of table blob_use belong to no operation"},
    {"SELECT count(*) FROM blob_piece WHERE piece >> 32 NOT IN (SELECT blob FROM blob)",
     "records of table blob_piece belong to no blob"},
};

struct checking {
    struct sqlite *sqlite;
    store_damage_sink *sink;
    void *arg;
    struct store_summary *out;
    struct gpmq_error first; /* damage */
};

/* ---- open and close -------------------------------------------------------------------------- */

void sqlite_check_close(struct sqlite **sqlite_p)
{
    struct sqlite *sqlite = STEAL(*sqlite_p);
    if (!sqlite)
        return;
    for (int use = 0; use < SQLITE_USE_END; use++)
        sqlite3_finalize(sqlite->statements[use]);
    sqlite3_close(sqlite->db);
    free(sqlite->known);
    free(sqlite->path);
    free(sqlite);
}

int sqlite_check_open(struct sqlite **out, const char *path, struct gpmq_error *err)
{
    CLEANUP(sqlite_check_close) struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    struct stat file;
    if (!sqlite || !(sqlite->known = calloc(SQLITE_KNOWN_COUNT, sizeof *sqlite->known)))
        return fail(err, GPMQ_ENOMEM, "no memory to check a store");
    sqlite->store.ops = &store_sqlite;
    sqlite->lock_fd = -1;
    if (stat(path, &file) != 0 || !(sqlite->path = realpath(path, NULL)))
        return fail_errno(err, "cannot look at the store '%s'", path);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) != SQLITE_OK)
        return sqlite_fail(sqlite->db, err, "cannot open the store '%s'", path);
    sqlite3_busy_timeout(sqlite->db, WAIT_FOR_OTHERS_MS);
    int rc = schema_is_current(sqlite->db, path, err);
    if (!rc)
        rc = sqlite_prepare(sqlite, err);
    if (!rc)
        *out = STEAL(sqlite);
    return rc;
}

/* ---- damages --------------------------------------------------------------------------------- */

/* Damage is told and gone over; everything else ends the check. */
static int note(struct checking *checking, int rc, const struct gpmq_error *why)
{
    if (rc != GPMQ_EDAMAGED)
        return rc;
    if (checking->out->damages++ == 0)
        checking->first = *why;
    if (checking->sink)
        checking->sink(checking->arg, why->text);
    return 0;
}

static void finalize(sqlite3_stmt **statement_p)
{
    sqlite3_finalize(*statement_p);
    *statement_p = NULL;
}

static int prepare(struct sqlite *sqlite, const char *sql, sqlite3_stmt **out,
                   struct gpmq_error *err)
{
    return sqlite3_prepare_v2(sqlite->db, sql, -1, out, NULL) == SQLITE_OK
               ? 0
               : sqlite_fail(sqlite->db, err, "cannot check '%s'", sqlite->path);
}

static int check_pages(struct checking *checking, struct gpmq_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    char sql[64];
    struct gpmq_error why;
    snprintf(sql, sizeof sql, "PRAGMA integrity_check(%d)", DAMAGED_PAGES_MAX);
    int rc = prepare(checking->sqlite, sql, &statement, err);
    while (!rc && (rc = sqlite_step(checking->sqlite, statement, err)) > 0) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        rc = 0;
        if (!text || strcmp(text, "ok") != 0)
            rc = note(checking, fail(&why, GPMQ_EDAMAGED, "SQLite says: %s", text ? text : ""),
                      &why);
    }
    return rc == GPMQ_EDAMAGED ? note(checking, rc, err) : rc;
}

static int check_orphans(struct checking *checking, struct gpmq_error *err)
{
    for (size_t i = 0; i < sizeof orphans / sizeof orphans[0]; i++) {
        CLEANUP(finalize) sqlite3_stmt *statement = NULL;
        struct gpmq_error why;
        int rc = prepare(checking->sqlite, orphans[i].sql, &statement, err);
        if (rc || (rc = sqlite_step(checking->sqlite, statement, err)) < 0)
            return rc;
        long long count = sqlite3_column_int64(statement, 0);
        if (count)
            note(checking, fail(&why, GPMQ_EDAMAGED, "%lld %s", count, orphans[i].what), &why);
    }
    return 0;
}

/* ---- records --------------------------------------------------------------------------------- */

static int ignore_mark(void *arg, const char *name, int64_t value, struct gpmq_error *err)
{
    (void)arg;
    (void)name;
    (void)value;
    (void)err;
    return 0;
}

static int check_meta(struct checking *checking, struct gpmq_error *err)
{
    struct sqlite *sqlite = checking->sqlite;
    int rc = note(checking, sqlite_check_meta(sqlite, err), err);
    return rc ? rc : note(checking, sqlite_marks(&sqlite->store, ignore_mark, NULL, err), err);
}

static int ignore_row(void *arg, const struct op_row *row, struct store_bytes request,
                      struct store_bytes result, struct gpmq_error *err)
{
    (void)arg;
    (void)row;
    (void)request;
    (void)result;
    (void)err;
    return 0;
}

static int count_frame(void *arg, uint64_t seq, struct store_bytes frame, struct gpmq_error *err)
{
    struct checking *checking = arg;
    (void)seq;
    (void)frame;
    (void)err;
    checking->out->frames++;
    return 0;
}

/* Finds it again by its id, with all that belongs to it. */
static int check_operation(struct checking *checking, const struct op_row *row,
                           struct gpmq_error *err)
{
    struct store *store = &checking->sqlite->store;
    char text[GPMQ_ID_TEXT_SIZE];
    int rc = sqlite_read(store, &row->id, ignore_row, NULL, err);
    if (rc == GPMQ_ENOTFOUND)
        rc = fail(err, GPMQ_EDAMAGED, "index op_id does not find operation %s",
                  gpmq_id_text(&row->id, text));
    rc = note(checking, rc, err);
    return rc ? rc
              : note(checking, sqlite_frames(store, &row->id, 1, count_frame, checking, err), err);
}

static int check_operations(struct checking *checking, struct gpmq_error *err)
{
    struct sqlite *sqlite = checking->sqlite;
    CLEANUP(sqlite_release) sqlite3_stmt *statement = sqlite->statements[SQLITE_USE_OP_LOAD];
    int rc;
    while ((rc = sqlite_step(sqlite, statement, err)) > 0) {
        struct op_row row;
        int64_t op;
        rc = sqlite_column_row(statement, &op, &row, err);
        checking->out->operations++;
        checking->out->open += !rc && !gpmq_state_is_final(row.state);
        rc = rc ? note(checking, rc, err) : check_operation(checking, &row, err);
        if (rc)
            return rc;
    }
    return note(checking, rc, err);
}

/* ---- blobs ----------------------------------------------------------------------------------- */

/* One that is not complete has a row and pieces, and nothing to hold them to as a whole. */
static int check_blob(struct checking *checking, const uint8_t digest[32], uint8_t *buffer,
                      struct gpmq_error *err)
{
    struct store *store = &checking->sqlite->store;
    crypto_generichash_state state;
    uint8_t is[32];
    uint64_t at = 0, total = 1;
    crypto_generichash_init(&state, NULL, 0, sizeof is);
    while (at < total) {
        size_t size = PIECE_SIZE;
        int rc = sqlite_blob_read(store, digest, at, buffer, &size, &total, err);
        if (rc)
            return rc == GPMQ_ENOTFOUND ? 0 : rc;
        crypto_generichash_update(&state, buffer, size);
        at += size;
        checking->out->blob_bytes += size;
    }
    crypto_generichash_final(&state, is, sizeof is);
    return memcmp(is, digest, sizeof is) == 0 ? 0 : store_fail_digest(digest, err);
}

static int check_blobs(struct checking *checking, struct gpmq_error *err)
{
    CLEANUP(finalize) sqlite3_stmt *statement = NULL;
    CLEANUP(free_pointer) uint8_t *buffer = malloc(PIECE_SIZE);
    int rc = prepare(checking->sqlite, "SELECT digest FROM blob", &statement, err);
    if (!buffer)
        return fail(err, GPMQ_ENOMEM, "no memory to check blobs");
    while (!rc && (rc = sqlite_step(checking->sqlite, statement, err)) > 0) {
        uint8_t digest[32] = {0};
        struct store_bytes bytes = sqlite_column_bytes(statement, 0);
        memcpy(digest, bytes.bytes, bytes.size < sizeof digest ? bytes.size : sizeof digest);
        checking->out->blobs++;
        rc = note(checking, check_blob(checking, digest, buffer, err), err);
    }
    return note(checking, rc, err);
}

/* ---- all ------------------------------------------------------------------------------------- */

static int (*const checks[])(struct checking *checking, struct gpmq_error *err) = {
    check_pages, check_meta, check_operations, check_blobs, check_orphans,
};

int sqlite_check(struct sqlite *sqlite, store_damage_sink *sink, void *arg,
                 struct store_summary *out, struct gpmq_error *err)
{
    struct gpmq_error own;
    struct checking checking = {sqlite, sink, arg, out, {0}};
    err = err ? err : &own;
    *out = (struct store_summary){0};
    if (sqlite3_exec(sqlite->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fail(sqlite->db, err, "cannot read '%s'", sqlite->path);
    sqlite->in_round = true; /* what reads shares this transaction */
    int rc = 0;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && !rc; i++)
        rc = checks[i](&checking, err);
    sqlite->in_round = false;
    sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
    if (!rc && checking.first.code) {
        *err = checking.first;
        rc = GPMQ_EDAMAGED;
    }
    return rc;
}
