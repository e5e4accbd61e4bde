/* gpc_set.c - what a change takes over from a struct gpo, and the version that it gets. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "gpc.h"
#include "sd.h"

/* Where the fields go. */
struct setting {
    struct ldif *ldif;
    struct sid domain;
    struct gpc_floor *floor;
};

/* ---- fields ---------------------------------------------------------------------------------- */

static int set_name(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    const char *name = values->display_name ? values->display_name : "";
    size_t length = strnlen(name, GPO_NAME_MAX + 1);
    if (!length || length > GPO_NAME_MAX || !fold_is_utf8(name, length))
        return fail(err, GPMQ_EINVAL, "a display name is UTF-8 of 1 to %d bytes", GPO_NAME_MAX);
    return ldif_set_text(gpc_find(set->ldif), "displayName", name, err);
}

static int set_options(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    if (values->options > 3)
        return fail(err, GPMQ_EINVAL, "options %" PRIu32 " of a GPO: 0 to 3", values->options);
    return ldif_set_number(gpc_find(set->ldif), "flags", values->options, err);
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

static int set_extensions(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    struct ldif_record *record = gpc_find(set->ldif);
    CLEANUP(free_pointer) char *machine = NULL;
    CLEANUP(free_pointer) char *user = NULL;
    int rc = gpo_extensions_sort(values->machine_extensions, &machine, err);
    if (!rc)
        rc = gpo_extensions_sort(values->user_extensions, &user, err);
    if (!rc)
        rc = set_or_unset(record, "gPCMachineExtensionNames", machine, err);
    return rc ? rc : set_or_unset(record, "gPCUserExtensionNames", user, err);
}

static int set_filter(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    return set_or_unset(gpc_find(set->ldif), "gPCWQLFilter", values->wmi_filter, err);
}

/* The descriptor whose owner and group stay: the GPO's own, or that of a new one. */
static int own_security(const struct setting *set, uint8_t **made, struct sd *out,
                        struct gpmq_error *err)
{
    const struct ldif_value *value = ldif_get(gpc_find(set->ldif), "nTSecurityDescriptor");
    if (value && sd_open(out, value->bytes, value->size, NULL) == 0)
        return 0;
    size_t size;
    int rc = sd_default_gpo(&set->domain, made, &size, err);
    return rc ? rc : sd_open(out, *made, size, err);
}

static int set_security(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *made = NULL;
    CLEANUP(free_pointer) uint8_t *mixed = NULL;
    struct sd own, given;
    size_t size;
    if (!values->security_descriptor)
        return fail(err, GPMQ_EINVAL, "no security descriptor to set");
    int rc = sd_open(&given, values->security_descriptor, values->security_descriptor_size, err);
    if (!rc)
        rc = own_security(set, &made, &own, err);
    if (!rc)
        rc = sd_replace_dacl(&own, &given, &mixed, &size, err);
    if (!rc && size > GPO_SD_MAX)
        rc = fail(err, GPMQ_ETOOBIG, "a security descriptor of %zu bytes", size);
    if (rc)
        return rc;
    return ldif_set(gpc_find(set->ldif), "nTSecurityDescriptor", mixed, size, err);
}

static int set_ds_objects(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    return gpc_set_ds(set->ldif, values, err);
}

static int set_version(struct setting *set, const struct gpo *values, struct gpmq_error *err)
{
    (void)err;
    set->floor->user = values->user;
    set->floor->machine = values->machine;
    return 0;
}

struct field {
    enum domain_field field;
    int (*set)(struct setting *set, const struct gpo *values, struct gpmq_error *err);
};

static const struct field fields_known[] = {
    {DOMAIN_DISPLAY_NAME, set_name},     {DOMAIN_OPTIONS, set_options},
    {DOMAIN_EXTENSIONS, set_extensions}, {DOMAIN_WMI_FILTER, set_filter},
    {DOMAIN_SECURITY, set_security},     {DOMAIN_DS_OBJECTS, set_ds_objects},
    {DOMAIN_VERSION, set_version},
};

/* It works on a copy. */
int gpc_set(struct ldif *ldif, const struct domain_info *info, unsigned fields,
            const struct gpo *values, struct gpc_floor *floor, struct gpmq_error *err)
{
    struct gpc_floor low = *floor;
    struct setting set = {.ldif = ldif_new(), .floor = &low};
    CLEANUP(ldif_free) struct ldif *copy = set.ldif;
    int rc = copy ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a change");
    for (size_t i = 0; !rc && i < ldif->count; i++)
        rc = ldif_add_copy(copy, &ldif->records[i], err);
    if (!rc)
        rc = sid_parse(&set.domain, info->sid, err);
    for (size_t i = 0; !rc && i < sizeof fields_known / sizeof *fields_known; i++)
        if (fields & fields_known[i].field)
            rc = fields_known[i].set(&set, values, err);
    if (rc)
        return rc;
    struct ldif before = *ldif;
    *ldif = *copy;
    *copy = before;
    *floor = low;
    return 0;
}

/* ---- version --------------------------------------------------------------------------------- */

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

int gpc_next_version(const struct ldif *ldif, uint32_t sysvol, const struct gpc_floor *floor,
                     uint32_t *out, struct gpmq_error *err)
{
    uint64_t ds;
    int rc = ldif_number(gpc_find(ldif), "versionNumber", &ds, err);
    if (rc)
        return rc;
    *out = gpo_version_pack(count_up((uint16_t)(ds >> 16), (uint16_t)(sysvol >> 16), floor->user),
                            count_up((uint16_t)ds, (uint16_t)sysvol, floor->machine));
    return 0;
}
