/* executor_loop.h - runs operations, one after the other, until the worker is gone. */
#ifndef GPMQ_EXECUTOR_LOOP_H
#define GPMQ_EXECUTOR_LOOP_H

#include "handler.h"

/* What is alike for all operations of an executor; borrowed. */
struct executor_terms {
    int64_t cpu_max_s;        /* processor time that one operation may use; 0: no limit */
    const char *templates;    /* see run_set_templates() */
    struct handler_list more; /* besides those of kinds.h */
};

/* Serves the worker at the other end of fd. Returns only when something is wrong. */
int executor_loop(int fd, const struct executor_terms *terms, struct gpmq_error *err) GPMQ_CHECKED;

#endif
