/*
 * report_backup.h - a backup as what a report is made from.
 *
 * Accounts have the names that the backup lists. What a backup does not hold (owner, links, when
 * the GPO was made, a WMI filter's description) its report does not tell.
 */
#ifndef GPMQ_REPORT_BACKUP_H
#define GPMQ_REPORT_BACKUP_H

#include "report.h"
#include "repository.h"

struct report_backup {
    struct repository *repository;
    const struct backup *backup;
};

/* Fills *source from *from, which it borrows; read time is the backup's. */
void report_backup_source(struct report_source *source, struct report_backup *from);

#endif
