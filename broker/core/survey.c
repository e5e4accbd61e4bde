/* survey.c - what the core tells of itself: the workers that are here, and how much waits. */
#include <stdlib.h>
#include <string.h>

#include "core_state.h"
#include "pauses.h"

#define LIST_BYTES_MAX (MESSAGE_MAX / 2) /* of one page of workers */

/* ---- workers ------------------------------------------------------------------------------- */

static size_t names_bytes(const struct name_list *names)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < names->count; i++)
        bytes += strlen(names->items[i]) + 5;
    return bytes;
}

static struct worker_info info_of(const struct core *core, const struct session *session)
{
    struct worker_info info = {
        .session = session->number,
        .name = session->name->text,
        .key = session->key->text,
        .executors = session->executors,
        .credit = session->credit,
        .leases = session->lease_count,
        .draining = session->draining || session->drained,
        .silent_ms = core->now_ms - session->heard_ms,
        .kinds = session->kinds,
        .domains = session->domains,
        .repositories = session->repositories,
    };
    const struct operation *op;
    LIST_FOREACH(op, &session->leases, in_session)
    info.running += op->accepted;
    return info;
}

static int by_session(const void *a, const void *b)
{
    const struct worker_info *left = a, *right = b;
    return left->session < right->session ? -1 : left->session > right->session;
}

void core_workers(const struct core *core, uint64_t after, struct arena *arena,
                  struct msg_worker_list *out)
{
    const struct session *session;
    *out = (struct msg_worker_list){
        .workers = arena_take(arena, (core->sessions.count + 1) * sizeof *out->workers)};
    if (!out->workers)
        return;
    TAILQ_FOREACH(session, &core->all_sessions, in_all)
    if (session->number > after)
        out->workers[out->worker_count++] = info_of(core, session);
    qsort(out->workers, out->worker_count, sizeof *out->workers, by_session);

    size_t bytes = 0;
    for (uint32_t i = 0; i < out->worker_count; i++) {
        const struct worker_info *info = &out->workers[i];
        bytes += 1024 + names_bytes(&info->kinds) + names_bytes(&info->domains) +
                 names_bytes(&info->repositories);
        if (i && (bytes > LIST_BYTES_MAX || i == MESSAGE_OPS_MAX)) {
            out->worker_count = i;
            out->more = true;
        }
    }
}

/* ---- numbers ------------------------------------------------------------------------------- */

void core_stats(const struct core *core, struct arena *arena, struct msg_stats_answer *out)
{
    const struct session *session;

    *out = (struct msg_stats_answer){
        .epoch = core->epoch,
        .open = core->open_count,
        .open_max = core->config.open_max,
        .client_open_max = core->config.client_open_max,
        .workers = core->sessions.count,
        .workers_max = core->config.workers_max,
        .depths = arena_take(arena, GPMQ_STATE_END * sizeof *out->depths),
    };
    for (enum gpmq_state state = 1; out->depths && !gpmq_state_is_final(state); state++)
        out->depths[out->depth_count++] = (struct state_count){state, core->depths[state]};
    TAILQ_FOREACH(session, &core->all_sessions, in_all)
    out->executors += session->executors;
    pauses_list(core, arena, &out->pauses, &out->pause_count);
}
