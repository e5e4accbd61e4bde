/*
 * lease.h - one attempt of an operation at a worker: how it begins, goes on, is stopped and ends.
 *
 * A lease is live in ASSIGNED, RUNNING and CANCELLING. Its end is always one of these calls, after
 * which the fence of the attempt is worth nothing.
 */
#ifndef GPMQ_LEASE_H
#define GPMQ_LEASE_H

#include "operation.h"

/* Gives a QUEUED operation to a session that has room. */
void lease_assign(struct core *core, struct operation *op, struct session *session);
/* Hands a live lease to the session that its worker has opened anew. */
void lease_adopt(struct core *core, struct operation *op, struct session *session);
/* Its worker lists it. */
void lease_renew(struct core *core, struct operation *op);
/* The worker tells of progress: the attempt has not stalled. */
void lease_moved(struct core *core, struct operation *op);
/* The worker runs it. */
void lease_accept(struct core *core, struct operation *op);

/* Tells the worker to stop, and sets the time at which it ends in any case. grace_ms 0: its own. */
void lease_stop(struct core *core, struct operation *op, enum stop_why why, int64_t grace_ms);
/* How long until it ends, as a caller of cancel is told. */
int64_t lease_stop_left_ms(const struct core *core, const struct operation *op);
/* What its worker is to do with it. */
struct lease_answer lease_order(const struct operation *op);

/* The attempt ended well or badly, as its worker says. */
void lease_succeeded(struct core *core, struct operation *op, const struct outcome *outcome);
void lease_failed(struct core *core, struct operation *op, const struct outcome *outcome,
                  bool retryable);
/* The worker has stopped it. */
void lease_stopped(struct core *core, struct operation *op, const struct outcome *outcome);
/* The worker has not begun, and will not. */
void lease_rejected(struct core *core, struct operation *op);
/* The executor died under it. */
void lease_crashed(struct core *core, struct operation *op, const char *why);
/* The worker is gone, or does not know of it any more. */
void lease_lost(struct core *core, struct operation *op, const char *why);
/* The worker hands it back: no attempt was used. */
void lease_released(struct core *core, struct operation *op);
/* It did not stop in time: it is taken away. */
void lease_overrun(struct core *core, struct operation *op);

/* Takes a lease off its session and forgets what belongs to it. For operation.c. */
void lease_drop(struct core *core, struct operation *op);

#endif
