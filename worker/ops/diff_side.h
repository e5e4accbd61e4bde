/*
 * diff_side.h - one side of a comparison: a backup or a live GPO, as its settings.
 *
 * The settings are those of the report that is made from its files, never of a gpreport.xml; that
 * one only tells of a backup's links and owner. Registry values stay single values: templates
 * (ADMX) name them, but would hide which of them differ.
 */
#ifndef GPMQ_DIFF_SIDE_H
#define GPMQ_DIFF_SIDE_H

#include "report_backup.h"
#include "report_domain.h"
#include "report_kept.h"
#include "settings_general.h"

/* What is compared, and where it is; one of repository and domain is NULL. */
struct diff_place {
    struct gpmq_guid id;           /* of the backup, or of the GPO */
    struct repository *repository; /* borrowed */
    struct domain *domain;         /* borrowed */
};

struct diff_side {
    const struct gpo *gpo;    /* of backup or live */
    struct backup *backup;    /* NULL: it is a live GPO */
    struct settings settings; /* of both sides */
    struct settings contents; /* what is in the files that are no settings: area "File content" */
    unsigned told;            /* SETTINGS_OWNER, SETTINGS_LINKS: what its report tells */
    /* inside */
    struct gpo *live;
    struct report_kept kept;
    struct report_backup from_backup;
    struct report_domain from_domain;
    struct report_source source;
    struct xml_document *report;
};

/* A file that holds settings but cannot be parsed: it is compared by content. */
typedef void diff_unparsed(void *arg, const char *path, const char *reason);

/* Reads it; `unparsed` (may be NULL) is told of such files. diff_side_free() it, also after a
 * failure. GPMQ_ENOTFOUND, GPMQ_EDAMAGED, GPMQ_EBUSY: a live GPO was changed meanwhile. */
int diff_side_read(struct diff_side *side, const struct diff_place *place, diff_unparsed *unparsed,
                   void *arg, struct gpmq_error *err) GPMQ_CHECKED;
void diff_side_free(struct diff_side *side);

#endif
