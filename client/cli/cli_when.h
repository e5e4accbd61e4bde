/*
 * cli_when.h - times and durations as people write them.
 */
#ifndef GPMQ_CLI_WHEN_H
#define GPMQ_CLI_WHEN_H

#include <stdint.h>

#include "gpmq/error.h"

#define CLI_DURATION_MAX_MS (INT64_C(3650) * 24 * 60 * 60 * 1000) /* ten years */

/* "90" and "90s" are seconds, "15m", "2h", "7d"; whole numbers from 1 on. GPMQ_EINVAL. */
int cli_duration_parse(int64_t *out_ms, const char *text, struct gpmq_error *err) GPMQ_CHECKED;

/* A point in time, as milliseconds since 1970 UTC: a duration from now on ("+2h", "2h"), a time of
 * day, the next one that comes ("22:00"), a date ("2026-12-01") with or without a time behind "T"
 * or a blank ("2026-12-01T02:30", "2026-12-01 02:30:00"). Local time, or UTC with a "Z" at the end.
 * GPMQ_EINVAL: it is none of these. */
int cli_time_parse(int64_t *out_unix_ms, const char *text, int64_t now_unix_ms,
                   struct gpmq_error *err) GPMQ_CHECKED;

#endif
