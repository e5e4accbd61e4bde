/* executor_process.c - start, signal and reap a child. */
#include "executor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "fail.h"

#define CHILD_SOCKET 3

/* What the child finds: the socket at 3, nothing above it, nothing to read, stdout on stderr. */
static int set_files(posix_spawn_file_actions_t *actions, int socket)
{
    int rc = posix_spawn_file_actions_adddup2(actions, socket, CHILD_SOCKET);
    if (!rc)
        rc = posix_spawn_file_actions_addclosefrom_np(actions, CHILD_SOCKET + 1);
    if (!rc)
        rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!rc)
        rc = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
    return rc;
}

/* A process group of its own, every signal as at birth: the worker blocks some. */
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
    if (!rc)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    return rc;
}

static int spawn(pid_t *pid, int socket, char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int rc = set_files(&actions, socket);
    if (!rc)
        rc = set_signals(&attributes);
    if (!rc)
        rc = posix_spawn(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

int executor_process_start(struct executor_process *out, char *const *argv, struct gpmq_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fail_errno(err, "cannot make a socketpair for an executor");
    CLEANUP(close_fd) int ours = pair[0];
    CLEANUP(close_fd) int theirs = pair[1];
    if (fcntl(ours, F_SETFL, O_NONBLOCK) != 0)
        return fail_errno(err, "cannot prepare the socketpair of an executor");

    pid_t pid;
    errno = spawn(&pid, theirs, argv);
    if (errno)
        return fail_errno(err, "cannot start the executor '%s'", argv[0]);
    int pid_fd = pidfd_open(pid, 0);
    if (pid_fd < 0) {
        int rc = fail_errno(err, "cannot watch the executor '%s'", argv[0]);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return rc;
    }
    *out = (struct executor_process){pid, pid_fd, steal_fd(&ours)};
    return 0;
}

void executor_process_signal(const struct executor_process *process, int number, bool group)
{
    if (group)
        kill(-process->pid, number);
    kill(process->pid, number); /* its group may be a moment behind */
}

static void describe(const siginfo_t *info, char how[EXECUTOR_END_SIZE])
{
    if (info->si_code == CLD_EXITED)
        snprintf(how, EXECUTOR_END_SIZE, "exited with code %d", info->si_status);
    else
        snprintf(how, EXECUTOR_END_SIZE, "killed by signal %d (%s)", info->si_status,
                 sigdescr_np(info->si_status) ? sigdescr_np(info->si_status) : "unknown");
}

void executor_process_reap(struct executor_process *process, char how[EXECUTOR_END_SIZE])
{
    siginfo_t info = {0};
    /* Before it is reaped its number, and so its group's, is still its own. */
    while (waitid(P_PIDFD, (id_t)process->pid_fd, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    kill(-process->pid, SIGKILL);
    while (waitid(P_PIDFD, (id_t)process->pid_fd, &info, WEXITED) != 0 && errno == EINTR)
        ;
    describe(&info, how);
    close_fd(&process->pid_fd);
    close_fd(&process->socket);
    process->pid = 0;
}
