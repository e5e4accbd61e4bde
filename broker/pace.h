/*
 * pace.h - how often something that others cause may be logged.
 *
 * Who sends nothing but refused messages must not fill the disk that the log is on.
 */
#ifndef GPMQ_PACE_H
#define GPMQ_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_LINES     10 /* within ... */
#define PACE_PERIOD_MS 10000

struct pace {
    int64_t since_ms; /* when the period began */
    uint32_t lines;   /* in it so far */
    uint32_t silent;  /* left out since the last line */
};

/* Whether a line may be logged now: at most so many in a period, PACE_LINES. *left_out is how many
 * were not since the last that was. */
static inline bool pace_allows_most(struct pace *pace, uint32_t most, int64_t now_ms,
                                    uint32_t *left_out)
{
    if (now_ms - pace->since_ms >= PACE_PERIOD_MS) {
        pace->since_ms = now_ms;
        pace->lines = 0;
    }
    if (pace->lines >= most) {
        pace->silent += pace->silent < UINT32_MAX;
        return false;
    }
    pace->lines++;
    *left_out = pace->silent;
    pace->silent = 0;
    return true;
}
static inline bool pace_allows(struct pace *pace, int64_t now_ms, uint32_t *left_out)
{
    return pace_allows_most(pace, PACE_LINES, now_ms, left_out);
}

#endif
