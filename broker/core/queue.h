/*
 * queue.h - operations that wait for the same thing, first by priority, then in the order in which
 * they came. What is ready to run lies in a fair.h queue.
 */
#ifndef GPMQ_QUEUE_H
#define GPMQ_QUEUE_H

#include <stdint.h>
#include <sys/queue.h>

#include "gpmq/op.h"

struct operation;

TAILQ_HEAD(queue_lane, operation);

struct op_queue {
    struct queue_lane lanes[GPMQ_PRIORITY_MAX + 1];
    uint32_t count;
};

void queue_start(struct op_queue *queue);
/* Puts it behind all others of its priority. It must be in no queue. */
void queue_push(struct op_queue *queue, struct operation *op);
/* Takes it out of the queue it is in, if any. */
void queue_leave(struct operation *op);
/* Whose turn it is; NULL: nobody waits. */
struct operation *queue_first(const struct op_queue *queue);

#endif
