/*
 * broker_config.h - the broker's settings, from its command line and its file.
 */
#ifndef GPMQ_BROKER_CONFIG_H
#define GPMQ_BROKER_CONFIG_H

#include "broker.h"
#include "log.h"

struct broker_file; /* the file's values, which settings point into */

struct broker_config {
    struct broker_settings settings;
    enum log_level log_level;
    struct broker_file *values; /* of every setting, as given */
    struct broker_file *file;   /* NULL: there was none */
    bool check_only;            /* --check: say whether settings and store are good, and end */
    const char *backup_to;      /* --backup-to: copy the store there, and end; NULL: no */
};

/* Reads argv, and the file that --config names; options stand over the file. *out points into argv
 * and the file. Prints help and ends the process for --help, --usage and --version, as argp does;
 * an option that is not known ends it with 2. GPMQ_EINVAL and GPMQ_EMALFORMED name the setting, and
 * in a file its line. */
int broker_config_read(struct broker_config *out, int argc, char **argv,
                       struct gpmq_error *err) GPMQ_CHECKED;
/* Calls differs with the name of each setting that is another one in `now`, and that cannot change
 * while a broker runs. */
void broker_config_compare(const struct broker_config *before, const struct broker_config *now,
                           void (*differs)(const char *name));
/* Lets the file's values go; takes a zeroed one. For CLEANUP(). */
void broker_config_free(struct broker_config *config);

#endif
