/*
 * drain.h - workers that an admin wants to finish what they have and to get nothing new.
 *
 * A drain is of a process: it outlives the broker, as a mark of the store, and ends when the worker
 * starts anew (another incarnation) or is resumed.
 */
#ifndef GPMQ_DRAIN_H
#define GPMQ_DRAIN_H

#include "core_state.h"

/* MSG_DRAIN. */
void drain_message(struct core *core, uint64_t peer, bool admin, const struct message *message);
/* One from the store; a mark that is no drain is passed over. */
void drain_load(struct core *core, const char *name, int64_t since_unix_ms);
/* A worker's process is here for the first time: whether it is drained. Drains of the processes
 * that had its name before are forgotten. */
bool drain_greet(struct core *core, const char *worker, const struct gpmq_id *incarnation);
void drain_free(struct core *core);

#endif
