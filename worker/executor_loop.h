/* executor_loop.h - runs operations, one after the other, until the worker is gone. */
#ifndef GPMQ_EXECUTOR_LOOP_H
#define GPMQ_EXECUTOR_LOOP_H

#include "handler.h"

/* Serves the worker at the other end of fd; cpu_max_s: seconds of processor time that one operation
 * may use, 0 no limit. Returns only when something is wrong. */
int executor_loop(int fd, int64_t cpu_max_s, const struct handler_list *more,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif
