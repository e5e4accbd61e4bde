/* domain_folder_lock.c - who may read and who may change a GPO, over all processes: flock(). */
#include "domain_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"

/* A .gitignore keeps what is only ours out of a domain's history. */
static int make_state_root(const struct folder_domain *domain)
{
    if (mkdirat(domain->root_fd, ".gpmq", 0777) != 0)
        return errno == EEXIST ? 0 : -1;
    CLEANUP(close_fd)
    int fd = beneath_open(domain->root_fd, ".gpmq/.gitignore", O_WRONLY | O_CREAT, 0666);
    return fd < 0 ? -1 : beneath_write(fd, "*\n", 2);
}

int folder_open_state(const struct folder_domain *domain, const struct folder_place *place)
{
    if (make_state_root(domain) != 0)
        return -1;
    CLEANUP(close_fd) int root = beneath_open(domain->root_fd, ".gpmq", O_RDONLY | O_DIRECTORY, 0);
    if (root < 0)
        return -1;
    int fd = beneath_open(root, place->guid, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    if (beneath_mkdir(root, place->guid) != 0)
        return -1;
    return beneath_open(root, place->guid, O_RDONLY | O_DIRECTORY, 0);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int open_lock(int state_fd, const char *name)
{
    return beneath_open(state_fd, name, O_RDONLY | O_CREAT, 0666);
}

int folder_lock_write(const struct folder_domain *domain, const struct folder_place *place,
                      int state_fd, int64_t wait_ms, int *out, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open_lock(state_fd, "write.lock");
    if (fd < 0)
        return fail_errno(err, "cannot lock GPO %s of %s", place->guid, domain->path);
    int64_t until = monotonic_ms() + wait_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail_errno(err, "cannot lock GPO %s of %s", place->guid, domain->path);
        if (monotonic_ms() >= until)
            return fail(err, GPMQ_EBUSY,
                        "GPO %s of %s is being changed by another operation: try again later",
                        place->guid, domain->path);
        nanosleep(&(struct timespec){.tv_nsec = FOLDER_POLL_MS * 1000000L}, NULL);
    }
    *out = steal_fd(&fd);
    return 0;
}

static int take(int fd, int how)
{
    int rc;
    while ((rc = flock(fd, how)) != 0 && errno == EINTR)
        ;
    return rc;
}

int folder_lock_swap(const struct folder_domain *domain, const struct folder_place *place,
                     int state_fd, int *out, struct gpmq_error *err)
{
    CLEANUP(close_fd) int fd = open_lock(state_fd, "read.lock");
    if (fd < 0 || take(fd, LOCK_EX) != 0)
        return fail_errno(err, "cannot keep readers off GPO %s of %s", place->guid, domain->path);
    *out = steal_fd(&fd);
    return 0;
}

static bool may_not_write(void)
{
    return errno == EACCES || errno == EPERM || errno == EROFS;
}

int folder_lock_read(const struct folder_domain *domain, const struct folder_place *place, int *out,
                     struct gpmq_error *err)
{
    CLEANUP(close_fd) int state_fd = folder_open_state(domain, place);
    CLEANUP(close_fd) int fd = state_fd < 0 ? -1 : open_lock(state_fd, "read.lock");
    if (fd < 0 && may_not_write()) {
        *out = -1;
        return 0;
    }
    for (int tries = 0; tries < 2; tries++) {
        if (fd < 0 || take(fd, LOCK_SH) != 0)
            return fail_errno(err, "cannot lock GPO %s of %s for reading", place->guid,
                              domain->path);
        if (!beneath_exists(state_fd, "intent")) {
            *out = steal_fd(&fd);
            return 0;
        }
        flock(fd, LOCK_UN);
        int rc = folder_recover_locked(domain, place, state_fd, FOLDER_RECOVER_MS, err);
        if (rc)
            return rc;
    }
    return fail(err, GPMQ_EBUSY, "GPO %s of %s: an interrupted commit was not brought to its end",
                place->guid, domain->path);
}
