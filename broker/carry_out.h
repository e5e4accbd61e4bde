/*
 * carry_out.h - does what the core wants done: into the store first, to everybody else later.
 */
#ifndef GPMQ_CARRY_OUT_H
#define GPMQ_CARRY_OUT_H

#include "parts.h"

/* All actions of the round that are for the store, in order. An error means that the core and the
 * store disagree or that the store failed: the loop ends and the broker restarts from its store. */
step_fn carry_out_store;
/* Reads the requests that are assigned, before the commit: after it each would be a transaction. */
step_fn carry_out_fetch;
/* All actions that tell: replies, assignments, status frames. After the commit. */
step_fn carry_out_tell;

/* What core.h asks for: an operation that the core does not hold, as the open round leaves it. */
core_lookup carry_out_lookup;

#endif
