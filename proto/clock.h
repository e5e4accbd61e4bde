/*
 * clock.h - the two clocks. Pure code takes the time as an argument; only loops ask here.
 */
#ifndef GPMQ_CLOCK_H
#define GPMQ_CLOCK_H

#include <stdint.h>

/* Milliseconds that never fall and go on while the machine sleeps (CLOCK_BOOTTIME). */
int64_t clock_now_ms(void);
/* Milliseconds since 1970 UTC; may jump. */
int64_t clock_unix_ms(void);

#define CLOCK_TEXT_SIZE 25 /* "2026-11-20T12:00:00.000Z" and NUL */
/* ISO 8601 in UTC; returns text. A time that no calendar holds: "-". */
const char *clock_text(int64_t unix_ms, char text[CLOCK_TEXT_SIZE]);

#endif
