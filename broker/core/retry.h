/*
 * retry.h - what is tried again, how often, and after how long.
 *
 * Two tables: how often a kind may fail, and which failures may pass and how soon. What the request
 * says stands over both. A worker has to agree: a program of one's own that is not `repeatable` is
 * never tried again after a failure.
 *
 * Three things end an attempt before its time and are counted apart: failures (attempts), deaths of
 * the executor (core_config.crashes_max), losses of the worker (core_config.losses_max).
 * docs/operations.md has the tables for those who run gpmq; a test holds it to these.
 */
#ifndef GPMQ_RETRY_H
#define GPMQ_RETRY_H

#include "gpmq/op.h"

/* What a request says of its own retries, with the defaults of its kind filled in. */
struct retry_policy {
    int32_t attempts;       /* of the kind */
    int32_t asked_attempts; /* of the request; 0: it does not say */
    int64_t asked_backoff_ms;
    int32_t jitter_percent; /* 1 .. 100 */
};

struct retry_policy retry_policy_of(const struct gpmq_request *request);

/* Whether an operation that has failed `failures` times, now with this code, is tried again. */
bool retry_again(const struct retry_policy *policy, int32_t code, int32_t failures);

/* How long to wait before the attempt after number `attempt`, which ended with this code: doubled
 * with each attempt, at most RETRY_WAIT_MAX_MS, more or less by the policy's jitter. The same for
 * the same operation and attempt, different for others, so that those who failed together do not
 * come back together. */
int64_t retry_wait_ms(const struct retry_policy *policy, const struct gpmq_id *id, int32_t code,
                      uint32_t attempt);

#define RETRY_WAIT_MAX_MS    (60 * 60 * 1000)
#define RETRY_JITTER_DEFAULT 25

#endif
