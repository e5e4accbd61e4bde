/*
 * migration_lines.h - a text file rewritten line by line: lines that nobody changes keep every
 * byte, encoding, byte order mark and line ends included.
 */
#ifndef GPMQ_MIGRATION_LINES_H
#define GPMQ_MIGRATION_LINES_H

#include "bytes.h"

struct migration_line {
    const char *section; /* name of the section it stands in, "" before the first */
    const char *text;    /* UTF-8, without the line's end */
    bool header;         /* it is "[section]" itself */
};

enum migration_line_fate { LINE_KEEP, LINE_REPLACE, LINE_DROP };

/* Decides on a line. For LINE_REPLACE it has put the new text into the empty *out. */
typedef int migration_line_edit(void *edit_arg, const struct migration_line *line,
                                struct bytes *out, enum migration_line_fate *fate,
                                struct gpmq_error *err);

/* Calls edit for every line of a file in any form that text.h knows, and appends to *out what the
 * file becomes. *changed: not the same bytes. GPMQ_EMALFORMED names the line that is no text, or
 * that cannot be written again as it was. What edit returns ends it. */
int migration_lines(const void *bytes, size_t size, migration_line_edit *edit, void *edit_arg,
                    struct bytes *out, bool *changed, struct gpmq_error *err) GPMQ_CHECKED;

/* ---- pieces of lines ------------------------------------------------------------------------ */

/* A piece of a line without the blanks around it. */
struct migration_piece {
    const char *at;
    size_t length;
};
struct migration_piece migration_trim(const char *from, const char *to);
/* As a string; free() it. NULL: no memory. */
char *migration_piece_text(struct migration_piece piece);

#endif
