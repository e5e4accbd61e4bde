/*
 * deps.h - operations that wait until others, or whole batches, have succeeded.
 *
 * What is named must be known when the request comes, and a batch be closed, so there are no
 * cycles. While one that is named has not ended, the operation is WAITING with the reason
 * DEPENDENCY. When all have succeeded it goes on; when one ends otherwise, it fails. Both happen in
 * the round of that end, so after a restart whoever still waits does so for something that has not
 * ended.
 */
#ifndef GPMQ_DEPS_H
#define GPMQ_DEPS_H

#include "submit.h"

/* Whether what the request names is known and has not failed. GPMQ_ENOTFOUND, GPMQ_ESTATE. */
int deps_judge(const struct core *core, const struct submitter *from,
               const struct gpmq_request *request, struct gpmq_error *err) GPMQ_CHECKED;
/* Notes what the request names. */
void deps_take(struct core *core, struct operation *op, const struct gpmq_request *request);
/* A new one begins to wait, if it has to. */
void deps_link(struct core *core, struct operation *op);
/* After a restart: the same for all that were loaded waiting. */
void deps_link_loaded(struct core *core);
/* The first of those it waits for that has not ended; NULL: there is none. */
const struct op_row *deps_first_open(const struct operation *op);
/* It has succeeded or not: those that wait for it, or for the batch that it is, hear of it in
 * deps_settle(). */
void deps_tell(struct core *core, const struct op_row *row, struct dep_list *dependents,
               bool succeeded);
/* Takes it off the lists of those it waits for. */
void deps_drop(struct core *core, struct operation *op);
/* Queues whose dependencies have all succeeded, fails whose have not. */
void deps_settle(struct core *core);

#endif
