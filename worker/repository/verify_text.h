/*
 * verify_text.h - a text file line by line, with numbers: what the judges of GptTmpl.inf, audit.csv
 * and the .ini files share.
 */
#ifndef GPMQ_VERIFY_TEXT_H
#define GPMQ_VERIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "gpmq/error.h"

/* A text, made UTF-8, while its lines are read. */
struct verify_text {
    char *text; /* ours */
    char *next;
    unsigned line; /* number of the line last read, from 1 */
};

/* UTF-16, UTF-8 or Windows-1252. verify_text_free() it. */
int verify_text_begin(struct verify_text *text, const void *bytes, size_t size,
                      struct gpmq_error *err) GPMQ_CHECKED;
void verify_text_free(struct verify_text *text);
/* The next line that is neither blank nor a comment (';'), trimmed; NULL at the end. */
char *verify_text_line(struct verify_text *text);

/* text without the blanks around it. */
char *verify_trim(char *text);
/* If line is "[name]", its name, cut out of it; "[" without its end, or the other way round, is
 * no section: NULL. */
char *verify_section(char *line);
/* Cuts "key = value" in two, trimmed; false: there is no '=', or no key. */
bool verify_pair(char *line, char **value);
/* Whether text is one of the words, without case; the list ends in NULL. */
bool verify_is_one_of(const char *text, const char *const *words);
/* "-1", "42". */
bool verify_is_number(const char *text);

/* fail() with GPMQ_EDAMAGED and "line N: " before it. */
int verify_fail(const struct verify_text *text, struct gpmq_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
