/*
 * program_line.h - what a program of the worker's owner says, line by line, and what is made of it.
 *
 *     progress N D      N parts of D are done; 0 <= N <= D, 1 <= D
 *     message JSON      a string, or {"message", "object_path", "error_code", "extension_name",
 *                       "settings_name"}
 *     result JSON       {"type", "overall_status", "properties": {NAME: string, integer or
 * boolean}, "content": string}; once
 *
 * A line that breaks these rules is told as a message and otherwise ignored.
 */
#ifndef GPMQ_PROGRAM_LINE_H
#define GPMQ_PROGRAM_LINE_H

#include <stddef.h>

#include "run.h"

#define PROGRAM_LINE_MAX  (1u << 20) /* bytes of one line; a longer one is wrong as a whole */
#define PROGRAM_WRONG_MAX 20         /* wrong lines that are told; further ones are counted */

struct program_talk {
    struct run *run;
    char *line; /* room for PROGRAM_LINE_MAX bytes */
    size_t size;
    bool overlong; /* the rest of this line is passed over */
    bool has_result;
    uint32_t lines;
    uint32_t wrong;
};

/* GPMQ_ENOMEM. Let *out go with program_talk_free(). */
int program_talk_begin(struct program_talk *out, struct run *run,
                       struct gpmq_error *err) GPMQ_CHECKED;
/* Takes what was read: any part of lines. */
void program_talk_take(struct program_talk *talk, const char *bytes, size_t size);
/* Nothing follows: a last line without its newline is taken, and wrong lines that were not told are
 * counted in a message. */
void program_talk_end(struct program_talk *talk);
void program_talk_free(struct program_talk *talk);

#endif
