/* store_copy.c - a store checked and copied from outside. */
#include "store_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fail.h"
#include "sqlite_check.h"

#define SCHEME      "sqlite:"
#define SCHEME_SIZE (sizeof SCHEME - 1)

/* NULL: it is not on a disk, and *err says so. */
static const char *path_of(const char *url, struct gpmq_error *err)
{
    if (url && strncmp(url, SCHEME, SCHEME_SIZE) == 0)
        return url + SCHEME_SIZE;
    fail(err, GPMQ_EUNSUPPORTED, "'%s' is not a store on a disk: " SCHEME "FILE", url ? url : "");
    return NULL;
}

int store_check(const char *url, store_damage_sink *sink, void *arg, struct store_summary *out,
                struct gpmq_error *err)
{
    CLEANUP(sqlite_check_close) struct sqlite *sqlite = NULL;
    const char *path = path_of(url, err);
    *out = (struct store_summary){0};
    int rc = path ? sqlite_check_open(&sqlite, path, err) : GPMQ_EUNSUPPORTED;
    return rc ? rc : sqlite_check(sqlite, sink, arg, out, err);
}

/* ---- a copy ---------------------------------------------------------------------------------- */

/* The file that becomes the copy. Who was killed leaves one, and the next takes it over. */
struct part {
    char path[PATH_MAX];
    int fd;
    bool done;
};

static void part_end(struct part *part)
{
    if (part->fd >= 0 && !part->done)
        unlink(part->path);
    close_fd(&part->fd);
}

static int part_begin(struct part *part, const char *path, struct gpmq_error *err)
{
    struct stat file;
    if (lstat(path, &file) == 0)
        return fail(err, GPMQ_EEXIST, "'%s' is there already", path);
    if ((size_t)snprintf(part->path, sizeof part->path, "%s.part", path) >= sizeof part->path)
        return fail(err, GPMQ_EINVAL, "the path of the copy is too long: '%s'", path);
    CLEANUP(close_fd)
    int fd = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot make '%s'", part->path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? fail(err, GPMQ_EBUSY, "somebody else makes '%s'", part->path)
                                    : fail_errno(err, "cannot lock '%s'", part->path);
    if (ftruncate(fd, 0) != 0)
        return fail_errno(err, "cannot empty '%s'", part->path);
    part->fd = steal_fd(&fd);
    return 0;
}

static void close_database(sqlite3 **db_p)
{
    sqlite3_close(*db_p);
    *db_p = NULL;
}

/* All pages, as they are at one moment: writers go on meanwhile in the log. */
static int copy_pages(struct sqlite *from, const char *to, struct gpmq_error *err)
{
    CLEANUP(close_database) sqlite3 *db = NULL;
    if (sqlite3_open_v2(to, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL) ||
        sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL))
        return sqlite_fail(db, err, "cannot write '%s'", to);
    sqlite3_backup *backup = sqlite3_backup_init(db, "main", from->db, "main");
    if (backup)
        sqlite3_backup_step(backup, -1);
    if (!backup || sqlite3_backup_finish(backup) != SQLITE_OK)
        return sqlite_fail(db, err, "cannot copy '%s' to '%s'", from->path, to);
    /* One file, without a log beside it. */
    if (sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fail(db, err, "cannot write '%s'", to);
    return 0;
}

static int check_copy(const char *path, struct store_summary *out, struct gpmq_error *err)
{
    CLEANUP(sqlite_check_close) struct sqlite *sqlite = NULL;
    int rc = sqlite_check_open(&sqlite, path, err);
    return rc ? rc : sqlite_check(sqlite, NULL, NULL, out, err);
}

static int publish(struct part *part, const char *path, struct gpmq_error *err)
{
    char folder[PATH_MAX];
    if (fsync(part->fd) != 0)
        return fail_errno(err, "cannot sync '%s'", part->path);
    if (renameat2(AT_FDCWD, part->path, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
        return fail_errno(err, "cannot rename '%s' to '%s'", part->path, path);
    part->done = true;
    snprintf(folder, sizeof folder, "%s", path);
    CLEANUP(close_fd) int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return fail_errno(err, "cannot sync the folder of '%s'", path);
    return 0;
}

int store_backup(const char *url, const char *path, struct store_summary *out,
                 struct gpmq_error *err)
{
    CLEANUP(sqlite_check_close) struct sqlite *from = NULL;
    CLEANUP(part_end) struct part part = {.fd = -1};
    const char *store = path_of(url, err);
    *out = (struct store_summary){0};
    int rc = store ? sqlite_check_open(&from, store, err) : GPMQ_EUNSUPPORTED;
    if (rc || (rc = part_begin(&part, path, err)) || (rc = copy_pages(from, part.path, err)) ||
        (rc = check_copy(part.path, out, err)))
        return rc;
    return publish(&part, path, err);
}
