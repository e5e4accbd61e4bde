/*
 * fair.h - operations that are ready to run, and whose turn it is among them.
 *
 * First by priority, which rises by one for each FAIR_AGE_MS that an operation has been ready: what
 * is urgent goes before, and nothing waits for ever. Within a priority clients take turns: each
 * assignment puts a client back by one, and by one more for each operation that it has running. So
 * who asks for much has no more than who asks for little, while both ask. Within a client, in the
 * order in which they came.
 */
#ifndef GPMQ_FAIR_H
#define GPMQ_FAIR_H

#include "queue.h"

#define FAIR_AGE_MS (60 * 1000)

struct core;
struct name;

/* What one client has ready at one priority. */
struct share {
    TAILQ_ENTRY(share) in_lane;
    struct fair_queue *queue;
    struct name *client;
    uint8_t lane;
    struct queue_lane ops;
};

TAILQ_HEAD(fair_lane, share);

struct fair_queue {
    struct fair_lane lanes[GPMQ_PRIORITY_MAX + 1];
    uint32_t count;
};

void fair_start(struct fair_queue *queue);
/* Puts it behind the client's others of its priority, or before them: it had its turn before. It
 * must be in no queue. */
void fair_push(const struct core *core, struct fair_queue *queue, struct operation *op);
void fair_push_first(const struct core *core, struct fair_queue *queue, struct operation *op);
/* Takes it out of the fair queue it is in, if any. */
void fair_leave(struct operation *op);
/* Any one; NULL: it is empty. */
struct operation *fair_any(const struct fair_queue *queue);
/* Whose turn it is; NULL: nobody is ready. */
struct operation *fair_first(const struct core *core, const struct fair_queue *queue);
/* Whether it is a's turn before b's. */
bool fair_is_before(const struct core *core, const struct operation *a, const struct operation *b);
/* It is given to a worker: its client's next turn comes later. */
void fair_charge(struct core *core, const struct operation *op);

#endif
