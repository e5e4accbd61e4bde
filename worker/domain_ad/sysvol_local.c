/*
 * sysvol_local.c - SYSVOL of the controller that this machine is: read as a local folder, changed
 * by SMB all the same, since the file server alone gives new files their permissions.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "sysvol.h"

struct local {
    struct sysvol base;
    const struct ad_settings *settings;
    char *server;
    char *root;         /* ".../sysvol/example.org/Policies" */
    int fd;             /* of root */
    struct sysvol *smb; /* NULL until something is changed */
};

static struct local *local_of(struct sysvol *sysvol)
{
    return (struct local *)sysvol;
}

static void local_close(struct sysvol **sysvol_p)
{
    struct local *local = local_of(STEAL(*sysvol_p));
    sysvol_close(&local->smb);
    close_fd(&local->fd);
    free(local->server);
    free(local->root);
    free(local);
}

static void close_local(struct local **local_p)
{
    struct sysvol *sysvol = *local_p ? &STEAL(*local_p)->base : NULL;
    if (sysvol)
        local_close(&sysvol);
}

static bool local_is_broken(const struct sysvol *sysvol)
{
    const struct sysvol *smb = ((const struct local *)sysvol)->smb;
    return smb && smb->ops->is_broken(smb);
}

/* ---- reading --------------------------------------------------------------------------------- */

static struct sysvol_stat stat_of(const struct stat *stat)
{
    return (struct sysvol_stat){.directory = S_ISDIR(stat->st_mode),
                                .size_bytes = S_ISDIR(stat->st_mode) ? 0 : (uint64_t)stat->st_size,
                                .modified_ns = (int64_t)stat->st_mtim.tv_sec * 1000000000 +
                                               stat->st_mtim.tv_nsec};
}

/* Opens a path found without case. -1 with errno. */
static int open_found(const struct local *local, const char *path, int flags)
{
    char found[GPO_PATH_MAX + 1];
    if (!*path)
        return openat(local->fd, ".", flags | O_CLOEXEC);
    if (beneath_find(local->fd, path, found) != strlen(path)) {
        errno = ENOENT;
        return -1;
    }
    return beneath_open(local->fd, found, flags, 0);
}

struct local_walk {
    const struct local *local;
    const char *folder;
    sysvol_visit *visit;
    void *arg;
    bool deep;
};

static int visit_entry(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    const struct local_walk *walk = arg;
    if (entry->leaving || (!walk->deep && strchr(entry->path, '/')))
        return 0;
    if (!S_ISDIR(entry->stat->st_mode) && !S_ISREG(entry->stat->st_mode))
        return fail(err, GPMQ_EDAMAGED, "%s/%s/%s is neither file nor folder (a link?): refused",
                    walk->local->root, walk->folder, entry->path);
    struct sysvol_stat stat = stat_of(entry->stat);
    return walk->visit(walk->arg, entry->path, &stat, err);
}

static int walk_folder(struct local *local, const char *folder, sysvol_visit *visit, void *arg,
                       bool deep, struct gpmq_error *err)
{
    struct local_walk walk = {local, folder, visit, arg, deep};
    CLEANUP(close_fd) int fd = open_found(local, folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return beneath_fail(err, "list", local->root, folder);
    return beneath_walk(fd, local->root, visit_entry, &walk, err);
}

static int local_list(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
                      struct gpmq_error *err)
{
    return walk_folder(local_of(sysvol), folder, visit, arg, true, err);
}

static int local_names(struct sysvol *sysvol, const char *folder, sysvol_visit *visit, void *arg,
                       struct gpmq_error *err)
{
    return walk_folder(local_of(sysvol), folder, visit, arg, false, err);
}

static int local_stat(struct sysvol *sysvol, const char *path, struct sysvol_stat *out,
                      struct gpmq_error *err)
{
    struct local *local = local_of(sysvol);
    struct stat stat;
    CLEANUP(close_fd) int fd = open_found(local, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &stat) != 0)
        return beneath_fail(err, "look at", local->root, path);
    *out = stat_of(&stat);
    return 0;
}

static int feed(const struct local *local, int fd, const char *path, domain_sink *sink,
                void *sink_arg, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *piece = malloc(SYSVOL_PIECE_BYTES);
    if (!piece)
        return fail(err, GPMQ_ENOMEM, "no memory to read a file");
    int rc = 0;
    ssize_t got = 0;
    while (!rc && (got = read(fd, piece, SYSVOL_PIECE_BYTES)) > 0)
        rc = sink(sink_arg, piece, (size_t)got, err);
    return !rc && got < 0 ? beneath_fail(err, "read", local->root, path) : rc;
}

static int local_read(struct sysvol *sysvol, const char *path, const struct sysvol_stat *expected,
                      domain_sink *sink, void *sink_arg, struct gpmq_error *err)
{
    struct local *local = local_of(sysvol);
    struct stat stat;
    CLEANUP(close_fd) int fd = open_found(local, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &stat) != 0)
        return beneath_fail(err, "read", local->root, path);
    if (!S_ISREG(stat.st_mode))
        return fail(err, GPMQ_EINVAL, "cannot read %s/%s: it is no file", local->root, path);
    struct sysvol_stat now = stat_of(&stat);
    if (expected &&
        (now.size_bytes != expected->size_bytes || now.modified_ns != expected->modified_ns))
        return fail(err, GPMQ_EBUSY,
                    "%s/%s was changed while its GPO was being read: read it again", local->root,
                    path);
    return feed(local, fd, path, sink, sink_arg, err);
}

/* ---- changing -------------------------------------------------------------------------------- */

/* The SMB connection, made at the first change. */
static int reach(struct sysvol *sysvol, struct sysvol **out, struct gpmq_error *err)
{
    struct local *local = local_of(sysvol);
    int rc = local->smb ? 0 : sysvol_smb_open(&local->smb, local->settings, local->server, err);
    *out = local->smb;
    return rc;
}

static int local_mkdir(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
{
    struct sysvol *smb;
    int rc = reach(sysvol, &smb, err);
    return rc ? rc : smb->ops->mkdir(smb, path, err);
}

static int local_create(struct sysvol *sysvol, const char *path, struct sysvol_file **out,
                        struct gpmq_error *err)
{
    struct sysvol *smb;
    int rc = reach(sysvol, &smb, err);
    return rc ? rc : smb->ops->create(smb, path, out, err);
}

static int local_rename(struct sysvol *sysvol, const char *from, const char *to,
                        struct gpmq_error *err)
{
    struct sysvol *smb;
    int rc = reach(sysvol, &smb, err);
    return rc ? rc : smb->ops->rename(smb, from, to, err);
}

static int local_remove(struct sysvol *sysvol, const char *path, struct gpmq_error *err)
{
    struct sysvol *smb;
    int rc = reach(sysvol, &smb, err);
    return rc ? rc : smb->ops->remove(smb, path, err);
}

static int local_lock(struct sysvol *sysvol, const char *path, struct sysvol_lock **out,
                      struct gpmq_error *err)
{
    struct sysvol *smb;
    int rc = reach(sysvol, &smb, err);
    return rc ? rc : smb->ops->lock(smb, path, out, err);
}

static const struct sysvol_ops local_ops = {
    .close = local_close,
    .is_broken = local_is_broken,
    .list = local_list,
    .names = local_names,
    .stat = local_stat,
    .read = local_read,
    .mkdir = local_mkdir,
    .create = local_create,
    .write = sysvol_smb_write,
    .close_file = sysvol_smb_close_file,
    .rename = local_rename,
    .remove = local_remove,
    .lock = local_lock,
    .unlock = sysvol_smb_unlock,
};

int sysvol_local_open(struct sysvol **out, const struct ad_settings *settings, const char *server,
                      struct gpmq_error *err)
{
    CLEANUP(close_local) struct local *local = calloc(1, sizeof *local);
    if (!local)
        return fail(err, GPMQ_ENOMEM, "no memory for SYSVOL");
    local->fd = -1;
    local->base.ops = &local_ops;
    local->settings = settings;
    local->server = strdup(server);
    if (!local->server ||
        asprintf(&local->root, "%s/%s/Policies", settings->sysvol, settings->domain) < 0)
        return fail(err, GPMQ_ENOMEM, "no memory for SYSVOL");
    local->fd = open(local->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (local->fd < 0)
        return fail_errno(err, "cannot open the local SYSVOL '%s'", local->root);
    *out = &STEAL(local)->base;
    return 0;
}
