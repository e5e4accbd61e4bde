/* executor.c - the pool: who is free, who must go, who is gone. */
#include "executor.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"
#include "log.h"

#define EVENTS_MAX    64
#define TAKEN_AT_ONCE 64 /* packets of one executor, then the others have their turn */

/* ---- a pool -------------------------------------------------------------------------------- */

int executor_pool_new(struct executor_pool **out, const struct executor_pool_config *config,
                      const struct executor_listener *listener, struct gpmq_error *err)
{
    if (config->count < 1 || config->count > EXECUTOR_COUNT_MAX)
        return fail(err, GPMQ_EINVAL, "%" PRIu32 " executors; from 1 to %d are possible",
                    config->count, EXECUTOR_COUNT_MAX);
    if (access(config->program, X_OK) != 0)
        return fail_errno(err, "cannot use the executor's program '%s'", config->program);

    CLEANUP(executor_pool_free) struct executor_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return fail(err, GPMQ_ENOMEM, "no memory for a pool of executors");
    msgpack_sbuffer_init(&pool->buffer);
    pool->config = *config;
    pool->listener = *listener;
    pool->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (pool->epoll < 0)
        return fail_errno(err, "cannot watch executors");
    pool->executors = calloc(config->count, sizeof *pool->executors);
    if (!pool->executors)
        return fail(err, GPMQ_ENOMEM, "no memory for %" PRIu32 " executors", config->count);
    pool->count = config->count;
    for (uint32_t i = 0; i < pool->count; i++)
        executor_talk_forget(&pool->executors[i]);
    int rc = executor_place_needs_tickets(config) ? executor_tickets_make(pool, err) : 0;
    if (!rc)
        rc = executor_argv_make(pool, err);
    if (rc)
        return rc;
    *out = STEAL(pool);
    return 0;
}

static void destroy(struct executor *executor)
{
    char how[EXECUTOR_END_SIZE];
    if (executor->process.pid) {
        executor_process_signal(&executor->process, SIGKILL, true);
        executor_process_reap(&executor->process, how);
    }
    executor_talk_forget(executor);
}

void executor_pool_free(struct executor_pool **pool_p)
{
    struct executor_pool *pool = STEAL(*pool_p);
    if (!pool)
        return;
    for (uint32_t i = 0; i < pool->count; i++)
        destroy(&pool->executors[i]);
    free(pool->executors);
    executor_tickets_remove(pool);
    executor_argv_free(pool);
    arena_free(&pool->arena);
    msgpack_sbuffer_destroy(&pool->buffer);
    close_fd(&pool->epoll);
    free(pool);
}

int executor_pool_reload(struct executor_pool *pool, const struct executor_pool_config *config,
                         struct gpmq_error *err)
{
    const struct executor_pool_config before = pool->config;
    struct executor_role roles[1 + EXECUTOR_PROGRAMS_MAX];
    uint32_t role_count = pool->role_count;
    memcpy(roles, pool->roles, sizeof roles);
    memset(pool->roles, 0, sizeof pool->roles);
    pool->config = *config;
    pool->config.count = before.count;
    pool->config.program = before.program;
    int rc = executor_argv_make(pool, err);
    if (rc) {
        executor_argv_free(pool);
        memcpy(pool->roles, roles, sizeof roles);
        pool->role_count = role_count;
        pool->config = before;
        return rc;
    }
    for (uint32_t i = 0; i < pool->count; i++) {
        pool->executors[i].role = NULL;
        if (pool->executors[i].process.pid && !pool->executors[i].busy)
            destroy(&pool->executors[i]);
    }
    executor_argv_drop(roles, role_count);
    return 0;
}

int executor_pool_fd(const struct executor_pool *pool)
{
    return pool->epoll;
}

uint32_t executor_pool_busy(const struct executor_pool *pool)
{
    uint32_t busy = 0;
    for (uint32_t i = 0; i < pool->count; i++)
        busy += pool->executors[i].busy;
    return busy;
}

/* ---- the end of one ------------------------------------------------------------------------- */

static bool has_ended(const struct executor *executor)
{
    siginfo_t info = {0};
    return waitid(P_PIDFD, (id_t)executor->process.pid_fd, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid != 0;
}

/* Everything it said before it ended has been taken, or never will be. */
static void bury(struct executor_pool *pool, struct executor *executor)
{
    char how[EXECUTOR_END_SIZE];
    char value[LOG_VALUE_SIZE];
    pid_t pid = executor->process.pid;
    bool expected = executor->stage == STAGE_KILLED;
    executor_process_reap(&executor->process, how);
    executor_tickets_forget(pool, pid);
    bool busy = executor->busy;
    executor_talk_forget(executor);
    if (!busy) {
        log_event(expected ? LOG_INFO : LOG_WARNING, "executor_ended", "pid=%d how=%s", pid,
                  log_value(how, value));
        return;
    }
    const struct log_about about = executor_about(executor);
    log_operation(expected ? LOG_INFO : LOG_WARNING, "executor_ended", &about, "pid=%d how=%s", pid,
                  log_value(how, value));
    log_operation(LOG_WARNING, "operation_lost", &about, "fence=%" PRIu64 " how=%s",
                  executor->fence, log_value(how, value));
    pool->listener.ended(pool->listener.arg, &executor->op, executor->fence, how);
}

/* ---- start --------------------------------------------------------------------------------- */

static int watch(struct executor_pool *pool, struct executor *executor, struct gpmq_error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = executor};
    if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, executor->process.pid_fd, &event) != 0 ||
        epoll_ctl(pool->epoll, EPOLL_CTL_ADD, executor->process.socket, &event) != 0)
        return fail_errno(err, "cannot watch executor %d", executor->process.pid);
    return 0;
}

static int start(struct executor_pool *pool, struct executor *executor, struct gpmq_error *err)
{
    struct executor_role *role = executor->role;
    int rc = executor_process_start(&executor->process, role->argv, err);
    if (!rc)
        rc = watch(pool, executor, err);
    if (!rc && !role->started) {
        role->started = true;
        rc = executor_argv_add(role, "--quiet", "", err);
    }
    if (rc)
        destroy(executor);
    executor->served = 0;
    executor->paused = false;
    return rc;
}

static struct executor_role *find_role(struct executor_pool *pool, const char *kind)
{
    for (uint32_t i = 1; i < pool->role_count; i++)
        if (strcmp(pool->roles[i].kind, kind) == 0)
            return &pool->roles[i];
    return &pool->roles[0];
}

/* How well a free executor suits a role: it is there already, there is none yet, it has another
 * role and must go first. */
static int suits(const struct executor *executor, const struct executor_role *role)
{
    if (!executor->process.pid)
        return 2;
    return executor->role == role ? 3 : 1;
}

/* The best of those that are free; NULL: there is none. */
static struct executor *find_free(struct executor_pool *pool, const struct executor_role *role)
{
    struct executor *found = NULL;
    for (uint32_t i = 0; i < pool->count; i++) {
        struct executor *executor = &pool->executors[i];
        if (executor->busy || executor->stage == STAGE_KILLED)
            continue;
        if (!found || suits(executor, role) > suits(found, role))
            found = executor;
    }
    return found;
}

int executor_run(struct executor_pool *pool, const struct gpmq_request *request, uint64_t fence,
                 uint32_t attempt, struct gpmq_error *err)
{
    return executor_run_input(pool, request, fence, attempt, -1, err);
}

int executor_run_input(struct executor_pool *pool, const struct gpmq_request *request,
                       uint64_t fence, uint32_t attempt, int input_fd, struct gpmq_error *err)
{
    struct executor_role *role = find_role(pool, request->kind);
    struct executor *executor = find_free(pool, role);
    if (!executor)
        return fail(err, GPMQ_EFULL, "all %" PRIu32 " executors are busy", pool->count);
    if (executor->process.pid && has_ended(executor))
        bury(pool, executor);
    if (executor->process.pid && executor->role != role)
        destroy(executor);
    executor->role = role;
    int rc = executor->process.pid ? 0 : start(pool, executor, err);
    if (rc)
        return rc;
    executor->op = request->id;
    executor->fence = fence;
    executor->attempt = attempt;
    snprintf(executor->trace, sizeof executor->trace, "%s", request->trace ? request->trace : "");
    rc = executor_talk_start(pool, executor, request, attempt, input_fd, err);
    if (rc)
        return rc;
    executor->busy = true;
    executor->served++;
    return 0;
}

/* ---- stop ---------------------------------------------------------------------------------- */

static struct executor *find_busy(struct executor_pool *pool, const struct gpmq_id *op,
                                  uint64_t fence)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        struct executor *executor = &pool->executors[i];
        if (executor->busy && executor->fence == fence && gpmq_id_equal(&executor->op, op))
            return executor;
    }
    return NULL;
}

static void kill_now(struct executor *executor)
{
    executor->stage = STAGE_KILLED;
    executor->stage_ends_ms = INT64_MAX;
    executor_process_signal(&executor->process, SIGKILL, true);
}

static void term_now(struct executor *executor, int64_t now_ms)
{
    executor->stage = STAGE_TERMED;
    executor->stage_ends_ms = now_ms + EXECUTOR_KILL_AFTER_MS;
    executor_process_signal(&executor->process, SIGTERM, false);
}

void executor_stop(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence,
                   int64_t grace_ms, int64_t now_ms)
{
    struct executor *executor = find_busy(pool, op, fence);
    if (!executor || executor->stage != STAGE_RUN)
        return;
    executor->stage = STAGE_ASKED;
    executor->stage_ends_ms = now_ms + grace_ms;
    executor_talk_stop(pool, executor);
}

void executor_term(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence,
                   int64_t now_ms)
{
    struct executor *executor = find_busy(pool, op, fence);
    if (executor && executor->stage < STAGE_TERMED)
        term_now(executor, now_ms);
}

void executor_kill(struct executor_pool *pool, const struct gpmq_id *op, uint64_t fence)
{
    struct executor *executor = find_busy(pool, op, fence);
    if (executor && executor->stage < STAGE_KILLED)
        kill_now(executor);
}

static void stop_further(struct executor *executor, int64_t now_ms)
{
    if (executor->stage == STAGE_ASKED)
        term_now(executor, now_ms);
    else if (executor->stage == STAGE_TERMED)
        kill_now(executor);
}

/* ---- what happens -------------------------------------------------------------------------- */

/* One that served long enough ends when its socket closes. */
static void retire(struct executor *executor)
{
    bool done = !executor->role || executor->served >= executor->role->serves;
    if (!executor->busy && executor->process.pid && done)
        destroy(executor);
}

static void refuse(struct executor *executor)
{
    if (executor->stage == STAGE_KILLED)
        return;
    const struct log_about about = executor_about(executor);
    const char *reason = "\"it closed or broke off the talk\"";
    if (executor->busy)
        log_operation(LOG_WARNING, "executor_refused", &about, "pid=%d reason=%s",
                      executor->process.pid, reason);
    else
        log_event(LOG_WARNING, "executor_refused", "pid=%d reason=%s", executor->process.pid,
                  reason);
    kill_now(executor);
}

static void take_one(struct executor_pool *pool, struct executor *executor)
{
    if (!executor->process.pid)
        return;
    bool ended = has_ended(executor);
    bool talks = executor_talk_take(pool, executor, ended ? INT_MAX : TAKEN_AT_ONCE);
    if (ended)
        bury(pool, executor);
    else if (!talks)
        refuse(executor);
    else
        retire(executor);
}

/* One that is not listened to is not watched either, or the loop would spin. */
static void watch_paused(struct executor_pool *pool, struct executor *executor)
{
    struct epoll_event event = {.events = executor->paused ? 0 : EPOLLIN, .data.ptr = executor};
    if (executor->process.pid)
        epoll_ctl(pool->epoll, EPOLL_CTL_MOD, executor->process.socket, &event);
}

static void resume_paused(struct executor_pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        struct executor *executor = &pool->executors[i];
        if (!executor->paused)
            continue;
        take_one(pool, executor);
        watch_paused(pool, executor);
    }
}

void executor_pool_take(struct executor_pool *pool, int64_t now_ms)
{
    struct epoll_event events[EVENTS_MAX];
    resume_paused(pool);
    int count = epoll_wait(pool->epoll, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++) {
        struct executor *executor = events[i].data.ptr;
        take_one(pool, executor);
        if (executor->paused)
            watch_paused(pool, executor);
    }
    for (uint32_t i = 0; i < pool->count; i++)
        if (now_ms >= pool->executors[i].stage_ends_ms)
            stop_further(&pool->executors[i], now_ms);
}

int64_t executor_pool_next_ms(const struct executor_pool *pool)
{
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < pool->count; i++)
        if (pool->executors[i].stage_ends_ms < next_ms)
            next_ms = pool->executors[i].stage_ends_ms;
    return next_ms;
}
