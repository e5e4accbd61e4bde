/*
 * store_memory.h - what only tests and the simulator do to a store of "memory:".
 */
#ifndef GPMQ_STORE_MEMORY_H
#define GPMQ_STORE_MEMORY_H

#include "store.h"

/* The process dies and another opens the store: the open round never happened, the epoch rises. */
void store_memory_crash(struct store *store);
/* The next commit fails, after which the store is of no use until store_memory_crash(). */
void store_memory_fail_commit(struct store *store);

#endif
