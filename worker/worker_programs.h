/* worker_programs.h - programs and plug-ins of the worker's settings. */
#ifndef GPMQ_WORKER_PROGRAMS_H
#define GPMQ_WORKER_PROGRAMS_H

#include "executor.h"
#include "worker_file.h"

/* Judges what the file says, and makes programs[EXECUTOR_PROGRAMS_MAX] and *config point to it;
 * *file is borrowed. GPMQ_EINVAL names the program and what is wrong with it. */
int worker_programs_take(struct executor_pool_config *config, struct executor_program *programs,
                         const struct worker_file *file, struct gpmq_error *err) GPMQ_CHECKED;

#endif
