/* store_sqlite.c - a store in one SQLite file: open, close, and the round. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cleanup.h"
#include "fail.h"
#include "schema.h"
#include "sqlite_impl.h"
#include "store_lock.h"

enum {
    CHECKPOINT_PAGES = 4000,   /* of the write-ahead log: it is 16 MB then, and never shrunk */
    WAIT_FOR_OTHERS_MS = 2000, /* for somebody who looks into the file by hand */
};

int sqlite_ready(const struct sqlite *sqlite, struct gpmq_error *err)
{
    return sqlite->failed
               ? fail(err, GPMQ_ESTORE, "the store '%s' has failed; open it again", sqlite->path)
               : 0;
}

/* Moves what is committed from the log to its place. Here nobody waits for an answer: those of the
 * last round have left, and this one has just begun. A full disk only makes the log longer. */
static int checkpoint(struct sqlite *sqlite, struct gpmq_error *err)
{
    if (sqlite->wal_pages < CHECKPOINT_PAGES)
        return 0;
    sqlite->wal_pages = 0;
    int rc = sqlite3_wal_checkpoint_v2(sqlite->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CORRUPT)
        return 0;
    int code = sqlite_fail(sqlite->db, err, "cannot move the log of '%s' into it", sqlite->path);
    sqlite->failed = code != GPMQ_ENOSPACE;
    return sqlite->failed ? code : 0;
}

int sqlite_begin(struct sqlite *sqlite, struct gpmq_error *err)
{
    int rc = sqlite_ready(sqlite, err);
    if (rc || sqlite->in_round || (rc = checkpoint(sqlite, err)))
        return rc;
    rc = sqlite_run(sqlite, sqlite->statements[SQLITE_USE_BEGIN], err);
    sqlite->in_round = rc == 0;
    return rc;
}

int sqlite_commit(struct store *store, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    int rc = sqlite_ready(sqlite, err);
    if (rc || !sqlite->in_round)
        return rc;
    sqlite->in_round = false;
    return sqlite_run(sqlite, sqlite->statements[SQLITE_USE_COMMIT], err);
}

static int note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((struct sqlite *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static uint64_t epoch_of(const struct store *store)
{
    return ((const struct sqlite *)store)->epoch;
}

static uint64_t fence_of(const struct store *store)
{
    return ((const struct sqlite *)store)->fence;
}

static int stat_of(struct store *store, struct store_stat *out, struct gpmq_error *err)
{
    struct sqlite *sqlite = sqlite_of(store);
    struct statvfs disk;
    int rc = sqlite_ready(sqlite, err);
    if (rc)
        return rc;
    if (statvfs(sqlite->path, &disk))
        return fail_errno(err, "cannot ask for the free space of '%s'", sqlite->path);
    *out = sqlite->stat;
    out->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return 0;
}

/* ---- open and close ---- */

static void close_sqlite(struct store **store_p)
{
    struct sqlite *sqlite = (struct sqlite *)STEAL(*store_p);
    if (!sqlite)
        return;
    for (int use = 0; use < SQLITE_USE_END; use++)
        sqlite3_finalize(sqlite->statements[use]);
    sqlite3_close(sqlite->db); /* rolls the open round back */
    close_fd(&sqlite->lock_fd);
    free(sqlite->known);
    keepers_free(&sqlite->keepers);
    free(sqlite->path);
    free(sqlite);
}

/* Makes an empty file, for us alone, and names it without links: two names must not lead to two
 * locks. */
static int make_file(struct sqlite *sqlite, const char *path, struct gpmq_error *err)
{
    if (!*path)
        return fail(err, GPMQ_EINVAL, "the store needs a path: sqlite:PATH");
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot open the store '%s'", path);
    sqlite->path = realpath(path, NULL);
    return sqlite->path ? 0 : fail_errno(err, "cannot resolve '%s'", path);
}

/* The names of the file and its log have to survive a power cut as well. */
static int sync_folder(const char *path, struct gpmq_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    CLEANUP(close_fd) int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd))
        return fail_errno(err, "cannot sync the folder of '%s'", path);
    return 0;
}

static int check_mode(void *arg, int count, char **values, char **names)
{
    (void)names;
    *(bool *)arg = count == 1 && values[0] && strcmp(values[0], "wal") == 0;
    return 0;
}

static int set_modes(struct sqlite *sqlite, struct gpmq_error *err)
{
    static const char modes[] = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                                "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
                                "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;";
    bool is_wal = false;
    if (sqlite3_exec(sqlite->db, "PRAGMA journal_mode = WAL", check_mode, &is_wal, NULL) ||
        sqlite3_exec(sqlite->db, modes, NULL, NULL, NULL))
        return sqlite_fail(sqlite->db, err, "cannot open the store '%s'", sqlite->path);
    sqlite3_wal_hook(sqlite->db, note_wal, sqlite); /* the pragma above takes any hook away */
    if (!is_wal)
        return fail(err, GPMQ_ESTORE,
                    "'%s' lies on a file system without shared memory: use a local disk",
                    sqlite->path);
    return 0;
}

static int open_database(struct sqlite *sqlite, struct gpmq_error *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) != SQLITE_OK)
        return sqlite_fail(sqlite->db, err, "cannot open the store '%s'", sqlite->path);
    sqlite3_busy_timeout(sqlite->db, WAIT_FOR_OTHERS_MS);
    return 0;
}

static int open_sqlite(struct store **out, const char *path, struct gpmq_error *err)
{
    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return fail(err, GPMQ_ENOMEM, "no memory for a store");
    CLEANUP(store_close) struct store *store = &sqlite->store;
    store->ops = &store_sqlite;
    sqlite->lock_fd = -1;
    sqlite->known = calloc(SQLITE_KNOWN_COUNT, sizeof *sqlite->known);
    if (!sqlite->known)
        return fail(err, GPMQ_ENOMEM, "no memory for a store");
    int rc = make_file(sqlite, path, err);
    if (rc || (rc = store_lock(&sqlite->lock_fd, sqlite->path, err)) ||
        (rc = open_database(sqlite, err)) || (rc = schema_update(sqlite->db, sqlite->path, err)) ||
        (rc = set_modes(sqlite, err)) || (rc = sqlite_prepare(sqlite, err)) ||
        (rc = sqlite_take_over(sqlite, err)) || (rc = sync_folder(sqlite->path, err)))
        return rc;
    *out = STEAL(store);
    return 0;
}

const struct store_ops store_sqlite = {
    .scheme = "sqlite",
    .open = open_sqlite,
    .close = close_sqlite,
    .epoch = epoch_of,
    .fence = fence_of,
    .reserve_fences = sqlite_reserve_fences,
    .mark = sqlite_mark,
    .marks = sqlite_marks,
    .submit = sqlite_submit,
    .change = sqlite_change,
    .frame = sqlite_frame,
    .result = sqlite_result,
    .commit = sqlite_commit,
    .load = sqlite_load,
    .read = sqlite_read,
    .list = sqlite_list,
    .frames = sqlite_frames,
    .blob_write = sqlite_blob_write,
    .blob_kept = sqlite_blob_kept,
    .blob_read = sqlite_blob_read,
    .blob_link = sqlite_blob_link,
    .retain = sqlite_retain,
    .stat = stat_of,
};
