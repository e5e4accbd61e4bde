/*
 * broker_config.h - the broker's settings, from its command line and its file.
 */
#ifndef GPMQ_BROKER_CONFIG_H
#define GPMQ_BROKER_CONFIG_H

#include "broker.h"

/* Reads argv into *out, which points into argv and static memory. Prints usage and ends the
 * process for --help, --usage and --version, as argp does; a usage error ends it with 2.
 * GPMQ_EINVAL: a value makes no sense. */
int broker_config_read(struct broker_settings *out, int argc, char **argv,
                       struct gpmq_error *err) GPMQ_CHECKED;

#endif
