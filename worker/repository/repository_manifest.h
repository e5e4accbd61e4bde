/*
 * repository_manifest.h - manifest.xml, the list of a repository's backups that Windows reads.
 *
 * It is derived data. Under a lock over all processes it is brought to what the folders say: an
 * entry is there exactly when the backup's folder is. So a crash between a backup's appearance and
 * its entry is healed by whoever comes next.
 */
#ifndef GPMQ_REPOSITORY_MANIFEST_H
#define GPMQ_REPOSITORY_MANIFEST_H

#include "repository.h"

/* Brings manifest.xml up to date, and writes it only where that changes it. A backup whose
 * bkupInfo.xml cannot be read keeps the entry it has, and gets none where it has none. */
int repository_manifest_refresh(struct repository *repository, struct gpmq_error *err) GPMQ_CHECKED;

/* Reads it; *out is empty where there is none. GPMQ_EMALFORMED: it is there and damaged. */
int repository_manifest_read(struct repository *repository, struct backup_infos *out,
                             struct gpmq_error *err) GPMQ_CHECKED;

#endif
