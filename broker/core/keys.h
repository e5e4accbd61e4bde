/*
 * keys.h - concurrency keys: at most so many operations with the same key run at once. One writer
 * per GPO is such a key.
 *
 * How many run is counted from the live leases each time, so there is no number that could leak.
 */
#ifndef GPMQ_KEYS_H
#define GPMQ_KEYS_H

#include "core_state.h"

/* The keys of a request: its own, and the GPO that it changes. */
void keys_take(struct core *core, struct operation *op, const struct gpmq_request *request);
/* Gives up all keys. */
void keys_give(struct core *core, struct operation *op);

/* The first key that has no room for the operation; NULL: it may run. */
struct key *keys_blocking(const struct operation *op);
/* The same as the operation's share in it. */
const struct key_use *keys_blocking_use(const struct operation *op);
/* Whether the key stands for a GPO that is changed. */
bool keys_is_gpo(const struct key *key);
/* It has a live lease, and counts. */
void keys_hold(struct operation *op);
/* It has no live lease, or is no longer the next to have one: others may have their turn. */
void keys_release(struct core *core, struct operation *op);
/* It waits for the key. */
void keys_wait(struct core *core, struct key *key, struct operation *op);
/* Queues those whose turn has come. */
void keys_wake(struct core *core);

#endif
