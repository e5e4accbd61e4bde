/*
 * backup_plan.h - which extension handler of Backup.xml takes which file of a GPO.
 *
 * Pure: from the list of files and the registered extensions alone. As Windows does it: a handler
 * is there when its CSE is registered on either side (Registry and Unknown Extension always); each
 * takes the files its template names; what none took, and every folder but Machine and User, goes
 * to Unknown Extension, which is last.
 */
#ifndef GPMQ_BACKUP_PLAN_H
#define GPMQ_BACKUP_PLAN_H

#include "backup_model.h"

/* Fills *out for backup_extensions_free(). bkp:Path and bkp:SourceExpandedPath have the letter case
 * of Windows' template where a template names the file; bkp:Location is what
 * backup_write() makes of the same path, so that it is found where file names have case. *out is
 * complete or empty. */
int backup_plan(struct backup_extensions *out, const struct gpo *gpo,
                struct gpmq_error *err) GPMQ_CHECKED;

/* Whether a CSE of backup_model.h is registered on either side. */
bool backup_plan_registered(const struct gpo *gpo, const char *cse);

#endif
