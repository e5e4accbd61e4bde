/*
 * deadline.h - a heap of times at which something is due. One for the monotonic clock, one for the
 * wall clock.
 */
#ifndef GPMQ_DEADLINE_H
#define GPMQ_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

#define DEADLINE_NEVER INT64_MAX

enum deadline_of { DEADLINE_OPERATION = 1, DEADLINE_BATCH, DEADLINE_SESSION, DEADLINE_ROUTE };

/* Lies in what is due. Zero but for `of` is one that is not set. */
struct deadline {
    enum deadline_of of;
    size_t place; /* in the heap, from 1; 0: not set */
    int64_t at_ms;
};

struct deadline_heap {
    struct deadline **items;
    size_t count;
    size_t room;
};

/* Sets or moves it; DEADLINE_NEVER: takes it off. */
void deadline_set(struct deadline_heap *heap, struct deadline *deadline, int64_t at_ms);
/* The first one; NULL: none is set. */
struct deadline *deadline_first(const struct deadline_heap *heap);
void deadline_free(struct deadline_heap *heap);

#endif
