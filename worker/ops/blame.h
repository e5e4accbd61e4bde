/*
 * blame.h - names the file, and the extension it belongs to, that an operation failed on.
 */
#ifndef GPMQ_BLAME_H
#define GPMQ_BLAME_H

#include "repository.h"
#include "run.h"

/* As run_blame(), with the name of the extension among `count` whose file list has `path` (a path
 * inside the GPT); without one where none has. */
void blame_file(struct run *run, const struct backup_extension *extensions, size_t count,
                const char *path);

#endif
