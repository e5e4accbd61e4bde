/*
 * round.h - one round of the broker's loop: what has come is taken, decided, made durable, and only
 * then told. The real loop, and the fuzzer of the broker, run it.
 */
#ifndef GPMQ_ROUND_H
#define GPMQ_ROUND_H

#include "parts.h"

/* One round at that time (monotonic, and of 1970 UTC), without waiting. Not 0: the loop has to end,
 * and *parts->err says why. */
int round_run(struct parts *parts, int64_t now_ms, int64_t unix_ms) GPMQ_CHECKED;

#endif
