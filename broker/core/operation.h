/*
 * operation.h - one operation: asks lifecycle.h, moves, records, tells.
 *
 * Every change of state goes through operation_move(), which keeps the lists, keys, leases and
 * deadlines in step with it.
 */
#ifndef GPMQ_OPERATION_H
#define GPMQ_OPERATION_H

#include "core_state.h"

/* How an operation ends. */
struct outcome {
    int32_t code; /* enum gpmq_code */
    int32_t hr_status;
    const struct gpmq_result *result; /* NULL: one of type "none" is made */
    uint32_t msg_count;
    const struct gpmq_status_msg *msgs;
};

/* A new operation from its row and request, on no list yet but those of ids and its batch. */
struct operation *operation_new(struct core *core, const struct op_row *row,
                                const struct gpmq_request *request);
/* Takes it off every list and lets it go. */
void operation_free(struct core *core, struct operation *op);
struct operation *operation_find(const struct core *core, const struct gpmq_id *id);

/* What it would have to wait for now; 0: nothing. */
enum gpmq_reason operation_blocked_by(const struct core *core, const struct operation *op);
/* Puts it where its state says: into a queue, onto its deadlines. */
void operation_place(struct core *core, struct operation *op);
/* Sets its deadlines anew after anything they depend on has changed. */
void operation_arm(struct core *core, struct operation *op);

/* Moves it; that the table allows it is the caller's to know. Records nothing. */
void operation_move(struct core *core, struct operation *op, enum op_event event);
/* Moves, records and tells. */
void operation_queue(struct core *core, struct operation *op);
void operation_wait(struct core *core, struct operation *op, enum gpmq_reason reason);
/* Ends it by `event`: result, final frame, its batch. It stays to be found until the round is
 * over. */
void operation_end(struct core *core, struct operation *op, enum op_event event,
                   const struct outcome *outcome);
/* Lets those go that ended in an earlier round. */
void operation_forget_ended(struct core *core);

#endif
