/* submit.h - requests become operations, or are refused one by one. */
#ifndef GPMQ_SUBMIT_H
#define GPMQ_SUBMIT_H

#include "core_state.h"

/* Who asks, and how to look at what the core does not hold. */
struct submitter {
    uint64_t peer;
    const char *client;
    core_lookup *lookup;
    void *lookup_arg;
};

/* MSG_SUBMIT and MSG_SUBMIT_BATCH. */
void submit_message(struct core *core, const struct submitter *from, const struct message *message);
void submit_batch_message(struct core *core, const struct submitter *from,
                          const struct message *message);

/* What two requests are compared by. */
void submit_digest(uint8_t digest[16], struct store_bytes request);

#endif
