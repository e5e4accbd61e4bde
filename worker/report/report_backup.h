/*
 * report_backup.h - a backup as what a report is made from.
 *
 * Accounts have the names that the backup lists. What Backup.xml does not hold (owner, links, when
 * the GPO was made, a WMI filter's description, names of other accounts) is taken from the backup's
 * gpreport.xml, if it has one that fits (report_kept.h).
 */
#ifndef GPMQ_REPORT_BACKUP_H
#define GPMQ_REPORT_BACKUP_H

#include "report.h"
#include "repository.h"

struct report_kept;

struct report_backup {
    struct repository *repository;
    const struct backup *backup;
    const struct report_kept *kept; /* NULL: the backup's own files alone */
};

/* Fills *source from *from, which it borrows; read time is the backup's. */
void report_backup_source(struct report_source *source, struct report_backup *from);

#endif
