/* executor_talk.c - the conversation with one executor. What it says is judged: what it parsed came
 * from outside, and may have taken it over. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "executor_state.h"
#include "fail.h"
#include "lease_outbox.h"

void executor_talk_forget(struct executor *executor)
{
    free(STEAL(executor->content));
    executor->content_size = executor->content_room = 0;
    executor->busy = false;
    executor->stage = STAGE_RUN;
    executor->stage_ends_ms = INT64_MAX;
}

/* ---- to the executor ----------------------------------------------------------------------- */

/* One packet, with a descriptor that its receiver gets its own of; -1: none. */
static ssize_t send_packet(const struct executor_pool *pool, const struct executor *executor,
                           int fd)
{
    struct iovec piece = {pool->buffer.data, pool->buffer.size};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr packet = {.msg_iov = &piece, .msg_iovlen = 1};
    if (fd >= 0) {
        packet.msg_control = &control;
        packet.msg_controllen = sizeof control.room;
        struct cmsghdr *head = CMSG_FIRSTHDR(&packet);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    return sendmsg(executor->process.socket, &packet, MSG_NOSIGNAL);
}

static int send_message(struct executor_pool *pool, const struct executor *executor,
                        const struct message *message, int fd, struct gpmq_error *err)
{
    pool->buffer.size = 0;
    if (message_encode(&pool->buffer, message) != 0)
        return fail(err, GPMQ_ENOMEM, "no memory for a message to an executor");
    if (pool->buffer.size > EXECUTOR_PACKET_MAX)
        return fail(err, GPMQ_ETOOBIG, "a request of %zu bytes is too large for an executor",
                    pool->buffer.size);
    if (send_packet(pool, executor, fd) < 0)
        return fail_errno(err, "cannot give an operation to executor %d", executor->process.pid);
    return 0;
}

static bool is_named(const char *name, const char *one, const char *other)
{
    return (one && strcmp(name, one) == 0) || (other && strcmp(name, other) == 0);
}

/* What a listing or a migration table names no domain for: the worker's only one, or, to be told
 * of, that there are two. */
static bool wants_any_domain(const struct gpmq_request *request)
{
    bool any = strcmp(request->kind, "gpo.list") == 0 ||
               (strcmp(request->kind, "migration_table.create") == 0 && !request->repository);
    return !request->domain && any;
}

static uint32_t pick_any(struct place *out, uint32_t most, const struct place *places,
                         uint32_t count)
{
    uint32_t picked = count < most ? count : most;
    memcpy(out, places, picked * sizeof *out);
    return picked;
}

/* The places that a request names, of those that are configured: at most `most`. */
static uint32_t pick_places(struct place *out, uint32_t most, const struct place *places,
                            uint32_t count, const char *one, const char *other)
{
    uint32_t picked = 0;
    for (uint32_t i = 0; i < count && picked < most; i++)
        if (is_named(places[i].name, one, other))
            out[picked++] = places[i];
    return picked;
}

int executor_talk_start(struct executor_pool *pool, struct executor *executor,
                        const struct gpmq_request *request, uint32_t attempt, int input_fd,
                        struct gpmq_error *err)
{
    const struct executor_pool_config *config = &pool->config;
    struct gpmq_request copy = *request;
    struct place domains[2];
    struct place repositories[1];
    struct message message = {.type = MSG_EXEC_START};
    message.exec_start = (struct msg_exec_start){
        .fence = executor->fence,
        .attempt = attempt,
        .request = &copy,
        .domain_count = wants_any_domain(request)
                            ? pick_any(domains, 2, config->domains, config->domain_count)
                            : pick_places(domains, 2, config->domains, config->domain_count,
                                          request->domain, request->target_domain),
        .domains = domains,
        .repository_count = pick_places(repositories, 1, config->repositories,
                                        config->repository_count, request->repository, NULL),
        .repositories = repositories,
    };
    return send_message(pool, executor, &message, input_fd, err);
}

void executor_talk_stop(struct executor_pool *pool, struct executor *executor)
{
    struct message message = {.type = MSG_EXEC_STOP, .exec_stop.fence = executor->fence};
    if (send_message(pool, executor, &message, -1, NULL) != 0)
        return; /* then SIGTERM says it */
}

/* ---- from the executor --------------------------------------------------------------------- */

static bool take_chunk(struct executor *executor, const struct msg_exec_chunk *chunk)
{
    if (!executor->busy || chunk->offset != executor->content_size ||
        chunk->bytes_size > GPMQ_BLOB_MAX - executor->content_size)
        return false;
    size_t size = executor->content_size + chunk->bytes_size;
    if (size > executor->content_room) {
        uint8_t *grown = realloc(executor->content, 2 * size);
        if (!grown)
            return false;
        executor->content = grown;
        executor->content_room = 2 * size;
    }
    if (chunk->bytes_size)
        memcpy(executor->content + executor->content_size, chunk->bytes, chunk->bytes_size);
    executor->content_size = size;
    return true;
}

static bool may_say(enum report_kind kind)
{
    return kind == REPORT_PROGRESS || kind == REPORT_MESSAGE || kind == REPORT_DONE ||
           kind == REPORT_FAILED || kind == REPORT_CANCELLED;
}

/* Whether the result and what was sent of its content before are one. */
static bool is_content_whole(const struct executor *executor, const struct gpmq_result *result)
{
    if (!result)
        return executor->content_size == 0;
    if (result->data || result->data_size == 0)
        return executor->content_size == 0;
    return result->data_size == executor->content_size;
}

static void log_end(const struct executor *executor, const struct report *report)
{
    const struct log_about about = executor_about(executor);
    bool failed = report->kind == REPORT_FAILED;
    log_operation(failed ? LOG_INFO : LOG_DEBUG, "attempt_ended", &about,
                  "how=%s code=%s fence=%llu pid=%d", failed ? "failed" : "as_told",
                  gpmq_code_name(report->code), (unsigned long long)report->fence,
                  executor->process.pid);
}

static bool take_report(struct executor_pool *pool, struct executor *executor,
                        const struct report *report)
{
    bool end = report_is_end(report->kind);
    bool is_ours = executor->busy && report->fence == executor->fence &&
                   gpmq_id_equal(&report->op, &executor->op) && may_say(report->kind);
    if (!is_ours || (end ? !is_content_whole(executor, report->result) : !!report->result))
        return false;
    if (end)
        log_end(executor, report);
    void *content = end ? STEAL(executor->content) : NULL;
    if (end)
        executor_talk_forget(executor);
    pool->listener.report(pool->listener.arg, report, content);
    return true;
}

static bool take_message(struct executor_pool *pool, struct executor *executor, size_t size)
{
    struct message message;
    arena_reset(&pool->arena);
    if (message_decode(&message, &pool->arena, pool->packet, size, NULL) != 0)
        return false;
    if (message.type == MSG_EXEC_CHUNK)
        return take_chunk(executor, &message.exec_chunk);
    return message.type == MSG_EXEC_REPORT &&
           take_report(pool, executor, message.exec_report.report);
}

static bool is_full(const struct executor_pool *pool, const struct executor *executor)
{
    const struct executor_listener *listener = &pool->listener;
    return executor->busy && listener->is_full &&
           listener->is_full(listener->arg, &executor->op, executor->fence);
}

bool executor_talk_take(struct executor_pool *pool, struct executor *executor, int most)
{
    for (int i = 0; i < most; i++) {
        executor->paused = is_full(pool, executor);
        if (executor->paused)
            return true;
        ssize_t size = recv(executor->process.socket, pool->packet, sizeof pool->packet, MSG_TRUNC);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        bool fits = size > 0 && (size_t)size <= sizeof pool->packet; /* 0: its end is closed */
        if (!fits || !take_message(pool, executor, (size_t)size))
            return false;
    }
    return true;
}
