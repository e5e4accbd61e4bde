/*
 * sample_home.h - the domain that a real backup came from, as far as the backup tells: its name and
 * GUID, the accounts and the WMI filter that it names.
 */
#ifndef GPMQ_SAMPLE_HOME_H
#define GPMQ_SAMPLE_HOME_H

#include "repository.h"

/* Makes it as a folder domain at path, without GPOs; ends the test where that fails. */
void sample_home_make(const struct backup *backup, const char *path);

#endif
