/*
 * make_extensions.h - extension names from the files of a GPO, as Group Policy's editors would
 * register them.
 */
#ifndef GPMQ_MAKE_EXTENSIONS_H
#define GPMQ_MAKE_EXTENSIONS_H

#include <stddef.h>

#include "gpmq/error.h"

#define PAIRS_MAX 64

/* "{CSE}{tool}" pairs of the machine side (0) and the user side (1). */
struct make_extensions {
    char *pairs[2][PAIRS_MAX];
    size_t pair_count[2];
};

void make_extensions_free(struct make_extensions *extensions);
/* Adds a pair. GPMQ_ETOOBIG: PAIRS_MAX. */
int make_extensions_add(struct make_extensions *extensions, int side, const char *cse,
                        const char *tool, struct gpmq_error *err) GPMQ_CHECKED;
/* Adds what a file of this path stands for; most stand for nothing. */
int make_extensions_add_file(struct make_extensions *extensions, const char *path,
                             struct gpmq_error *err) GPMQ_CHECKED;
/* "[{CSE}{tool}{tool}][{CSE}{tool}]" with each CSE once, sorted; free() *out. */
int make_extensions_join(struct make_extensions *extensions, int side, char **out,
                         struct gpmq_error *err) GPMQ_CHECKED;

#endif
