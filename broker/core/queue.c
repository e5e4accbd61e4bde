/* queue.c - one lane for each priority. */
#include "queue.h"

#include <assert.h>

#include "core_state.h"

void queue_start(struct op_queue *queue)
{
    queue->count = 0;
    for (int lane = 0; lane <= GPMQ_PRIORITY_MAX; lane++)
        TAILQ_INIT(&queue->lanes[lane]);
}

void queue_push(struct op_queue *queue, struct operation *op)
{
    assert(!op->queue);
    TAILQ_INSERT_TAIL(&queue->lanes[op->record.row.priority], op, in_queue);
    op->queue = queue;
    queue->count++;
}

void queue_leave(struct operation *op)
{
    if (!op->queue)
        return;
    TAILQ_REMOVE(&op->queue->lanes[op->record.row.priority], op, in_queue);
    op->queue->count--;
    op->queue = NULL;
}

struct operation *queue_first(const struct op_queue *queue)
{
    for (int lane = 0; queue->count && lane <= GPMQ_PRIORITY_MAX; lane++)
        if (!TAILQ_EMPTY(&queue->lanes[lane]))
            return TAILQ_FIRST(&queue->lanes[lane]);
    return NULL;
}
