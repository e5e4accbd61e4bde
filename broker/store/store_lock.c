/* store_lock.c - flock() on a file with a process id in it. */
#include "store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

#include "cleanup.h"
#include "fail.h"

enum { PID_TEXT_SIZE = 32 };

static int fail_owned(int fd, const char *path, struct gpmq_error *err)
{
    char owner[PID_TEXT_SIZE] = "";
    ssize_t length = pread(fd, owner, sizeof owner - 1, 0);
    owner[length > 0 ? strspn(owner, "0123456789") : 0] = 0;
    return fail(err, GPMQ_EBUSY, "the store '%s' belongs to process %s: stop it, or use another",
                path, *owner ? owner : "(unknown)");
}

int store_lock(int *out, const char *path, struct gpmq_error *err)
{
    char name[PATH_MAX];
    if ((size_t)snprintf(name, sizeof name, "%s.lock", path) >= sizeof name)
        return fail(err, GPMQ_EINVAL, "the path of the store is too long: '%s'", path);
    CLEANUP(close_fd) int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(err, "cannot open the lock '%s'", name);
    if (flock(fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? fail_owned(fd, path, err)
                                    : fail_errno(err, "cannot lock '%s'", name);
    char pid[PID_TEXT_SIZE];
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)length, 0) != length)
        return fail_errno(err, "cannot write '%s'", name);
    *out = steal_fd(&fd);
    return 0;
}
