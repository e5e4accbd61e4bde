/* crash_calls.c - the calls that change a disk, wrapped at link time. */
#include "crash_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beneath.h"

static long calls;
static long fatal;
static bool no_exchange;

void crash_at(long call)
{
    calls = 0;
    fatal = call;
}

void crash_without_exchange(bool without)
{
    no_exchange = without;
}

static void count_call(void)
{
    if (++calls == fatal)
        raise(SIGKILL);
}

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    count_call();
    return __real_write(fd, bytes, size);
}

/* Counted, but not done: what a killed process wrote stays, synced or not. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    (void)fd;
    count_call();
    return 0;
}

int __real_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_mkdirat(int dir, const char *path, mode_t mode);
int __wrap_mkdirat(int dir, const char *path, mode_t mode)
{
    count_call();
    return __real_mkdirat(dir, path, mode);
}

int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags)
{
    count_call();
    return __real_unlinkat(dir, path, flags);
}

int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    count_call();
    return __real_renameat(from_dir, from, to_dir, to);
}

int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    count_call();
    if (no_exchange && flags) {
        errno = EINVAL;
        return -1;
    }
    return __real_renameat2(from_dir, from, to_dir, to, flags);
}

/* openat2() may make a file. */
int __real_beneath_open(int dir, const char *path, int flags, mode_t mode);
int __wrap_beneath_open(int dir, const char *path, int flags, mode_t mode);
int __wrap_beneath_open(int dir, const char *path, int flags, mode_t mode)
{
    if (flags & O_CREAT)
        count_call();
    return __real_beneath_open(dir, path, flags, mode);
}
