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

/* For dead.c: a request that the broker has made, and that was judged as another's before. */
void submit_again(struct core *core, const struct submitter *from,
                  const struct gpmq_request *request, struct submit_answer *answer);

/* The reply to a submission, whose answers are to be filled in; batch may be NULL. */
struct submit_answer *submit_reply(struct core *core, const struct submitter *from, uint64_t req,
                                   const struct gpmq_id *batch, uint32_t count);
void submit_refuse(struct core *core, struct submit_answer *answer, const struct gpmq_error *err);

/* What two requests are compared by. */
void submit_digest(uint8_t digest[16], struct store_bytes request);

#endif
