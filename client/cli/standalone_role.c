/* standalone_role.c - starts and reaps this program in another role. */
#include "standalone_role.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "fail.h"

#define LOG_MAX_BYTES (1 << 20) /* a log that is larger begins anew */
#define ABOVE_ALL     10        /* descriptors from here on are no place of an inherited one */

/* What the child finds: nothing to read, the log, what it inherits, nothing above. */
static int set_files(posix_spawn_file_actions_t *actions, const int files[3])
{
    int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, files[0], STDOUT_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, files[0], STDERR_FILENO);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, files[1], ROLE_PARENT_FD);
    if (!rc && files[2] >= 0)
        rc = posix_spawn_file_actions_adddup2(actions, files[2], ROLE_LOCK_FD);
    if (!rc)
        rc = posix_spawn_file_actions_addclosefrom_np(actions, files[2] >= 0 ? ROLE_LOCK_FD + 1
                                                                             : ROLE_LOCK_FD);
    return rc;
}

static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
    if (!rc)
        rc = posix_spawnattr_setpgroup(attributes, 0);
    if (!rc)
        rc = posix_spawnattr_setsigmask(attributes, &none);
    return rc ? rc : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(pid_t *pid, char *const *argv, const int files[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int rc = set_files(&actions, files);
    if (!rc)
        rc = set_signals(&attributes);
    if (!rc)
        rc = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int open_log(const char *path)
{
    struct stat info;
    bool large = stat(path, &info) == 0 && info.st_size > LOG_MAX_BYTES;
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (large ? O_TRUNC : 0), 0600);
}

int role_start(struct role *role, char *const *argv, int parent, int lock, const char *log,
               struct gpmq_error *err)
{
    CLEANUP(close_fd) int file = open_log(log);
    CLEANUP(close_fd) int log_fd = fcntl(file, F_DUPFD_CLOEXEC, ABOVE_ALL);
    CLEANUP(close_fd) int parent_fd = fcntl(parent, F_DUPFD_CLOEXEC, ABOVE_ALL);
    CLEANUP(close_fd) int lock_fd = lock < 0 ? -1 : fcntl(lock, F_DUPFD_CLOEXEC, ABOVE_ALL);
    if (log_fd < 0 || parent_fd < 0 || (lock >= 0 && lock_fd < 0))
        return fail_errno(err, "cannot prepare '%s'", log);
    const int files[3] = {log_fd, parent_fd, lock_fd};
    pid_t pid;
    errno = spawn(&pid, argv, files);
    if (errno)
        return fail_errno(err, "cannot start this program as %s", argv[1] + 2);
    *role = (struct role){.pid = pid, .pid_fd = pidfd_open(pid, 0)};
    return 0;
}

bool role_is_running(struct role *role)
{
    if (role->pid && waitpid(role->pid, NULL, WNOHANG) != 0) {
        role->pid = 0;
        close_fd(&role->pid_fd);
    }
    return role->pid;
}

bool role_wait(struct role *role, int wait_ms)
{
    struct pollfd ended = {.fd = role->pid_fd, .events = POLLIN};
    if (role->pid)
        poll(&ended, 1, wait_ms);
    return !role_is_running(role);
}
