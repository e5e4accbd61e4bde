/* gpc.c - the directory half of a GPO as LDIF records. */
#include "gpc.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fail.h"
#include "sd.h"

struct ldif_record *gpc_find(const struct ldif *ldif)
{
    for (size_t i = 0; i < ldif->count; i++)
        if (ldif_has(&ldif->records[i], "objectClass", "groupPolicyContainer"))
            return &ldif->records[i];
    return NULL;
}

/* An attribute's text, "" when there is none; false: no memory. */
static bool copy_text(const struct ldif_record *record, const char *name, char **out)
{
    const char *text = ldif_text(record, name);
    *out = strdup(text ? text : "");
    return *out != NULL;
}

static int read_security(const struct ldif_record *record, struct gpo *gpo, struct gpmq_error *err)
{
    const struct ldif_value *value = ldif_get(record, "nTSecurityDescriptor");
    if (!value)
        return 0;
    struct sd sd;
    if (value->size > GPO_SD_MAX)
        return fail(err, GPMQ_ETOOBIG, "'%s': a security descriptor of %zu bytes", record->dn,
                    value->size);
    int rc = sd_open(&sd, value->bytes, value->size, err);
    if (rc)
        return fail_in(err, "'%s'", record->dn);
    gpo->security_descriptor = malloc(value->size);
    if (!gpo->security_descriptor)
        return fail(err, GPMQ_ENOMEM, "no memory for a security descriptor");
    memcpy(gpo->security_descriptor, value->bytes, value->size);
    gpo->security_descriptor_size = value->size;
    return 0;
}

int gpc_read(const struct domain_info *info, const struct ldif *ldif, struct gpo *gpo,
             struct gpmq_error *err)
{
    const struct ldif_record *record = gpc_find(ldif);
    const char *filter = ldif_text(record, "gPCWQLFilter");
    uint64_t version, options, functionality;
    int rc = ldif_number(record, "versionNumber", &version, err);
    if (!rc)
        rc = ldif_number(record, "flags", &options, err);
    if (!rc)
        rc = ldif_number(record, "gPCFunctionalityVersion", &functionality, err);
    if (rc)
        return rc;
    gpo->options = (uint32_t)options & 3;
    gpo->functionality = (uint32_t)functionality;
    gpo->user.ds = (uint16_t)(version >> 16);
    gpo->machine.ds = (uint16_t)version;
    gpo->domain_guid = info->guid;
    gpo->created_unix_ms = ldif_time(record, "whenCreated");
    gpo->modified_unix_ms = ldif_time(record, "whenChanged");
    gpo->domain = strdup(info->dns_name);
    gpo->domain_controller = strdup(info->controller);
    gpo->path = strdup(record->dn);
    if (!gpo->domain || !gpo->domain_controller || !gpo->path ||
        !copy_text(record, "displayName", &gpo->display_name) ||
        !copy_text(record, "gPCMachineExtensionNames", &gpo->machine_extensions) ||
        !copy_text(record, "gPCUserExtensionNames", &gpo->user_extensions))
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    if (filter && strchr(filter, '{') && !(gpo->wmi_filter = strdup(filter)))
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    rc = read_security(record, gpo, err);
    return rc ? rc : gpc_read_ds(ldif, gpo, err);
}

static int put_all(struct ldif_record *record, const char *const pairs[][2], size_t count,
                   struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < count; i++)
        rc = ldif_put_text(record, pairs[i][0], pairs[i][1], err);
    return rc;
}

/* CN=Machine and CN=User. */
static int make_sides(struct ldif *ldif, const char *gpc_dn, struct gpmq_error *err)
{
    static const char *const sides[] = {"Machine", "User"};
    int rc = 0;
    for (size_t i = 0; !rc && i < 2; i++) {
        const char *const pairs[][2] = {
            {"objectClass", "top"}, {"objectClass", "container"}, {"cn", sides[i]}};
        char dn[LDIF_DN_MAX + 16];
        struct ldif_record *record;
        snprintf(dn, sizeof dn, "CN=%s,%s", sides[i], gpc_dn);
        rc = ldif_add(ldif, dn, &record, err);
        if (!rc)
            rc = put_all(record, pairs, sizeof pairs / sizeof *pairs, err);
    }
    return rc;
}

static int put_default_security(const struct domain_info *info, struct ldif_record *record,
                                struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    size_t size;
    struct sid domain;
    int rc = sid_parse(&domain, info->sid, err);
    if (!rc)
        rc = sd_default_gpo(&domain, &sd, &size, err);
    return rc ? rc : ldif_put(record, "nTSecurityDescriptor", sd, size, err);
}

int gpc_make(const struct domain_info *info, const struct gpmq_guid *id, const char *display_name,
             struct ldif **out, struct gpmq_error *err)
{
    char dn[LDIF_DN_MAX - 16], sysvol[1024], guid[GPMQ_GUID_TEXT_SIZE];
    gpmq_guid_text(id, guid);
    snprintf(dn, sizeof dn, "CN=%s,CN=Policies,CN=System,%s", guid, info->dn);
    snprintf(sysvol, sizeof sysvol, "\\\\%s\\sysvol\\%s\\Policies\\%s", info->dns_name,
             info->dns_name, guid);
    const char *const pairs[][2] = {
        {"objectClass", "top"},
        {"objectClass", "container"},
        {"objectClass", "groupPolicyContainer"},
        {"cn", guid},
        {"displayName", display_name},
        {"gPCFileSysPath", sysvol},
        {"gPCFunctionalityVersion", "2"},
        {"flags", "0"},
        {"versionNumber", "0"},
    };
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    if (!ldif)
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    struct ldif_record *record;
    int rc = ldif_add(ldif, dn, &record, err);
    if (!rc)
        rc = put_all(record, pairs, sizeof pairs / sizeof *pairs, err);
    if (!rc)
        rc = ldif_set_time(record, "whenCreated", clock_unix_ms(), err);
    if (!rc)
        rc = put_default_security(info, record, err);
    if (!rc)
        rc = make_sides(ldif, dn, err);
    if (!rc)
        *out = STEAL(ldif);
    return rc;
}
