/*
 * results.h - what IGPMResult::Result is for each kind: the properties of IGPMBackup and IGPMGPO,
 * and the lists as JSON.
 */
#ifndef GPMQ_RESULTS_H
#define GPMQ_RESULTS_H

#include <jansson.h>

#include "repository.h"
#include "run.h"

/* The result "backup" with IGPMBackup's properties: id, gpo_id, gpo_domain, gpo_display_name,
 * timestamp, comment, backup_dir (the name of the repository, not where it lies). */
void results_backup(struct run *run, const struct backup_info *info);
/* The result "gpo" with IGPMGPO's properties. */
void results_gpo(struct run *run, const struct gpo *gpo);

/* One item of a list: the same properties. NULL: no memory. */
json_t *results_backup_json(const struct backup_info *info);
json_t *results_domain_gpo_json(const struct domain_gpo *gpo);
/* Sets the result `type` with the items of *list as content, one JSON array, and `count`. */
int results_list(struct run *run, const char *type, const json_t *list,
                 struct gpmq_error *err) GPMQ_CHECKED;

#endif
