/* op_exec.c - a program of the worker's owner. */
#include "op_exec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "fail.h"
#include "program_child.h"
#include "program_line.h"
#include "request_json.h"

#define READ_SIZE  65536
#define LOOK_AT_MS 1000 /* whether to stop, where only a signal says so */

/* What an exit code means (sysexits.h); all others: GPMQ_EIO. */
static const struct {
    int status;
    int code;
} exits[] = {
    {64, GPMQ_EINVAL},       {65, GPMQ_EDAMAGED}, {66, GPMQ_ENOTFOUND},
    {69, GPMQ_EUNREACHABLE}, {75, GPMQ_EBUSY},    {77, GPMQ_EACCESS},
};

static int code_of_exit(int status)
{
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++)
        if (exits[i].status == status)
            return exits[i].code;
    return GPMQ_EIO;
}

/* Takes what is there to read. False: nothing will follow. */
static bool read_lines(struct program_talk *talk, int fd)
{
    char bytes[READ_SIZE];
    for (;;) {
        ssize_t size = read(fd, bytes, sizeof bytes);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        if (size == 0)
            return false;
        program_talk_take(talk, bytes, (size_t)size);
    }
}

/* Reads and waits until the program has ended. *stopped: it was told to. */
static void follow(struct run *run, struct program_talk *talk, const struct program_child *child,
                   bool *stopped)
{
    enum { TALK, END, STOP };
    struct pollfd items[] = {
        [TALK] = {.fd = child->talk, .events = POLLIN},
        [END] = {.fd = child->pid_fd, .events = POLLIN},
        [STOP] = {.fd = run_fd(run), .events = POLLIN},
    };
    *stopped = false;
    while (!items[END].revents) {
        if (poll(items, sizeof items / sizeof items[0], LOOK_AT_MS) < 0)
            items[TALK].revents = items[END].revents = 0;
        if (items[TALK].revents && !read_lines(talk, child->talk))
            items[TALK].fd = -1;
        if (run_stopped(run) && !*stopped) {
            *stopped = true;
            kill(0, SIGTERM); /* our group: the program, what it started, and we, who catch it */
        }
    }
    read_lines(talk, child->talk);
}

static int judge_end(const struct exec_program *program, int status, bool stopped,
                     struct gpmq_error *err)
{
    const char *path = program->words[0];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (stopped)
        return fail(err, GPMQ_ESTOPPED, "'%s' was stopped", path);
    if (WIFEXITED(status))
        return fail(err, code_of_exit(WEXITSTATUS(status)), "'%s' ended with exit code %d", path,
                    WEXITSTATUS(status));
    const char *signal_name = sigdescr_np(WTERMSIG(status));
    return fail(err, GPMQ_EIO, "'%s' was killed by signal %d (%s)", path, WTERMSIG(status),
                signal_name ? signal_name : "unknown");
}

static int run_program(struct run *run, const struct gpmq_request *request, struct gpmq_error *err)
{
    const struct exec_program *program = run_own(run);
    CLEANUP(program_talk_free) struct program_talk talk = {0};
    CLEANUP(free_pointer) char *input = NULL;
    struct program_child child;
    bool stopped;
    (void)request;
    run_blame(run, program->words[0], program->kind);
    int rc = request_json(&input, run, err);
    if (!rc)
        rc = program_talk_begin(&talk, run, err);
    if (!rc)
        rc = program_child_start(&child, program->words, input, strlen(input), err);
    if (rc)
        return rc;
    run_progress(run, 0, 1);
    follow(run, &talk, &child, &stopped);
    program_talk_end(&talk);
    return judge_end(program, program_child_end(&child), stopped, err);
}

struct handler exec_handler(const struct exec_program *program)
{
    return (struct handler){
        .kind = program->kind,
        .repeatable = program->repeatable,
        .run = run_program,
        .own = program,
    };
}
