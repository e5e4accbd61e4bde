/* domain_folder_set.c - what a change takes over from a struct gpo, and its commit. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "domain_folder_change.h"
#include "fail.h"
#include "fold.h"
#include "sd.h"

int folder_change_set(struct domain_change *base, unsigned fields, const struct gpo *values,
                      struct gpmq_error *err)
{
    struct folder_change *change = (struct folder_change *)base;
    return gpc_set(change->ldif, &change->domain->info, fields, values, &change->floor, err);
}

/* ---- commit ---------------------------------------------------------------------------------- */

int folder_next_version(const struct folder_change *change, uint32_t *out, struct gpmq_error *err)
{
    uint32_t sysvol;
    int rc = folder_gpt_version(change->domain, change->domain->policies_fd, change->place.gpt,
                                &sysvol, err);
    return rc ? rc : gpc_next_version(change->ldif, sysvol, &change->floor, out, err);
}

/* Remembers the operation, and forgets the oldest beyond FOLDER_OPS_MAX. */
static int remember_operation(struct folder_change *change, struct gpmq_error *err)
{
    struct ldif_record *record = gpc_find(change->ldif);
    char kept[FOLDER_OPS_MAX][GPMQ_ID_TEXT_SIZE];
    size_t count = 0;
    for (size_t i = record->count; i-- > 0 && count < FOLDER_OPS_MAX - 1;)
        if (strcasecmp(record->values[i].name, FOLDER_ATTR_OPERATION) == 0)
            snprintf(kept[count++], GPMQ_ID_TEXT_SIZE, "%s", (char *)record->values[i].bytes);
    ldif_unset(record, FOLDER_ATTR_OPERATION);
    int rc = change->create ? ldif_set_text(record, FOLDER_ATTR_CREATOR, change->op, err) : 0;
    while (!rc && count > 0)
        rc = ldif_put_text(record, FOLDER_ATTR_OPERATION, kept[--count], err);
    if (!rc)
        rc = ldif_put_text(record, FOLDER_ATTR_OPERATION, change->op, err);
    return rc;
}

/* The record that the commit makes visible, into gpc.ldif. */
static int stage_record(struct folder_change *change, uint32_t version, struct gpmq_error *err)
{
    struct ldif_record *record = gpc_find(change->ldif);
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = ldif_set_number(record, "versionNumber", (int32_t)version, err);
    if (!rc)
        rc = ldif_set_time(record, "whenChanged", folder_now_unix_ms(), err);
    if (!rc)
        rc = remember_operation(change, err);
    if (!rc)
        rc = ldif_set_number(record, FOLDER_ATTR_FENCE, (int64_t)change->fence, err);
    if (!rc)
        rc = ldif_format(change->ldif, &text, &size, err);
    if (!rc && size > FOLDER_LDIF_MAX)
        rc = fail(err, GPMQ_ETOOBIG, "GPO %s: directory objects of more than %u bytes",
                  change->place.guid, FOLDER_LDIF_MAX);
    if (!rc && beneath_replace(change->state_fd, "gpc.ldif", text, size) != 0)
        rc = fail_errno(err, "cannot stage the directory object of GPO %s", change->place.guid);
    return rc;
}

static int stage_gpt_ini(struct folder_change *change, uint32_t version, struct gpmq_error *err)
{
    char text[GPT_INI_SIZE];
    size_t length = gpt_ini_text(version, text);
    if (beneath_replace(change->stage_fd, GPT_INI_NAME, text, length) != 0)
        return fail_errno(err, "cannot stage GPT.INI of GPO %s", change->place.guid);
    return 0;
}

static int put_in_place(struct folder_change *change, uint32_t version, struct gpmq_error *err)
{
    CLEANUP(close_fd) int swap_lock = -1;
    int rc = folder_lock_swap(change->domain, &change->place, change->state_fd, &swap_lock, err);
    return rc ? rc
              : folder_put_in_place(change->domain, &change->place, change->state_fd, version,
                                    &change->intended, err);
}

int folder_change_commit(struct domain_change **change_p, uint32_t *version, struct gpmq_error *err)
{
    CLEANUP(folder_end_change)
    struct folder_change *change = (struct folder_change *)STEAL(*change_p);
    uint32_t next;
    int rc = folder_next_version(change, &next, err);
    if (!rc)
        rc = stage_gpt_ini(change, next, err);
    if (!rc)
        rc = stage_record(change, next, err);
    if (!rc)
        rc = beneath_sync(change->stage_fd, change->domain->path, GPO_FILES_MAX, err);
    if (!rc)
        rc = put_in_place(change, next, err);
    if (rc)
        return rc;
    change->intended = false; /* what is staged now is the old state */
    *version = next;
    return 0;
}
