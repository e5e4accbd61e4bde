/*
 * scratch.h - a temporary folder of one test.
 */
#ifndef GPMQ_SCRATCH_H
#define GPMQ_SCRATCH_H

#include <stddef.h>

#define SCRATCH_PATH_SIZE 512

struct scratch {
    char path[SCRATCH_PATH_SIZE / 2];
};

/* Makes a folder below $TMPDIR or /tmp; fails the test when it cannot. */
void scratch_make(struct scratch *scratch);
/* Removes it with everything in it. */
void scratch_remove(struct scratch *scratch);
/* The path of something in it; returns path. */
const char *scratch_path(const struct scratch *scratch, const char *name,
                         char path[SCRATCH_PATH_SIZE]);
/* Writes a file, making or replacing it. */
void scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t size);

#endif
