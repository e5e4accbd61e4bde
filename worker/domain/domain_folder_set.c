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

/* ---- fields ---------------------------------------------------------------------------------- */

static int set_name(struct folder_change *change, const struct gpo *values, struct gpmq_error *err)
{
    const char *name = values->display_name ? values->display_name : "";
    size_t length = strnlen(name, GPO_NAME_MAX + 1);
    if (!length || length > GPO_NAME_MAX || !fold_is_utf8(name, length))
        return fail(err, GPMQ_EINVAL, "a display name is UTF-8 of 1 to %d bytes", GPO_NAME_MAX);
    return ldif_set_text(folder_gpc(change->ldif), "displayName", name, err);
}

static int set_options(struct folder_change *change, const struct gpo *values,
                       struct gpmq_error *err)
{
    if (values->options > 3)
        return fail(err, GPMQ_EINVAL, "options %" PRIu32 " of a GPO: 0 to 3", values->options);
    return folder_set_number(folder_gpc(change->ldif), "flags", values->options, err);
}

/* An empty attribute is none. */
static int set_or_unset(struct ldif_record *record, const char *name, const char *text,
                        struct gpmq_error *err)
{
    if (text && *text)
        return ldif_set_text(record, name, text, err);
    ldif_unset(record, name);
    return 0;
}

static int set_extensions(struct folder_change *change, const struct gpo *values,
                          struct gpmq_error *err)
{
    struct ldif_record *record = folder_gpc(change->ldif);
    CLEANUP(free_pointer) char *machine = NULL;
    CLEANUP(free_pointer) char *user = NULL;
    int rc = gpo_extensions_sort(values->machine_extensions, &machine, err);
    if (!rc)
        rc = gpo_extensions_sort(values->user_extensions, &user, err);
    if (!rc)
        rc = set_or_unset(record, "gPCMachineExtensionNames", machine, err);
    return rc ? rc : set_or_unset(record, "gPCUserExtensionNames", user, err);
}

static int set_filter(struct folder_change *change, const struct gpo *values,
                      struct gpmq_error *err)
{
    return set_or_unset(folder_gpc(change->ldif), "gPCWQLFilter", values->wmi_filter, err);
}

/* The descriptor whose owner and group stay: the GPO's own, or that of a new one. */
static int own_security(const struct folder_change *change, uint8_t **made, struct sd *out,
                        struct gpmq_error *err)
{
    const struct ldif_value *value = ldif_get(folder_gpc(change->ldif), "nTSecurityDescriptor");
    if (value && sd_open(out, value->bytes, value->size, NULL) == 0)
        return 0;
    size_t size;
    int rc = sd_default_gpo(&change->domain->sid, made, &size, err);
    return rc ? rc : sd_open(out, *made, size, err);
}

static int set_security(struct folder_change *change, const struct gpo *values,
                        struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *made = NULL;
    CLEANUP(free_pointer) uint8_t *mixed = NULL;
    struct sd own, given;
    size_t size;
    if (!values->security_descriptor)
        return fail(err, GPMQ_EINVAL, "no security descriptor to set");
    int rc = sd_open(&given, values->security_descriptor, values->security_descriptor_size, err);
    if (!rc)
        rc = own_security(change, &made, &own, err);
    if (!rc)
        rc = sd_replace_dacl(&own, &given, &mixed, &size, err);
    if (!rc && size > GPO_SD_MAX)
        rc = fail(err, GPMQ_ETOOBIG, "a security descriptor of %zu bytes", size);
    if (rc)
        return rc;
    return ldif_set(folder_gpc(change->ldif), "nTSecurityDescriptor", mixed, size, err);
}

static int set_ds_objects(struct folder_change *change, const struct gpo *values,
                          struct gpmq_error *err)
{
    return folder_set_ds(change->ldif, values, err);
}

static int set_version(struct folder_change *change, const struct gpo *values,
                       struct gpmq_error *err)
{
    (void)err;
    change->user_floor = values->user;
    change->machine_floor = values->machine;
    return 0;
}

struct field {
    enum domain_field field;
    int (*set)(struct folder_change *change, const struct gpo *values, struct gpmq_error *err);
};

static const struct field fields_known[] = {
    {DOMAIN_DISPLAY_NAME, set_name},     {DOMAIN_OPTIONS, set_options},
    {DOMAIN_EXTENSIONS, set_extensions}, {DOMAIN_WMI_FILTER, set_filter},
    {DOMAIN_SECURITY, set_security},     {DOMAIN_DS_OBJECTS, set_ds_objects},
    {DOMAIN_VERSION, set_version},
};

/* A field that cannot be set leaves the others as they were: it works on a copy. */
int folder_change_set(struct domain_change *base, unsigned fields, const struct gpo *values,
                      struct gpmq_error *err)
{
    struct folder_change *change = (struct folder_change *)base;
    CLEANUP(ldif_free) struct ldif *before = ldif_new();
    int rc = before ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a change");
    for (size_t i = 0; !rc && i < change->ldif->count; i++)
        rc = ldif_add_copy(before, &change->ldif->records[i], err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < sizeof fields_known / sizeof *fields_known; i++)
        if (fields & fields_known[i].field)
            rc = fields_known[i].set(change, values, err);
    if (rc) {
        struct ldif *half = change->ldif;
        change->ldif = before;
        before = half;
    }
    return rc;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static uint16_t larger(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

/* One more than the largest of directory, SYSVOL and floor; 0 would mean "never edited" to a
 * client. */
static uint16_t count_up(uint16_t ds, uint16_t sysvol, struct gpo_version floor)
{
    uint16_t now = larger(larger(ds, sysvol), larger(floor.ds, floor.sysvol));
    return now == UINT16_MAX ? 1 : (uint16_t)(now + 1);
}

int folder_next_version(const struct folder_change *change, uint32_t *out, struct gpmq_error *err)
{
    uint64_t ds;
    uint32_t sysvol;
    int rc = folder_number(folder_gpc(change->ldif), "versionNumber", &ds, err);
    if (!rc)
        rc = folder_gpt_version(change->domain, change->domain->policies_fd, change->place.gpt,
                                &sysvol, err);
    if (rc)
        return rc;
    *out = gpo_version_pack(
        count_up((uint16_t)(ds >> 16), (uint16_t)(sysvol >> 16), change->user_floor),
        count_up((uint16_t)ds, (uint16_t)sysvol, change->machine_floor));
    return 0;
}

/* Remembers the operation, and forgets the oldest beyond FOLDER_OPS_MAX. */
static int remember_operation(struct folder_change *change, struct gpmq_error *err)
{
    struct ldif_record *record = folder_gpc(change->ldif);
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
    struct ldif_record *record = folder_gpc(change->ldif);
    CLEANUP(free_pointer) char *text = NULL;
    size_t size;
    int rc = folder_set_number(record, "versionNumber", (int32_t)version, err);
    if (!rc)
        rc = folder_set_time(record, "whenChanged", folder_now_unix_ms(), err);
    if (!rc)
        rc = remember_operation(change, err);
    if (!rc)
        rc = folder_set_number(record, FOLDER_ATTR_FENCE, (int64_t)change->fence, err);
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
    char text[128];
    int length = snprintf(
        text, sizeof text,
        "[General]\r\nVersion=%" PRIu32 "\r\ndisplayName=New Group Policy Object\r\n", version);
    if (beneath_replace(change->stage_fd, "GPT.INI", text, (size_t)length) != 0)
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
