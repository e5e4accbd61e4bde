/* executor_kinds.h - which kinds of operations a worker's executors can run. */
#ifndef GPMQ_EXECUTOR_KINDS_H
#define GPMQ_EXECUTOR_KINDS_H

#include "executor.h"

#define EXECUTOR_KINDS_WAIT_MS                                                                     \
    10000 /* for an executor that loads the plug-ins to list their kinds */

struct executor_kinds {
    uint32_t count;
    const char *names[MESSAGE_NAMES_MAX];
    char *of_plugins; /* what names of plug-ins point into */
};

/* Our own kinds, those of the programs, and those of the plug-ins, which are loaded for that in an
 * executor, never in this process. config is borrowed by *out. Let it go with
 * executor_kinds_free(). GPMQ_EEXIST: two of one name. GPMQ_ETOOBIG: more than MESSAGE_NAMES_MAX.
 * GPMQ_EIO: a plug-in cannot be loaded; the executor logs why. GPMQ_ETIMEOUT. */
int executor_kinds_read(struct executor_kinds *out, const struct executor_pool_config *config,
                        struct gpmq_error *err) GPMQ_CHECKED;
void executor_kinds_free(struct executor_kinds *kinds);

#endif
