/* program_child.c - fork, exec, reap. */
#include "program_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "fail.h"

/* A file in memory with the text, to be read from its begin: no writer is needed, and none waits
 * for a program that does not read. */
static int open_input(const char *text, size_t size)
{
    CLEANUP(close_fd) int fd = memfd_create("request", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t done = 0; done < size;) {
        ssize_t part = write(fd, text + done, size - done);
        if (part < 0 && errno != EINTR)
            return -1;
        done += part > 0 ? (size_t)part : 0;
    }
    return lseek(fd, 0, SEEK_SET) < 0 ? -1 : steal_fd(&fd);
}

/* Signals as at birth; the executor catches some. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: becomes the program, or writes errno to `failure`. */
__attribute__((noreturn)) static void become(char *const *words, int input, int talk, int failure,
                                             pid_t parent)
{
    reset_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(127);
    if (dup2(input, STDIN_FILENO) >= 0 && dup2(talk, PROGRAM_TALK_FD) >= 0 &&
        close_range(PROGRAM_TALK_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        execv(words[0], words);
    int why = errno;
    ssize_t written = write(failure, &why, sizeof why);
    _exit(written == (ssize_t)sizeof why ? 127 : 126);
}

/* 0, or the errno with which the child did not become the program. */
static int read_failure(int fd)
{
    int why = 0;
    ssize_t size;
    do
        size = read(fd, &why, sizeof why);
    while (size < 0 && errno == EINTR);
    return size == (ssize_t)sizeof why ? why : 0;
}

static int start(struct program_child *child, char *const *words, int input, struct gpmq_error *err)
{
    int talk[2];
    int failure[2];
    if (pipe2(talk, O_CLOEXEC) != 0)
        return fail_errno(err, "cannot make a pipe for '%s'", words[0]);
    CLEANUP(close_fd) int talk_ours = talk[0];
    CLEANUP(close_fd) int talk_theirs = talk[1];
    if (fcntl(talk_ours, F_SETFL, O_NONBLOCK) != 0 || pipe2(failure, O_CLOEXEC) != 0)
        return fail_errno(err, "cannot make a pipe for '%s'", words[0]);
    CLEANUP(close_fd) int failure_ours = failure[0];
    CLEANUP(close_fd) int failure_theirs = failure[1];

    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid < 0)
        return fail_errno(err, "cannot start '%s'", words[0]);
    if (child->pid == 0)
        become(words, input, talk_theirs, failure_theirs, parent);
    close_fd(&failure_theirs);
    errno = read_failure(failure_ours);
    if (errno)
        return fail_errno(err, "cannot start '%s'", words[0]);
    child->pid_fd = pidfd_open(child->pid, 0);
    if (child->pid_fd < 0)
        return fail_errno(err, "cannot watch '%s'", words[0]);
    child->talk = steal_fd(&talk_ours);
    return 0;
}

int program_child_start(struct program_child *out, char *const *words, const char *input,
                        size_t input_size, struct gpmq_error *err)
{
    struct program_child child = {.pid_fd = -1, .talk = -1};
    CLEANUP(close_fd) int fd = open_input(input, input_size);
    if (fd < 0)
        return fail_errno(err, "cannot write down the request for '%s'", words[0]);
    int rc = start(&child, words, fd, err);
    if (rc)
        program_child_end(&child);
    else
        *out = child;
    return rc;
}

int program_child_end(struct program_child *child)
{
    int status = 0;
    pid_t pid = child->pid;
    close_fd(&child->talk);
    if (pid > 0) {
        if (waitpid(pid, &status, WNOHANG) != pid) {
            kill(pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        }
    }
    close_fd(&child->pid_fd);
    child->pid = 0;
    return status;
}
