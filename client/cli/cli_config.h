/*
 * cli_config.h - what was not given on the command line: gpmq.yaml, and $GPMQ_BROKER.
 *
 *     broker: tcp://broker.example.org:5670
 *     key_file: /home/anna/.config/gpmq/anna.key
 *     server_key_file: /home/anna/.config/gpmq/broker.pub
 *     domain: example.test
 *     repository: nightly
 *     templates: /usr/share/gpmq/PolicyDefinitions
 *
 * The command line wins over the environment, the environment over the file.
 */
#ifndef GPMQ_CLI_CONFIG_H
#define GPMQ_CLI_CONFIG_H

#include "cli_options.h"

struct cli_config {
    char *broker;
    char *key_file;
    char *server_key_file;
    char *domain;
    char *repository;
    char *templates; /* without a broker: ADMX files for domains without a central store */
};

/* Reads path, or where path is NULL ~/.config/gpmq/gpmq.yaml ($XDG_CONFIG_HOME) if it is there.
 * GPMQ_EINVAL: a key that is not known, or a value that is no text; names the line. */
int cli_config_load(struct cli_config **out, const char *path, struct gpmq_error *err) GPMQ_CHECKED;
void cli_config_free(struct cli_config **config_p);

/* Connects to the broker that options, environment or file name, and waits until it answers; where
 * none is named, to one of our own (cli_alone.h). Fills in what the options leave open: their
 * broker and domain. GPMQ_EINVAL: there is neither. */
int cli_connect(struct gpmq_client **out, struct cli_options *options, struct cli_config *config,
                struct gpmq_error *err) GPMQ_CHECKED;

#endif
