/*
 * cli_bars.h - progress as text: a bar for each running operation and one for all.
 *
 * Pure: what to show goes in, bytes come out. Widths are counted in columns of a terminal, so that
 * a line never wraps; the locale's LC_CTYPE decides what a character is.
 */
#ifndef GPMQ_CLI_BARS_H
#define GPMQ_CLI_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BARS_ROWS_MAX   32
#define BARS_WIDTH_MIN  20
#define BARS_WIDTH_MAX  240
#define BARS_LINE_BYTES (BARS_WIDTH_MAX * 4 + 64) /* room for any line, with colour and NUL */

struct bars_style {
    unsigned width; /* columns; more than BARS_WIDTH_MAX counts as that, less than MIN as MIN */
    bool unicode;   /* blocks; else # and . */
    bool colour;
};

/* One running operation. */
struct bars_row {
    const char *label;
    const char *word; /* "running", "cancelling" */
    int32_t numerator;
    int32_t denominator;
};

/* All of them. */
struct bars_total {
    size_t ended;
    size_t failed;
    size_t count;
    double fraction; /* 0 .. 1: what is done of everything */
    int64_t elapsed_ms;
};

/* Writes one line without newline; returns how many columns it has: at most style->width. */
unsigned bars_row_text(char out[BARS_LINE_BYTES], const struct bars_style *style,
                       const struct bars_row *row);
unsigned bars_total_text(char out[BARS_LINE_BYTES], const struct bars_style *style,
                         const struct bars_total *total);

/* Copies as much of text as fits in `width` columns, and fills up with blanks. Control characters
 * and bytes that are no character become '?'. Returns the bytes written, without NUL. */
size_t bars_fit(char *out, size_t size, const char *text, unsigned width);

/* "1:02:03", "02:03"; "-:--" for what is not known (negative). */
#define BARS_TIME_SIZE 16
const char *bars_time(int64_t ms, char out[BARS_TIME_SIZE]);

/* What is left at the speed so far; -1: not known yet. */
int64_t bars_left_ms(const struct bars_total *total);

#endif
