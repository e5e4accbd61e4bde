/*
 * handler.h - the interface of one kind of operation.
 *
 * A handler runs in an executor: a process of its own, which may crash or be killed at any moment.
 * Doing an operation a second time, in another executor and with a higher fence, must do what doing
 * it once does.
 */
#ifndef GPMQ_HANDLER_H
#define GPMQ_HANDLER_H

#include "run.h"

struct handler {
    const char *kind; /* "gpo.backup" */
    bool repeatable;  /* a failure that may pass (gpmq_code_retryable) is tried again */

    /* Judges the request alone: touches no domain, no disk. GPMQ_EINVAL says why in *err. NULL: no
     * request is wrong. */
    int (*check)(const struct gpmq_request *request, struct gpmq_error *err);

    /* Does it. Between steps it asks run_stopped(), and if so returns GPMQ_ESTOPPED with no step
     * half done. Any other failure is told with the text of *err (see run_blame()). */
    int (*run)(struct run *run, const struct gpmq_request *request, struct gpmq_error *err);
    const void *own; /* run_own() for run(): of a handler that is made when the executor starts */
};

/* Handlers that this executor has besides those of kinds.h: of plug-ins, or of a program. */
struct handler_list {
    size_t count;
    const struct handler *items;
};

/* The handler of a kind, or NULL. */
const struct handler *handler_find(const char *kind, const struct handler_list *more);

/* Checks, runs and finishes: whatever happens, the end of *run is told. */
void handler_execute(struct run *run, const struct handler_list *more);

/* For check(): that the fields a kind needs are there. GPMQ_EINVAL names the one that is not. */
#define NEEDS_DOMAIN     (1u << 0)
#define NEEDS_REPOSITORY (1u << 1)
#define NEEDS_GPO        (1u << 2)
#define NEEDS_BACKUP     (1u << 3)
int handler_needs(const struct gpmq_request *request, unsigned needs,
                  struct gpmq_error *err) GPMQ_CHECKED;

#endif
