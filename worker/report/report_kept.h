/*
 * report_kept.h - what the gpreport.xml of a backup tells beside the backup's own files: owner and
 * group, when the GPO was made and changed, where it was linked, what its WMI filter is for, and
 * accounts by name.
 *
 * It is believed as far as it fits the backup: it is of the same GPO, and a security descriptor is
 * taken from it only with the same DACL.
 */
#ifndef GPMQ_REPORT_KEPT_H
#define GPMQ_REPORT_KEPT_H

#include "report_backup.h"

#define REPORT_KEPT_LINKS_MAX 1000
#define REPORT_KEPT_NAMES_MAX 16384

struct report_kept_name {
    const char *sid;
    const char *name; /* "DOMAIN\name" */
};

struct report_kept {
    struct xml_document *document; /* the others point into it */
    struct gpo gpo;                /* the backup's, borrowed, with what was kept */
    uint8_t *descriptor;
    size_t link_count;
    struct report_link *links;
    const char *filter_description;
    size_t name_count;
    struct report_kept_name *names; /* sorted by SID */
};

/* Reads a backup's gpreport.xml; one that is not there, no report, or of another GPO keeps nothing.
 * GPMQ_ENOMEM, GPMQ_EIO, GPMQ_EACCESS. Let go with report_kept_free(), also after a failure. */
int report_kept_read(struct report_kept *out, struct repository *repository,
                     const struct backup *backup, struct gpmq_error *err) GPMQ_CHECKED;
/* The same of its bytes; gpo is the backup's, borrowed. */
int report_kept_parse(struct report_kept *out, const void *bytes, size_t size,
                      const struct gpo *gpo, struct gpmq_error *err) GPMQ_CHECKED;
void report_kept_free(struct report_kept *kept);
/* The name behind a SID, or NULL. */
const char *report_kept_name(const struct report_kept *kept, const char *sid);

#endif
