/*
 * make_gpo.h - the one way on which import, restore and copy make a GPO or change one: begin the
 * change, stage the files, take over attributes, commit, tell the result "gpo".
 */
#ifndef GPMQ_MAKE_GPO_H
#define GPMQ_MAKE_GPO_H

#include "stage.h"

#define MAKE_GPO_WAIT_MS 20000 /* for another change of the same GPO to end */

/* What to make, and of what; everything is borrowed. */
struct make_gpo {
    struct run *run;
    struct domain *domain; /* that gets the GPO */
    /* What the change is; op and fence are filled in from the run. */
    struct domain_change_request request;
    struct stage_source source;
    const struct stage_rewrite *rewrite; /* NULL: every file as it is */
    unsigned fields;                     /* a set of enum domain_field that *values gives */
    const struct gpo *values;
    /* Asked once the change is open and this operation has not made it before; NULL: it may be
     * made. An error ends the operation. */
    int (*admit)(const struct make_gpo *make, struct gpmq_error *err);
};

/* Makes it and sets the run's result. A second attempt of an operation that has committed changes
 * nothing and tells the same. With the request's dry_run everything is staged and dropped, and
 * the result is a preview (preview.h).
 * GPMQ_ESTOPPED: between steps; nothing has changed. Errors of domain.h and stage.h otherwise. */
int make_gpo(const struct make_gpo *make, struct gpmq_error *err) GPMQ_CHECKED;

#endif
