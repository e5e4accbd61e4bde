/*
 * cli_lines.h - which lines of two texts differ: pure.
 */
#ifndef GPMQ_CLI_LINES_H
#define GPMQ_CLI_LINES_H

#include <stddef.h>

#define LINES_COMPARED_MAX 2000 /* lines of one text that are compared; a longer one is all new */

/* One line of both: '-' of the first alone, '+' of the second alone, ' ' of both. */
struct lines_row {
    char sign;
    const char *text; /* in the caller's copy of the texts */
};

/* Cuts both texts into lines and gives *out the rows that make the second of the first, with the
 * longest run of common lines; free() it. -1: no memory. */
int lines_compare(struct lines_row **out, size_t *count, char *from, char *to);

#endif
