/* executor_loop.c - runs operations, one after the other. */
#include "executor_loop.h"

#include <signal.h>
#include <sys/resource.h>

#include "cleanup.h"
#include "executor_channel.h"
#include "fail.h"
#include "handler.h"
#include "log.h"

/* The limit counts from the start of the process: what was used before is added. */
static void limit_cpu(int64_t cpu_max_s)
{
    struct rusage usage;
    struct rlimit limit;
    if (cpu_max_s <= 0 || getrusage(RUSAGE_SELF, &usage) || getrlimit(RLIMIT_CPU, &limit))
        return;
    int64_t used_s = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1;
    limit.rlim_cur = (rlim_t)(used_s + cpu_max_s);
    setrlimit(RLIMIT_CPU, &limit);
}

/* Whatever the handler before did to it. */
static void unblock_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int run_one(struct executor_channel *channel, struct arena *arena,
                   const struct executor_terms *terms, struct gpmq_error *err)
{
    struct message message;
    unblock_signals();
    int rc = executor_channel_wait(channel, arena, &message, err);
    if (rc)
        return rc;
    CLEANUP(run_free) struct run *run = run_new(&channel->base, &message.exec_start);
    if (!run)
        return fail(err, GPMQ_ENOMEM, "no memory for an operation");
    run_set_templates(run, terms->templates);
    const struct msg_exec_start *start = &message.exec_start;
    const struct log_about about = {&start->request->id, start->attempt, start->request->trace};
    log_set_about(&about); /* whatever is logged while it runs */
    log_event(LOG_DEBUG, "operation_begins", "kind=%s", start->request->kind);
    limit_cpu(terms->cpu_max_s);
    handler_execute(run, &terms->more);
    log_set_about(NULL);
    return 0;
}

int executor_loop(int fd, const struct executor_terms *terms, struct gpmq_error *err)
{
    CLEANUP(executor_channel_free) struct executor_channel *channel = executor_channel_new(fd);
    CLEANUP(arena_free) struct arena arena = {0};
    if (!channel)
        return fail(err, GPMQ_ENOMEM, "no memory for a channel to the worker");
    for (;;) {
        int rc = run_one(channel, &arena, terms, err);
        if (rc)
            return rc;
    }
}
