/*
 * worker_config.h - the worker's settings: from a YAML file, and over it from the command line.
 */
#ifndef GPMQ_WORKER_CONFIG_H
#define GPMQ_WORKER_CONFIG_H

#include <limits.h>

#include "worker.h"

/* Fixed places and what they point into; settings points into the rest. */
struct worker_config {
    struct worker_settings settings;
    bool check;        /* only say whether the settings are good */
    bool doctor;       /* only say what is wrong with the places */
    bool doctor_json;  /* as JSON */
    bool doctor_write; /* it may make a temporary folder in SYSVOL */
    int parent_fd;     /* end when the other end of this pipe closes; -1: none */
    struct place domains[MESSAGE_NAMES_MAX];
    struct place repositories[MESSAGE_NAMES_MAX];
    struct executor_program programs[EXECUTOR_PROGRAMS_MAX];
    struct worker_file *file;           /* what the YAML file said */
    char *texts[3 * MESSAGE_NAMES_MAX]; /* names split off from NAME=PLACE, and URLs made */
    uint32_t text_count;
    char program[PATH_MAX];
    char host[HOST_NAME_MAX + 1];
};

/* A worker without broker and places, named after this machine. */
void worker_config_default(struct worker_config *out);

/* Reads argv and the file it names. Prints and ends the process for --help, --usage, --version and
 * usage errors, as argp does. GPMQ_EINVAL and what conf_load() says. Let *out go with
 * worker_config_free(), also after a failure. */
int worker_config_read(struct worker_config *out, int argc, char **argv,
                       struct gpmq_error *err) GPMQ_CHECKED;
/* Calls differs with the name of each setting that is another one in `now`, and that cannot change
 * while a worker runs. */
void worker_config_compare(const struct worker_config *before, const struct worker_config *now,
                           void (*differs)(const char *name));
void worker_config_free(struct worker_config *config);

#endif
