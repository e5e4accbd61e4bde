/*
 * why.h - why an operation waits, in words that say what to do.
 */
#ifndef GPMQ_WHY_H
#define GPMQ_WHY_H

#include "core_state.h"

struct why {
    struct gpmq_id who;              /* the operation that is in the way; none: nobody is */
    char text[GPMQ_ERROR_TEXT_SIZE]; /* "": it does not wait */
};

/* Of a WAITING operation, for its reason; of any other: "". */
struct why why_it_waits(const struct core *core, const struct operation *op);

#endif
