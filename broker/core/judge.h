/* judge.h - whether a request makes sense, before anything is kept of it. */
#ifndef GPMQ_JUDGE_H
#define GPMQ_JUDGE_H

#include "gpmq/op.h"

#define JUDGE_TIME_MAX_MS     (INT64_C(100) * 365 * 24 * 60 * 60 * 1000) /* of a duration */
#define JUDGE_ATTEMPTS_MAX    100
#define JUDGE_BACKOFF_MAX_MS  (INT64_C(24) * 60 * 60 * 1000)
#define JUDGE_GRACE_MAX_MS    (INT64_C(60) * 60 * 1000)
#define JUDGE_DEADLINE_MAX_MS (INT64_C(1) << 48) /* of a time; what a UUIDv7 can say */

/* GPMQ_EINVAL: *err says what is wrong with it. */
int judge_request(const struct gpmq_request *request, struct gpmq_error *err) GPMQ_CHECKED;

#endif
