/*
 * log.h - a daemon's log: one line per event on stderr, `level event key=value key=value`.
 *
 *     log_event(LOG_INFO, "lease_lost", "op=%s fence=%" PRIu64 " worker=%s", ...);
 *
 * The event is a word that can be searched for in the source. Under systemd (JOURNAL_STREAM) the
 * time is left out and "<N>" stands before the line, which the journal takes as priority. Values
 * with white space, quotes or control characters are put in quotes by log_value(). Secrets are
 * never logged. Thread-safe: a line is one write.
 */
#ifndef GPMQ_LOG_H
#define GPMQ_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "gpmq/op.h"

enum log_level {
    LOG_ERROR, /* somebody must act */
    LOG_WARNING,
    LOG_INFO,
    LOG_DEBUG,
};

/* Names the program and sets what is written; the default is LOG_INFO. Call it once, first. */
void log_start(const char *program, enum log_level most);

/* What is written from now on. */
void log_set_most(enum log_level most);
/* "error", "warning", "info" or "debug"; false: another word. */
bool log_level_from_name(enum log_level *out, const char *name);
const char *log_level_name(enum log_level level);

void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Which operation a line is about, and for whom: `op=ID attempt=N trace=TRACEPARENT` stand first in
 * it. */
struct log_about {
    const struct gpmq_id *op;
    uint32_t attempt;  /* 0: before the first */
    const char *trace; /* NULL: the client gave none */
};
void log_operation(enum log_level level, const char *event, const struct log_about *about,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* From now on every line of log_event() is about this operation; NULL: about none. For a process
 * that runs one at a time; what about points to must stay. */
void log_set_about(const struct log_about *about);

/* Whether lines of a level are written: what a line needs is not looked up for nothing. */
bool log_is_on(enum log_level level);

#define LOG_VALUE_SIZE 256
/* The value as it may stand in a line; text is cut to fit. Returns buffer. */
const char *log_value(const char *text, char buffer[LOG_VALUE_SIZE]);

#endif
