/* cancel.h - somebody wants an operation or a batch to end. */
#ifndef GPMQ_CANCEL_H
#define GPMQ_CANCEL_H

#include "core_state.h"

/* MSG_CANCEL: answers for each id what became of it. */
void cancel_message(struct core *core, uint64_t peer, const char *client, bool admin,
                    const struct message *message, core_lookup *lookup, void *lookup_arg);
/* Cancels at once what no worker has, and asks the worker of what runs. grace_ms 0: its own. */
void cancel_operation(struct core *core, struct operation *op, int64_t grace_ms);

#endif
