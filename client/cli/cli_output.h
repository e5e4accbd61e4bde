/*
 * cli_output.h - text or JSON, data or message: decided here once.
 *
 * Data goes to stdout, one line each: text, or with --json an object with `type` and `schema`.
 * Messages go to stderr: one line, "gpmq: ...". --quiet leaves only errors.
 */
#ifndef GPMQ_CLI_OUTPUT_H
#define GPMQ_CLI_OUTPUT_H

#include <jansson.h>

#include "cli_options.h"

#define CLI_SCHEMA 1 /* rises when a key of a JSON line changes its meaning */

/* A JSON line of that type, taking over *fields (may be NULL). On a terminal only ASCII is written,
 * so that no text of others reaches it raw. */
void out_json(const char *type, json_t *fields);
/* A line of data for people; nothing with --json or --quiet. */
void out_text(const struct cli_options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A message that is no error; nothing with --quiet. */
void out_note(const struct cli_options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An error, also as a JSON line of type "error". Returns the exit code that its code has. */
int out_error(const struct cli_options *options, const struct gpmq_error *err);

/* Text on one line: what would move the cursor, turn the direction of writing or not be seen is
 * replaced by '?', and so is what is no UTF-8. For out_text() arguments that came from
 * elsewhere. */
#define OUT_LINE_SIZE 512
const char *out_line(const char *text, char line[OUT_LINE_SIZE]);

/* The same, however long it is; free() it. NULL: no memory. */
char *out_whole(const char *text);

/* Puts a colour around what is printed next, or ends it; nothing where stdout is no terminal or
 * $NO_COLOR is set. */
enum out_colour { OUT_PLAIN, OUT_BOLD, OUT_RED, OUT_GREEN, OUT_YELLOW };
const char *out_colour(enum out_colour colour);

/* As JSON values. */
json_t *out_id(const struct gpmq_id *id);
json_t *out_hresult(int32_t hresult); /* "0x800704c7" */
json_t *out_time(int64_t unix_ms);    /* ISO 8601, null for 0 */
json_t *out_result(const struct gpmq_result *result);
json_t *out_status_msgs(const struct gpmq_status_msgs *msgs);

#endif
