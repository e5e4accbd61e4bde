/* Who reads a backup keeps it from being removed, and its removal. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "repository_folder.h"
#include "repository_manifest.h"

#define GONE_PREFIX    ".gpmq-gone-"
#define GONE_NAME_SIZE (sizeof GONE_PREFIX + GPMQ_GUID_TEXT_SIZE)

/* ---- holding -------------------------------------------------------------------------------- */

static int lock_now(int fd, int how)
{
    int rc;
    do
        rc = flock(fd, how | LOCK_NB);
    while (rc && errno == EINTR);
    return rc;
}

bool repository_is_in_place(struct repository *repository, const struct gpmq_guid *id, int fd)
{
    CLEANUP(close_fd) int now = -1;
    struct stat held, there;
    return !repository_open_backup(repository, id, &now, NULL) && !fstat(fd, &held) &&
           !fstat(now, &there) && held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

static struct repository_hold *find_hold(struct repository *repository, const struct gpmq_guid *id)
{
    for (size_t i = 0; i < repository->hold_count; i++)
        if (gpmq_guid_equal(&repository->holds[i].id, id))
            return &repository->holds[i];
    return NULL;
}

bool repository_is_held(struct repository *repository, const struct gpmq_guid *id)
{
    return find_hold(repository, id);
}

static int keep_hold(struct repository *repository, const struct gpmq_guid *id, int *fd_p,
                     struct gpmq_error *err)
{
    size_t count = repository->hold_count + 1;
    struct repository_hold *holds = realloc(repository->holds, count * sizeof *holds);
    if (!holds)
        return fail(err, GPMQ_ENOMEM, "no memory to hold a backup");
    repository->holds = holds;
    holds[repository->hold_count++] = (struct repository_hold){*id, steal_fd(fd_p)};
    return 0;
}

int repository_hold(struct repository *repository, const struct gpmq_guid *id,
                    struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = -1;
    char name[GPMQ_GUID_TEXT_SIZE];
    if (find_hold(repository, id))
        return 0;
    int rc = repository_open_backup(repository, id, &fd, err);
    if (rc)
        return rc;
    bool refused = lock_now(fd, LOCK_SH) && errno == EWOULDBLOCK;
    if (refused || !repository_is_in_place(repository, id, fd))
        return fail(err, GPMQ_ENOTFOUND, "backup %s of repository %s is being removed",
                    gpmq_guid_text(id, name), repository->path);
    return keep_hold(repository, id, &fd, err);
}

void repository_release(struct repository *repository, const struct gpmq_guid *id)
{
    struct repository_hold *hold = find_hold(repository, id);
    if (!hold)
        return;
    close_fd(&hold->fd);
    *hold = repository->holds[--repository->hold_count];
}

/* ---- removing ------------------------------------------------------------------------------- */

/* The folder's name as it is on disk. */
static int name_on_disk(const struct repository *repository, const struct gpmq_guid *id,
                        char name[GPO_PATH_MAX + 1], struct gpmq_error *err)
{
    char text[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(id, text);
    if (beneath_find(repository->dir, text, name) == strlen(text))
        return 0;
    if (errno)
        return beneath_fail(err, "look for", repository->path, text);
    return fail(err, GPMQ_ENOTFOUND, "no backup %s in repository %s", text, repository->path);
}

/* Nobody may read it, and nobody else be removing it. */
static int lock_alone(struct repository *repository, const struct gpmq_guid *id, int *out_fd,
                      struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = -1;
    char name[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(id, name);
    int rc = repository_open_backup(repository, id, &fd, err);
    if (rc)
        return rc;
    if (lock_now(fd, LOCK_EX))
        return errno == EWOULDBLOCK
                   ? fail(err, GPMQ_EBUSY, "backup %s is being read", name)
                   : fail_errno(err, "cannot lock backup %s of %s", name, repository->path);
    if (!repository_is_in_place(repository, id, fd))
        return fail(err, GPMQ_ENOTFOUND, "no backup %s in repository %s any more", name,
                    repository->path);
    *out_fd = steal_fd(&fd);
    return 0;
}

/* An earlier removal of a backup with this id may have left its folder. */
static int hide(const struct repository *repository, const char *name, const char *gone,
                struct gpmq_error *err)
{
    int rc = beneath_remove(repository->dir, repository->path, gone, err);
    if (rc)
        return rc;
    if (renameat(repository->dir, name, repository->dir, gone))
        return fail_errno(err, "cannot rename %s/%s", repository->path, name);
    return fsync(repository->dir) ? fail_errno(err, "cannot sync %s", repository->path) : 0;
}

int repository_remove(struct repository *repository, const struct gpmq_guid *id,
                      struct gpmq_error *err)
{
    CLEANUP(close_fd) int lock = -1; /* until all is deleted */
    char text[GPMQ_GUID_TEXT_SIZE], name[GPO_PATH_MAX + 1], gone[GONE_NAME_SIZE];
    snprintf(gone, sizeof gone, "%s%s", GONE_PREFIX, gpmq_guid_text(id, text));
    int rc = lock_alone(repository, id, &lock, err);
    if (!rc)
        rc = name_on_disk(repository, id, name, err);
    if (!rc)
        rc = hide(repository, name, gone, err);
    return rc ? rc : beneath_remove(repository->dir, repository->path, gone, err);
}

/* ---- what was interrupted ------------------------------------------------------------------- */

static void close_dir(DIR **dir_p)
{
    if (*dir_p)
        closedir(*dir_p);
    *dir_p = NULL;
}

static bool is_gone(const char *name)
{
    struct gpmq_guid id;
    return !strncmp(name, GONE_PREFIX, strlen(GONE_PREFIX)) &&
           !gpmq_guid_parse(&id, name + strlen(GONE_PREFIX));
}

/* One that is locked is being deleted by somebody else. */
static int delete_gone(struct repository *repository, const char *name, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = beneath_open(repository->dir, name, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || lock_now(fd, LOCK_EX))
        return 0;
    return beneath_remove(repository->dir, repository->path, name, err);
}

int repository_tidy(struct repository *repository, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = openat(repository->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return fail_errno(err, "cannot list repository %s", repository->path);
    steal_fd(&fd);
    int rc = 0;
    for (const struct dirent *entry; !rc && (entry = readdir(dir));)
        if (is_gone(entry->d_name))
            rc = delete_gone(repository, entry->d_name, err);
    return rc ? rc : repository_manifest_refresh(repository, err);
}
