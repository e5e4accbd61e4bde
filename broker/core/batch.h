/*
 * batch.h - operations that are followed, cancelled and waited for as one.
 *
 * A batch is a row like an operation's. It ends in the round in which its last operation does,
 * once it is closed.
 */
#ifndef GPMQ_BATCH_H
#define GPMQ_BATCH_H

#include "core_state.h"

struct batch *batch_find(const struct core *core, const struct gpmq_id *id);
/* A batch from its row; operations that were loaded before it are in it. */
struct batch *batch_new(struct core *core, const struct op_row *row);
void batch_free(struct core *core, struct batch *batch);
/* Lets those go that ended in an earlier round. */
void batch_forget_ended(struct core *core);

/* For operation.c: it belongs to the batch in its row, no longer does, has ended, got on. */
void batch_join(struct core *core, struct operation *op);
void batch_leave(struct operation *op);
void batch_count(struct core *core, struct operation *op);
void batch_moved(struct core *core, struct operation *op);

/* No more operations come. */
void batch_close(struct core *core, struct batch *batch);
/* Cancels all that has not ended. */
void batch_cancel(struct core *core, struct batch *batch, int64_t grace_ms);
/* Works out the progress and the end of the batches in which something has happened. */
void batch_settle(struct core *core);
/* Tells the progress that was held back. */
void batch_due(struct core *core, struct batch *batch);

#endif
