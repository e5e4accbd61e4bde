/*
 * ad_files.h - the files that an AD domain's settings name: there, readable, and no one else's.
 */
#ifndef GPMQ_AD_FILES_H
#define GPMQ_AD_FILES_H

#include <sys/stat.h>

#include "ad_settings.h"

/* A file with a password is regular and for its owner alone. One of root and group root may have
 * mode 0440: so systemd shows a credential that an access list gives to one account
 * (systemd.exec(5), LoadCredential=). GPMQ_EACCESS, GPMQ_EINVAL name the file and what to do. */
int ad_secret_judge(const struct stat *stat, const char *path, struct gpmq_error *err) GPMQ_CHECKED;

/* Whether keytab, password file, certificates and local SYSVOL of the settings are there and this
 * account can use them. A ticket cache may come later, and is not looked at. GPMQ_ENOTFOUND,
 * GPMQ_EACCESS, GPMQ_EINVAL name the key of the URL and the file. */
int ad_files_check(const struct ad_settings *settings, struct gpmq_error *err) GPMQ_CHECKED;

#endif
