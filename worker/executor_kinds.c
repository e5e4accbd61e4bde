/* executor_kinds.c - our own kinds, programs, plug-ins. */
#include "executor_kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "kinds.h"

#define LIST_SIZE (MESSAGE_NAMES_MAX * (GPMQ_KIND_MAX + 1) + 1)

static int add(struct executor_kinds *kinds, const char *name, struct gpmq_error *err)
{
    for (uint32_t i = 0; i < kinds->count; i++)
        if (strcmp(kinds->names[i], name) == 0)
            return fail(err, GPMQ_EEXIST,
                        "the kind '%s' is there twice: programs and plug-ins need kinds of their "
                        "own",
                        name);
    if (kinds->count == MESSAGE_NAMES_MAX)
        return fail(err, GPMQ_ETOOBIG, "a worker serves at most %d kinds", MESSAGE_NAMES_MAX);
    kinds->names[kinds->count++] = name;
    return 0;
}

static int add_own(struct executor_kinds *kinds, struct gpmq_error *err)
{
#define KIND_NAME(word, kind) kind,
    static const char *const own[] = {KINDS(KIND_NAME)};
    int rc = 0;
    for (uint32_t i = 0; i < KINDS_COUNT && !rc; i++)
        rc = add(kinds, own[i], err);
    return rc;
}

/* ---- plug-ins ------------------------------------------------------------------------------ */

/* Reads all that comes until its end or end_ms; what is over size is left out. */
static int read_all(int fd, char *to, size_t size, int64_t end_ms)
{
    size_t done = 0;
    for (;;) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        int64_t left_ms = end_ms - clock_now_ms();
        if (poll(&item, 1, left_ms > 0 ? (int)left_ms : 0) == 0)
            return GPMQ_ETIMEOUT;
        char rest[256];
        bool fits = done < size - 1;
        ssize_t part = read(fd, fits ? to + done : rest, fits ? size - 1 - done : sizeof rest);
        if (part == 0)
            break;
        if (part > 0 && fits)
            done += (size_t)part;
    }
    to[done] = '\0';
    return 0;
}

static int spawn_lister(pid_t *pid, int out, const struct executor_pool_config *config)
{
    char *argv[EXECUTOR_PLUGINS_MAX * 2 + 3] = {(char *)config->program, "--kinds"};
    for (uint32_t i = 0; i < config->plugin_count; i++) {
        argv[2 + 2 * i] = "--plugin";
        argv[3 + 2 * i] = (char *)config->plugins[i];
    }
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    int rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (!rc)
        rc = posix_spawn(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int list(char *to, size_t size, const struct executor_pool_config *config,
                struct gpmq_error *err)
{
    int ends[2];
    pid_t pid;
    int status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail_errno(err, "cannot ask for the kinds of the plug-ins");
    CLEANUP(close_fd) int ours = ends[0];
    CLEANUP(close_fd) int theirs = ends[1];
    errno = spawn_lister(&pid, theirs, config);
    if (errno)
        return fail_errno(err, "cannot start the executor '%s'", config->program);
    close_fd(&theirs);
    int rc = read_all(ours, to, size, clock_now_ms() + EXECUTOR_KINDS_WAIT_MS);
    if (rc)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (rc)
        return fail(err, rc, "the plug-ins were not loaded within %d ms", EXECUTOR_KINDS_WAIT_MS);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(err, GPMQ_EIO, "a plug-in cannot be loaded: see what the executor logged");
    return 0;
}

static int add_plugins(struct executor_kinds *kinds, const struct executor_pool_config *config,
                       struct gpmq_error *err)
{
    if (!config->plugin_count)
        return 0;
    kinds->of_plugins = malloc(LIST_SIZE);
    if (!kinds->of_plugins)
        return fail(err, GPMQ_ENOMEM, "no memory for the kinds of the plug-ins");
    int rc = list(kinds->of_plugins, LIST_SIZE, config, err);
    char *rest = kinds->of_plugins;
    for (char *name; !rc && (name = strsep(&rest, "\n"));)
        if (*name)
            rc = add(kinds, name, err);
    return rc;
}

int executor_kinds_read(struct executor_kinds *out, const struct executor_pool_config *config,
                        struct gpmq_error *err)
{
    *out = (struct executor_kinds){0};
    int rc = add_own(out, err);
    for (uint32_t i = 0; i < config->program_count && !rc; i++)
        rc = add(out, config->programs[i].kind, err);
    return rc ? rc : add_plugins(out, config, err);
}

void executor_kinds_free(struct executor_kinds *kinds)
{
    free(STEAL(kinds->of_plugins));
    kinds->count = 0;
}
