/* round.c - one round of the broker's loop. */
#include "round.h"

#include "backend.h"
#include "carry_out.h"
#include "ends.h"
#include "frontend.h"
#include "log.h"
#include "room.h"
#include "status.h"

#define RETAIN_EVERY_MS 60000
#define RETAIN_MOST     1000 /* operations removed in one round */

static int gates_look(struct parts *parts)
{
    for (size_t i = 0; i < PARTS_GATES; i++)
        if (parts->gates[i])
            gate_take(parts->gates[i], parts->now_ms);
    return 0;
}

static int core_dispatch(struct parts *parts)
{
    core_tick(parts->core, parts->now_ms, parts->unix_ms, parts->actions);
    return 0;
}

static int store_commit(struct parts *parts)
{
    return parts->store->ops->commit(parts->store, parts->err);
}

static int outbox_flush(struct parts *parts)
{
    outbox_send(parts->outbox, parts->clients, parts->control, &parts->limits);
    outbox_send(parts->outbox, parts->workers, parts->worker, &parts->limits);
    outbox_reset(parts->outbox);
    return 0;
}

static int store_retain(struct parts *parts)
{
    if (parts->now_ms < parts->retain_due_ms)
        return 0;
    uint32_t removed = 0;
    int rc = parts->store->ops->retain(parts->store, parts->unix_ms - parts->retention_ms,
                                       RETAIN_MOST, &removed, parts->err);
    bool more = removed == RETAIN_MOST;
    parts->retain_due_ms = parts->now_ms + (more ? 0 : RETAIN_EVERY_MS);
    if (removed)
        log_event(LOG_INFO, "operations_removed", "count=%u", removed);
    return rc;
}

/* One round, in this order: nothing leaves us before what it tells of is on disk. */
static step_fn *const steps[] = {
    gates_look,      /* who has come and gone */
    room_look,       /* whether there is disk for more */
    frontend_take,   /* client messages become events and questions */
    backend_take,    /* worker messages become events */
    status_take,     /* what subscribers want */
    core_dispatch,   /* what is due; queued operations get workers */
    carry_out_store, /* what the core decided goes to the store */
    frontend_answer, /* questions are answered from the store */
    store_retain,    /* what ended long ago goes */
    carry_out_fetch, /* what is assigned is read, in the round's transaction */
    ends_note,       /* what there is to say of those that end */
    store_commit,    /* all of this in one transaction, one fsync */
    ends_log,        /* which operations ended */
    carry_out_tell,  /* leases to workers, answers to clients, changes to watchers */
    status_remind,   /* final frames that nobody acknowledged */
    outbox_flush,    /* out with it */
};

int round_run(struct parts *parts, int64_t now_ms, int64_t unix_ms)
{
    parts->now_ms = now_ms;
    parts->unix_ms = unix_ms;
    int rc = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !rc; i++)
        rc = steps[i](parts);
    core_actions_reset(parts->actions);
    arena_reset(&parts->arena);
    return rc;
}
