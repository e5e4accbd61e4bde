/*
 * samples.h - real GPMC backups made by Windows: $GPMQ_SAMPLES, or <source>/../shared/samples.
 */
#ifndef GPMQ_SAMPLES_H
#define GPMQ_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

/* Calls visit with path and content of every file below the samples whose name is `name` without
 * case, or ends in it when it begins with '.', and of every file when `name` is "". False: there
 * are no samples on this machine. */
bool samples_each(const char *name,
                  void (*visit)(void *arg, const char *path, const char *bytes, size_t size),
                  void *arg);

#endif
