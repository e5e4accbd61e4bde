/*
 * inputs.h - the inputs of operations, on their way from the broker to an executor.
 *
 * An input that is too large for a request is fetched piece by piece before its operation is given
 * to an executor, into memory of the kernel (memfd) that the executor gets as a descriptor. A piece
 * that does not come is asked for again; the lease's own times bound how long.
 */
#ifndef GPMQ_INPUTS_H
#define GPMQ_INPUTS_H

#include "log.h"
#include "message.h"

#define INPUTS_ASK_MS 2000 /* until a piece is asked for again */

struct inputs;

/* What becomes of one: request holds for the call; fd is the caller's. */
struct inputs_listener {
    /* All is there, and what the request says it is. */
    void (*ready)(void *arg, const struct gpmq_request *request, uint64_t fence, uint32_t attempt,
                  int fd);
    /* It will not come. */
    void (*failed)(void *arg, const struct log_about *about, uint64_t fence,
                   const struct gpmq_error *why);
    /* Asks the broker. */
    void (*ask)(void *arg, const struct message *message);
    void *arg;
};

/* NULL: no memory. */
struct inputs *inputs_new(const struct inputs_listener *listener);
/* Takes NULL; leaves NULL. */
void inputs_free(struct inputs **inputs_p);

/* Begins to fetch the input of a request that has one. GPMQ_ENOMEM; what memfd_create() says. */
int inputs_begin(struct inputs *inputs, const struct gpmq_request *request, uint64_t fence,
                 uint32_t attempt, struct gpmq_error *err) GPMQ_CHECKED;
/* Takes a piece; one that was not asked for is passed over. */
void inputs_take(struct inputs *inputs, const struct msg_input_chunk *chunk, int64_t now_ms);
/* Forgets one. False: it is not here. */
bool inputs_drop(struct inputs *inputs, const struct gpmq_id *op, uint64_t fence);
/* Asks for what is due. */
void inputs_tick(struct inputs *inputs, int64_t now_ms);
/* When something is due; INT64_MAX: never. */
int64_t inputs_next_ms(const struct inputs *inputs);

#endif
