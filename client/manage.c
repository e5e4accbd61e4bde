/* manage.c - the queue itself: its workers, its numbers, pause, resume and drain. */
#include <stdlib.h>

#include "cleanup.h"
#include "client_impl.h"
#include "fail.h"

static const char *text(const char *given)
{
    return given ? given : "";
}

/* ---- workers ------------------------------------------------------------------------------- */

/* What the caller sees, and the arenas of the answers it points into. */
struct worker_pages {
    struct gpmq_workers public; /* first */
    struct arena *arenas;
    size_t arena_count;
};

void gpmq_workers_free(struct gpmq_workers **workers_p)
{
    struct worker_pages *pages = (struct worker_pages *)STEAL(*workers_p);
    if (!pages)
        return;
    for (size_t i = 0; i < pages->arena_count; i++)
        arena_free(&pages->arenas[i]);
    free(pages->arenas);
    free(pages->public.items);
    free(pages);
}

static struct gpmq_names names_of(const struct name_list *names)
{
    return (struct gpmq_names){names->count, names->items};
}

static struct gpmq_worker_info info_of(const struct worker_info *worker)
{
    return (struct gpmq_worker_info){.name = text(worker->name),
                                     .key = text(worker->key),
                                     .executors = worker->executors,
                                     .credit = worker->credit,
                                     .leases = worker->leases,
                                     .running = worker->running,
                                     .draining = worker->draining,
                                     .silent_ms = worker->silent_ms,
                                     .kinds = names_of(&worker->kinds),
                                     .domains = names_of(&worker->domains),
                                     .repositories = names_of(&worker->repositories)};
}

/* Takes over the answer's memory. */
static int add_page(struct worker_pages *pages, struct arena *arena,
                    const struct msg_worker_list *list, struct gpmq_error *err)
{
    size_t count = pages->public.count;
    struct arena *arenas = realloc(pages->arenas, (pages->arena_count + 1) * sizeof *arenas);
    if (!arenas)
        return fail(err, GPMQ_ENOMEM, "cannot keep the list of workers");
    pages->arenas = arenas;
    struct gpmq_worker_info *items =
        realloc(pages->public.items, (count + list->worker_count + 1) * sizeof *items);
    if (!items)
        return fail(err, GPMQ_ENOMEM, "cannot keep the list of workers");
    pages->public.items = items;
    for (uint32_t i = 0; i < list->worker_count; i++)
        items[count + i] = info_of(&list->workers[i]);
    pages->public.count = count + list->worker_count;
    arenas[pages->arena_count++] = *arena;
    *arena = (struct arena){0};
    return 0;
}

int gpmq_ask_workers(struct gpmq_client *client, struct gpmq_workers **out, struct gpmq_error *err)
{
    CLEANUP(gpmq_workers_free)
    struct gpmq_workers *workers = calloc(1, sizeof(struct worker_pages));
    struct message answer, request = {.type = MSG_WORKERS};
    const struct msg_worker_list *list = &answer.worker_list;
    bool more = true;

    if (!workers)
        return fail(err, GPMQ_ENOMEM, "cannot ask for the workers");
    while (more) {
        int rc = call(client, &request, MSG_WORKER_LIST, 0, &answer, err);
        if (rc)
            return rc;
        more = list->more && list->worker_count;
        if (more)
            request.workers.after = list->workers[list->worker_count - 1].session;
        rc = add_page((struct worker_pages *)workers, &client->answer_arena, list, err);
        if (rc)
            return rc;
    }
    *out = STEAL(workers);
    return 0;
}

/* ---- numbers ------------------------------------------------------------------------------- */

struct stats_answer {
    struct gpmq_stats public; /* first */
    struct arena arena;
};

void gpmq_stats_free(struct gpmq_stats **stats_p)
{
    struct stats_answer *stats = (struct stats_answer *)STEAL(*stats_p);
    if (!stats)
        return;
    arena_free(&stats->arena);
    free(stats);
}

static void copy_numbers(struct gpmq_stats *stats, const struct msg_stats_answer *answer)
{
    *stats = (struct gpmq_stats){.epoch = answer->epoch,
                                 .open = answer->open,
                                 .open_max = answer->open_max,
                                 .client_open_max = answer->client_open_max,
                                 .workers = answer->workers,
                                 .workers_max = answer->workers_max,
                                 .executors = answer->executors,
                                 .watches = answer->watches,
                                 .watches_max = answer->watches_max,
                                 .clients = answer->clients,
                                 .stored_open = answer->stored_open,
                                 .stored_ended = answer->stored_ended,
                                 .blob_bytes = answer->blob_bytes,
                                 .free_bytes = answer->free_bytes};
    for (uint32_t i = 0; i < answer->depth_count; i++)
        stats->depths[answer->depths[i].state] = answer->depths[i].count;
}

int gpmq_ask_stats(struct gpmq_client *client, struct gpmq_stats **out, struct gpmq_error *err)
{
    CLEANUP(gpmq_stats_free) struct gpmq_stats *stats = calloc(1, sizeof(struct stats_answer));
    struct message message, request = {.type = MSG_STATS};
    const struct msg_stats_answer *answer = &message.stats_answer;
    if (!stats)
        return fail(err, GPMQ_ENOMEM, "cannot ask for the numbers of the queue");
    int rc = call(client, &request, MSG_STATS_ANSWER, 0, &message, err);
    if (rc)
        return rc;
    copy_numbers(stats, answer);
    struct arena *arena = &((struct stats_answer *)stats)->arena;
    *arena = client->answer_arena;
    client->answer_arena = (struct arena){0};
    struct gpmq_pause_info *pauses = arena_take(arena, (answer->pause_count + 1) * sizeof *pauses);
    if (!pauses)
        return fail(err, GPMQ_ENOMEM, "cannot keep the numbers of the queue");
    for (uint32_t i = 0; i < answer->pause_count; i++)
        pauses[i] = (struct gpmq_pause_info){
            text(answer->pauses[i].kind), text(answer->pauses[i].domain),
            text(answer->pauses[i].repository), answer->pauses[i].since_unix_ms};
    stats->pauses = pauses;
    stats->pause_count = answer->pause_count;
    *out = STEAL(stats);
    return 0;
}

/* ---- pause, resume, drain ------------------------------------------------------------------ */

static int pause_or_resume(struct gpmq_client *client, const struct gpmq_pause_options *options,
                           bool resume, struct gpmq_error *err)
{
    static const struct gpmq_pause_options everything;
    struct message answer, request = {.type = MSG_PAUSE};
    if (!options)
        options = &everything;
    request.pause = (struct msg_pause){options->kind, options->domain, options->repository, resume};
    return call(client, &request, MSG_PAUSED, 0, &answer, err);
}

int gpmq_pause(struct gpmq_client *client, const struct gpmq_pause_options *options,
               struct gpmq_error *err)
{
    return pause_or_resume(client, options, false, err);
}

int gpmq_resume(struct gpmq_client *client, const struct gpmq_pause_options *options,
                struct gpmq_error *err)
{
    return pause_or_resume(client, options, true, err);
}

int gpmq_drain(struct gpmq_client *client, const char *worker, bool resume, uint32_t *leases,
               struct gpmq_error *err)
{
    struct message answer, request = {.type = MSG_DRAIN, .drain = {worker, resume}};
    if (!worker || !*worker)
        return fail(err, GPMQ_EINVAL, "no worker is named");
    int rc = call(client, &request, MSG_DRAINING, 0, &answer, err);
    if (!rc && leases)
        *leases = answer.draining.leases;
    return rc;
}
