/*
 * broker_tools.h - what gpmq-broker does beside being a broker: look at settings and store, and
 * copy the store. Neither needs the broker to be stopped. Both say on stdout what was found, on
 * stderr what is wrong, and return the exit code.
 */
#ifndef GPMQ_BROKER_TOOLS_H
#define GPMQ_BROKER_TOOLS_H

#include "broker.h"

/* Settings and keys; then, if the store is there, every record of it. 2: the settings are wrong; 9:
 * the store is damaged. */
int broker_tools_check(const struct broker_settings *settings);
/* A checked copy of the store at `path`, where nothing may be yet. */
int broker_tools_backup(const struct broker_settings *settings, const char *path);

#endif
