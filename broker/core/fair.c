/* fair.c - clients take turns, weighted by what they have running. */
#include "fair.h"

#include <assert.h>
#include <stdlib.h>

#include "core_state.h"

void fair_start(struct fair_queue *queue)
{
    queue->count = 0;
    for (int lane = 0; lane <= GPMQ_PRIORITY_MAX; lane++)
        TAILQ_INIT(&queue->lanes[lane]);
}

/* ---- in and out ---------------------------------------------------------------------------- */

static struct share *share_of(struct fair_queue *queue, const struct operation *op)
{
    struct fair_lane *lane = &queue->lanes[op->record.row.priority];
    struct share *share;
    TAILQ_FOREACH(share, lane, in_lane)
    if (share->client == op->client)
        return share;
    share = memory_take(sizeof *share);
    share->queue = queue;
    share->client = op->client;
    share->lane = op->record.row.priority;
    TAILQ_INIT(&share->ops);
    TAILQ_INSERT_TAIL(lane, share, in_lane);
    return share;
}

static void enter(const struct core *core, struct fair_queue *queue, struct operation *op)
{
    assert(!op->queue && !op->share);
    op->share = share_of(queue, op);
    op->ready_ms = core->now_ms;
    queue->count++;
}

void fair_push(const struct core *core, struct fair_queue *queue, struct operation *op)
{
    enter(core, queue, op);
    TAILQ_INSERT_TAIL(&op->share->ops, op, in_queue);
}

void fair_push_first(const struct core *core, struct fair_queue *queue, struct operation *op)
{
    enter(core, queue, op);
    TAILQ_INSERT_HEAD(&op->share->ops, op, in_queue);
}

void fair_leave(struct operation *op)
{
    struct share *share = op->share;
    if (!share)
        return;
    op->share = NULL;
    share->queue->count--;
    TAILQ_REMOVE(&share->ops, op, in_queue);
    if (!TAILQ_EMPTY(&share->ops))
        return;
    TAILQ_REMOVE(&share->queue->lanes[share->lane], share, in_lane);
    free(share);
}

struct operation *fair_any(const struct fair_queue *queue)
{
    for (int lane = 0; queue->count && lane <= GPMQ_PRIORITY_MAX; lane++)
        if (!TAILQ_EMPTY(&queue->lanes[lane]))
            return TAILQ_FIRST(&TAILQ_FIRST(&queue->lanes[lane])->ops);
    return NULL;
}

/* ---- whose turn it is ---------------------------------------------------------------------- */

static int64_t priority_now(const struct core *core, const struct operation *op)
{
    int64_t risen = (core->now_ms - op->ready_ms) / FAIR_AGE_MS;
    int64_t priority = op->record.row.priority;
    return risen < priority ? priority - risen : 0;
}

/* Who has been away has not saved up turns. */
static uint64_t turn_of(const struct core *core, const struct operation *op)
{
    uint64_t turn = op->client ? op->client->turn : 0;
    return turn > core->turn ? turn : core->turn;
}

bool fair_is_before(const struct core *core, const struct operation *a, const struct operation *b)
{
    int64_t priority_a = priority_now(core, a), priority_b = priority_now(core, b);
    if (priority_a != priority_b)
        return priority_a < priority_b;
    uint64_t turn_a = turn_of(core, a), turn_b = turn_of(core, b);
    if (turn_a != turn_b)
        return turn_a < turn_b;
    return a->order < b->order;
}

struct operation *fair_first(const struct core *core, const struct fair_queue *queue)
{
    struct operation *first = NULL;
    const struct share *share;
    for (int lane = 0; queue->count && lane <= GPMQ_PRIORITY_MAX; lane++)
        TAILQ_FOREACH(share, &queue->lanes[lane], in_lane)
        {
            struct operation *op = TAILQ_FIRST(&share->ops);
            if (!first || fair_is_before(core, op, first))
                first = op;
        }
    return first;
}

void fair_charge(struct core *core, const struct operation *op)
{
    if (!op->client)
        return;
    core->turn = turn_of(core, op);
    op->client->turn = core->turn + 1 + op->client->live;
}
