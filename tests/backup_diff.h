/*
 * backup_diff.h - everything in which the descriptions of two backups differ, each difference by
 * the name of what differs.
 */
#ifndef GPMQ_BACKUP_DIFF_H
#define GPMQ_BACKUP_DIFF_H

#include "repository.h"

/* Is told what differs ("core.options", "object.location") and both values as text; a value that is
 * not there is "(none)". */
struct backup_diff {
    void (*tell)(void *arg, const char *what, const char *a, const char *b);
    void *arg;
};

/* Compares bkupInfo.xml and Backup.xml, letter case and order included. Principals are not compared
 * here: which of them belong together is for the caller to say. */
void backup_diff(const struct backup_diff *diff, const struct backup *a, const struct backup *b);

#endif
