/* beneath_tree.c - whole trees below a folder: walk, remove, sync, copy. */
#include "beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"

#define COPY_PIECE 65536

struct walk {
    const char *root;
    beneath_visit *visit;
    void *arg;
    struct bytes path; /* of the folder or file being visited */
    int depth;
};

struct names {
    struct dirent **at;
    int count;
};

static void free_names(struct names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk_folder(struct walk *walk, int dir, struct gpmq_error *err);

static const char *walk_path(const struct walk *walk)
{
    return walk->path.at ? (const char *)walk->path.at : "";
}

static int walk_below(struct walk *walk, struct beneath_entry *entry, struct gpmq_error *err)
{
    CLEANUP(close_fd)
    int below = openat(entry->dir, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return beneath_fail(err, "open", walk->root, walk_path(walk));
    if (++walk->depth > GPO_DEPTH_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s/%s: more than %d folders in one another", walk->root,
                    walk_path(walk), GPO_DEPTH_MAX);
    int rc = walk_folder(walk, below, err);
    walk->depth--;
    if (rc)
        return rc;
    entry->path = walk_path(walk);
    entry->leaving = true;
    return walk->visit(walk->arg, entry, err);
}

static int walk_entry(struct walk *walk, int dir, const char *name, struct gpmq_error *err)
{
    size_t length = walk->path.size;
    if (length)
        bytes_put_char(&walk->path, '/');
    bytes_put_text(&walk->path, name);
    if (walk->path.failed)
        return fail(err, GPMQ_ENOMEM, "no memory for a path below %s", walk->root);
    if (walk->path.size > GPO_PATH_MAX)
        return fail(err, GPMQ_ETOOBIG, "%s/%s: a path of more than %d bytes", walk->root,
                    walk_path(walk), GPO_PATH_MAX);
    struct stat stat;
    if (fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return beneath_fail(err, "look at", walk->root, walk_path(walk));
    struct beneath_entry entry = {.dir = dir, .name = name, .path = walk_path(walk), .stat = &stat};
    int rc = walk->visit(walk->arg, &entry, err);
    if (!rc && S_ISDIR(stat.st_mode))
        rc = walk_below(walk, &entry, err);
    bytes_cut(&walk->path, length);
    return rc;
}

static int walk_folder(struct walk *walk, int dir, struct gpmq_error *err)
{
    CLEANUP(free_names) struct names names = {0};
    names.count = scandirat(dir, ".", &names.at, is_entry, by_bytes);
    if (names.count < 0) {
        names.count = 0;
        return beneath_fail(err, "list", walk->root, walk_path(walk));
    }
    int rc = 0;
    for (int i = 0; !rc && i < names.count; i++)
        rc = walk_entry(walk, dir, names.at[i]->d_name, err);
    return rc;
}

int beneath_walk(int dir, const char *root, beneath_visit *visit, void *arg, struct gpmq_error *err)
{
    struct walk walk = {.root = root, .visit = visit, .arg = arg};
    int rc = walk_folder(&walk, dir, err);
    bytes_free(&walk.path);
    return rc;
}

static int remove_one(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    const char *root = arg;
    bool folder = S_ISDIR(entry->stat->st_mode);
    if (folder && !entry->leaving)
        return 0;
    if (unlinkat(entry->dir, entry->name, folder ? AT_REMOVEDIR : 0) != 0)
        return beneath_fail(err, "remove", root, entry->path);
    return 0;
}

int beneath_remove(int dir, const char *root, const char *name, struct gpmq_error *err)
{
    if (!beneath_exists(dir, name) || unlinkat(dir, name, 0) == 0)
        return 0;
    CLEANUP(close_fd)
    int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return beneath_fail(err, "remove", root, name);
    int rc = beneath_walk(below, root, remove_one, (void *)root, err);
    if (!rc && unlinkat(dir, name, AT_REMOVEDIR) != 0)
        rc = beneath_fail(err, "remove", root, name);
    return rc;
}

struct sync {
    const char *root;
    size_t limit;
    size_t count;
};

static int sync_one(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    struct sync *sync = arg;
    if (S_ISDIR(entry->stat->st_mode) && !entry->leaving)
        return 0;
    if (++sync->count > sync->limit)
        return fail(err, GPMQ_ETOOBIG, "%s: more than %zu files and folders", sync->root,
                    sync->limit);
    CLEANUP(close_fd)
    int fd = openat(entry->dir, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return beneath_fail(err, "sync", sync->root, entry->path);
    return 0;
}

int beneath_sync(int dir, const char *root, size_t limit, struct gpmq_error *err)
{
    struct sync sync = {.root = root, .limit = limit};
    int rc = beneath_walk(dir, root, sync_one, &sync, err);
    if (!rc && fsync(dir) != 0)
        rc = fail_errno(err, "cannot sync %s", root);
    return rc;
}

struct copy {
    const char *from_root;
    const char *to_root;
    int to;
};

static int copy_file(const struct copy *copy, const struct beneath_entry *entry,
                     struct gpmq_error *err)
{
    CLEANUP(close_fd)
    int from = openat(entry->dir, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (from < 0)
        return beneath_fail(err, "read", copy->from_root, entry->path);
    CLEANUP(close_fd)
    int to = beneath_open(copy->to, entry->path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (to < 0)
        return beneath_fail(err, "make", copy->to_root, entry->path);
    char piece[COPY_PIECE];
    ssize_t got;
    while ((got = read(from, piece, sizeof piece)) > 0)
        if (beneath_write(to, piece, (size_t)got) != 0)
            return beneath_fail(err, "write", copy->to_root, entry->path);
    return got < 0 ? beneath_fail(err, "read", copy->from_root, entry->path) : 0;
}

static int copy_one(void *arg, const struct beneath_entry *entry, struct gpmq_error *err)
{
    const struct copy *copy = arg;
    if (entry->leaving)
        return 0;
    if (S_ISREG(entry->stat->st_mode))
        return copy_file(copy, entry, err);
    if (!S_ISDIR(entry->stat->st_mode))
        return fail(err, GPMQ_EDAMAGED, "%s/%s is neither file nor folder: not copied",
                    copy->from_root, entry->path);
    if (beneath_mkdir(copy->to, entry->path) != 0)
        return beneath_fail(err, "make", copy->to_root, entry->path);
    return 0;
}

int beneath_copy(int from, const char *from_root, int to, const char *to_root,
                 struct gpmq_error *err)
{
    struct copy copy = {.from_root = from_root, .to_root = to_root, .to = to};
    return beneath_walk(from, from_root, copy_one, &copy, err);
}
