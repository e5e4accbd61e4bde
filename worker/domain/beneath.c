/* beneath.c - open, read and write below a folder. */
#include "beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"

#define READ_PIECE 65536

/* For kernels without openat2(): name by name, no link followed, no "..". */
static int open_stepwise(int dir, const char *path, int flags, mode_t mode)
{
    CLEANUP(close_fd) int at = -1;
    for (;;) {
        char name[GPO_PATH_PART_MAX + 1];
        size_t length = strcspn(path, "/");
        if (length == 0 || length > GPO_PATH_PART_MAX || (length == 2 && !strncmp(path, "..", 2))) {
            errno = EXDEV;
            return -1;
        }
        memcpy(name, path, length);
        name[length] = 0;
        bool last = !path[length];
        int next = openat(at < 0 ? dir : at, name,
                          (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC, mode);
        if (last || next < 0)
            return next;
        close_fd(&at);
        at = next;
        path += length + 1;
    }
}

int beneath_open(int dir, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_stepwise(dir, path, flags, mode);
    return fd;
}

int beneath_fail(struct gpmq_error *err, const char *doing, const char *root, const char *path)
{
    if (errno == ELOOP || errno == EXDEV)
        return fail(err, GPMQ_EDAMAGED,
                    "cannot %s %s/%s: a symbolic link, or it leads outside: not followed", doing,
                    root, path);
    return fail_errno(err, "cannot %s %s/%s", doing, root, path);
}

bool beneath_exists(int dir, const char *name)
{
    struct stat stat;
    return fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
}

int beneath_read(int dir, const char *path, size_t limit, struct bytes *out)
{
    CLEANUP(close_fd) int fd = beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0)
        return -1;
    if (!S_ISREG(stat.st_mode)) {
        errno = S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    char piece[READ_PIECE];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0) {
        bytes_put(out, piece, (size_t)got);
        if (out->size > limit || out->failed) {
            errno = out->failed ? ENOMEM : EFBIG;
            return -1;
        }
    }
    return got < 0 ? -1 : 0;
}

int beneath_write(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

int beneath_replace(int dir, const char *name, const void *bytes, size_t size)
{
    char beside[NAME_MAX + 1];
    if (snprintf(beside, sizeof beside, "%s.new", name) >= (int)sizeof beside) {
        errno = ENAMETOOLONG;
        return -1;
    }
    CLEANUP(close_fd) int fd = beneath_open(dir, beside, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || beneath_write(fd, bytes, size) != 0 || fsync(fd) != 0 ||
        renameat(dir, beside, dir, name) != 0)
        return -1;
    return fsync(dir);
}

int beneath_mkdir(int dir, const char *name)
{
    return mkdirat(dir, name, 0777) == 0 || errno == EEXIST ? 0 : -1;
}

/* Finds one name in a folder without case. False: it is not there, with errno 0, or that says why
 * it could not be looked for. */
static bool find_name(int dir, const char *name, char found[NAME_MAX + 1])
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        int why = errno;
        close_fd(&fd);
        errno = why;
        return false;
    }
    bool any = false;
    const struct dirent *entry;
    errno = 0;
    while ((entry = readdir(entries))) {
        if (fold_compare(entry->d_name, name) != 0)
            continue;
        if (!any || strcmp(entry->d_name, found) < 0)
            memcpy(found, entry->d_name, strlen(entry->d_name) + 1);
        any = true;
    }
    int why = errno;
    closedir(entries);
    errno = why;
    return any;
}

/* The name as it is on disk; false as find_name(). */
static bool look_for(int dir, const char *name, char actual[NAME_MAX + 1])
{
    if (beneath_exists(dir, name)) {
        memcpy(actual, name, strlen(name) + 1);
        return true;
    }
    return errno == ENOENT && find_name(dir, name, actual);
}

size_t beneath_find(int dir, const char *path, char found[GPO_PATH_MAX + 1])
{
    CLEANUP(close_fd) int at = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t from = 0, to = 0;
    int why = at < 0 ? errno : 0;
    found[0] = 0;
    while (path[from] && at >= 0) {
        char name[NAME_MAX + 1], actual[NAME_MAX + 1];
        size_t length = strcspn(path + from, "/");
        if (length > NAME_MAX)
            break;
        memcpy(name, path + from, length);
        name[length] = 0;
        if (!look_for(at, name, actual)) {
            why = errno;
            break;
        }
        size_t actual_length = strlen(actual);
        if (to + actual_length + 2 > GPO_PATH_MAX)
            break;
        if (to)
            found[to++] = '/';
        memcpy(found + to, actual, actual_length + 1);
        to += actual_length;
        from += length;
        if (!path[from])
            break;
        from++;
        int next = openat(at, actual, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        why = next < 0 && errno != ENOTDIR && errno != ELOOP ? errno : 0;
        close_fd(&at);
        at = next;
    }
    close_fd(&at);
    errno = why;
    return from;
}
