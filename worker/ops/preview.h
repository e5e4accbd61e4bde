/*
 * preview.h - what an operation would change: the answer of a dry run.
 *
 * The result is of the type "preview". Properties: those of the GPO as it would be (id,
 * display_name, domain_name, creates) and counts. Content, one JSON object:
 *
 *     {"files":      [{"path", "change": "added"|"changed"|"removed", "size_from", "size_to"}],
 *      "attributes": [{"name", "from", "to"}],
 *      "version":    {"user_from", "user_to", "computer_from", "computer_to"}}
 *
 * A folder is told, with a '/' at its end, when nothing in it is; a size or value of what is not
 * there is null. Attributes: display_name, options, machine_extensions, user_extensions,
 * wmi_filter, permissions (SDDL of the DACL), directory_objects (how many).
 */
#ifndef GPMQ_PREVIEW_H
#define GPMQ_PREVIEW_H

#include "domain.h"
#include "run.h"

struct preview;

int preview_new(struct preview **out, struct gpmq_error *err) GPMQ_CHECKED;
void preview_free(struct preview **preview_p);

/* A stage_watcher, its argument the preview: remembers what the new files hold. */
void preview_watch(void *arg, const char *path, const void *bytes, size_t size);

/* Compares the GPO `staged` with the live one of its GUID in `domain`, none or one that cannot be
 * read (which is told in a message) among them, and sets the run's result. */
int preview_tell(struct preview *preview, struct run *run, struct domain *domain,
                 const struct gpo *staged, struct gpmq_error *err) GPMQ_CHECKED;

/* The same of the backup with that id, which a backup of *gpo would make: its files are added,
 * "attributes" is empty, "version" null. */
int preview_tell_backup(struct run *run, const struct gpmq_guid *id, const struct gpo *gpo,
                        struct gpmq_error *err) GPMQ_CHECKED;

#endif
