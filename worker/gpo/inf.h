/*
 * inf.h - the lines of GptTmpl.inf, fdeploy1.ini, scripts.ini: sections with lines, judged no
 * further. Comments (';') and empty lines are left out.
 */
#ifndef GPMQ_INF_H
#define GPMQ_INF_H

#include <stdbool.h>
#include <stddef.h>

/* One line; the strings lie in the text that inf_begin() was given. */
struct inf_line {
    const char *section; /* "" before the first */
    const char *key;     /* what stands before the first '=', trimmed; the whole line without one */
    char *value;         /* behind it, trimmed; NULL: there is no '=' */
};

/* Where a reading is. */
struct inf_cursor {
    char *next;
    const char *section;
};

/* Begins to read text, which is cut into pieces while reading and must outlive the cursor. */
struct inf_cursor inf_begin(char *text);
/* The next line, or false at the end. */
bool inf_next(struct inf_cursor *cursor, struct inf_line *line);

/* Cuts the next item off a list with commas; NULL when there is none left. Items are trimmed; the
 * list is cut into pieces. */
char *inf_item(char **list_p);

#endif
