/* domain_folder_staged.c - what a change would leave. */
#include <stdlib.h>

#include "cleanup.h"
#include "domain_folder_change.h"
#include "fail.h"

int folder_change_read(struct domain_change *base, struct gpo **out, struct gpmq_error *err)
{
    const struct folder_change *change = (const struct folder_change *)base;
    CLEANUP(gpo_free) struct gpo *gpo = calloc(1, sizeof *gpo);
    uint32_t version;
    if (!gpo)
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    gpo->id = change->place.id;
    int rc = folder_read_gpc(change->domain, change->ldif, gpo, err);
    if (!rc)
        rc = folder_list_files(change->stage_fd, "the new state of the GPO", gpo, err);
    if (!rc)
        rc = folder_next_version(change, &version, err);
    if (rc)
        return rc;
    gpo->user.ds = gpo->user.sysvol = (uint16_t)(version >> 16);
    gpo->machine.ds = gpo->machine.sysvol = (uint16_t)version;
    gpo->modified_unix_ms = folder_now_unix_ms();
    *out = STEAL(gpo);
    return 0;
}
