/* domain_folder_gpc.c - Policies/{GUID}.ldif: the directory half of a GPO. */
#include "domain_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "beneath.h"
#include "cleanup.h"
#include "fail.h"
#include "fold.h"
#include "sd.h"

struct ldif_record *folder_gpc(const struct ldif *ldif)
{
    for (size_t i = 0; i < ldif->count; i++)
        if (ldif_has(&ldif->records[i], "objectClass", "groupPolicyContainer"))
            return &ldif->records[i];
    return NULL;
}

/* Whether a DN begins with the GPO's own name. */
static bool names_gpo(const char *dn, const struct folder_place *place)
{
    char start[GPMQ_GUID_TEXT_SIZE + 4];
    int length = snprintf(start, sizeof start, "CN=%s,", place->guid);
    return strncasecmp(dn, start, (size_t)length) == 0;
}

static int judge(const struct folder_domain *domain, const struct folder_place *place,
                 const struct ldif *ldif, struct gpmq_error *err)
{
    size_t containers = 0;
    for (size_t i = 0; i < ldif->count; i++)
        containers += ldif_has(&ldif->records[i], "objectClass", "groupPolicyContainer");
    if (containers == 1 && names_gpo(folder_gpc(ldif)->dn, place))
        return 0;
    return fail(err, GPMQ_EDAMAGED,
                "%s/Policies/%s has no groupPolicyContainer 'CN=%s,...', or others besides",
                domain->path, place->ldif, place->guid);
}

/* Whatever is wrong with the text: the record on disk is damaged. */
static int fail_record(struct gpmq_error *err, const struct folder_domain *domain,
                       const struct folder_place *place, int code)
{
    fail_in(err, "%s/Policies/%s", domain->path, place->ldif);
    if (code == GPMQ_EMALFORMED || code == GPMQ_EVERSION)
        code = GPMQ_EDAMAGED;
    if (err)
        err->code = code;
    return code;
}

int folder_load(const struct folder_domain *domain, const struct folder_place *place,
                struct ldif **out, struct folder_stamp *stamp, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes text = {0};
    CLEANUP(ldif_free) struct ldif *ldif = NULL;
    struct stat stat = {0};
    if (fstatat(domain->policies_fd, place->ldif, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
        beneath_read(domain->policies_fd, place->ldif, FOLDER_LDIF_MAX, &text) != 0) {
        if (errno == ENOENT)
            return fail(err, GPMQ_ENOTFOUND, "no GPO %s in %s", place->guid, domain->path);
        if (errno == EFBIG)
            return fail(err, GPMQ_ETOOBIG, "%s/Policies/%s has more than %u bytes", domain->path,
                        place->ldif, FOLDER_LDIF_MAX);
        return folder_fail(err, "read", domain, place->ldif);
    }
    int rc = ldif_parse(text.at ? (const char *)text.at : "", text.size, 0, &ldif, err);
    if (rc)
        return fail_record(err, domain, place, rc);
    rc = judge(domain, place, ldif, err);
    if (rc)
        return rc;
    if (stamp)
        *stamp = (struct folder_stamp){place->id, stat.st_ino, stat.st_ctim};
    *out = STEAL(ldif);
    return 0;
}

int folder_number(const struct ldif_record *record, const char *name, uint64_t *out,
                  struct gpmq_error *err)
{
    const char *text = ldif_text(record, name);
    *out = 0;
    if (!text)
        return 0;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10); /* AD writes 32-bit numbers with a sign */
    if (errno || end == text || *end)
        return fail(err, GPMQ_EDAMAGED, "'%s': %s is '%s', no number", record->dn, name, text);
    *out = (uint64_t)number;
    return 0;
}

int folder_set_number(struct ldif_record *record, const char *name, int64_t number,
                      struct gpmq_error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return ldif_set_text(record, name, text, err);
}

int64_t folder_time(const struct ldif_record *record, const char *name)
{
    struct tm parts = {0};
    const char *text = ldif_text(record, name);
    const char *end = text ? strptime(text, "%Y%m%d%H%M%S", &parts) : NULL;
    return end ? (int64_t)timegm(&parts) * 1000 : 0;
}

int folder_set_time(struct ldif_record *record, const char *name, int64_t unix_ms,
                    struct gpmq_error *err)
{
    char text[32];
    time_t seconds = unix_ms / 1000;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y%m%d%H%M%S.0Z", &parts);
    return ldif_set_text(record, name, text, err);
}

/* An attribute's text, "" when there is none; false: no memory. */
static bool copy_text(const struct ldif_record *record, const char *name, char **out)
{
    const char *text = ldif_text(record, name);
    *out = strdup(text ? text : "");
    return *out != NULL;
}

static int read_filter(const struct folder_domain *domain, const struct ldif_record *record,
                       struct gpo *gpo, struct gpmq_error *err)
{
    const char *filter = ldif_text(record, "gPCWQLFilter");
    if (!filter || !strchr(filter, '{'))
        return 0;
    const struct ldif_record *known = folder_find_filter(domain, filter);
    const char *name = known ? ldif_text(known, "msWMI-Name") : NULL;
    gpo->wmi_filter = strdup(filter);
    gpo->wmi_filter_name = name ? strdup(name) : NULL;
    if (!gpo->wmi_filter || (name && !gpo->wmi_filter_name))
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    return 0;
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

int folder_read_gpc(const struct folder_domain *domain, const struct ldif *ldif, struct gpo *gpo,
                    struct gpmq_error *err)
{
    const struct ldif_record *record = folder_gpc(ldif);
    uint64_t version, options, functionality;
    int rc = folder_number(record, "versionNumber", &version, err);
    if (!rc)
        rc = folder_number(record, "flags", &options, err);
    if (!rc)
        rc = folder_number(record, "gPCFunctionalityVersion", &functionality, err);
    if (rc)
        return rc;
    gpo->options = (uint32_t)options & 3;
    gpo->functionality = (uint32_t)functionality;
    gpo->user.ds = (uint16_t)(version >> 16);
    gpo->machine.ds = (uint16_t)version;
    gpo->domain_guid = domain->info.guid;
    gpo->created_unix_ms = folder_time(record, "whenCreated");
    gpo->modified_unix_ms = folder_time(record, "whenChanged");
    gpo->domain = strdup(domain->dns_name);
    gpo->domain_controller = strdup(domain->controller);
    gpo->path = strdup(record->dn);
    if (!gpo->domain || !gpo->domain_controller || !gpo->path ||
        !copy_text(record, "displayName", &gpo->display_name) ||
        !copy_text(record, "gPCMachineExtensionNames", &gpo->machine_extensions) ||
        !copy_text(record, "gPCUserExtensionNames", &gpo->user_extensions))
        return fail(err, GPMQ_ENOMEM, "no memory for a GPO");
    rc = read_filter(domain, record, gpo, err);
    if (!rc)
        rc = read_security(record, gpo, err);
    return rc ? rc : folder_read_ds(ldif, gpo, err);
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

static int put_default_security(const struct folder_domain *domain, struct ldif_record *record,
                                struct gpmq_error *err)
{
    CLEANUP(free_pointer) uint8_t *sd = NULL;
    size_t size;
    int rc = sd_default_gpo(&domain->sid, &sd, &size, err);
    return rc ? rc : ldif_put(record, "nTSecurityDescriptor", sd, size, err);
}

int folder_make_gpc(const struct folder_domain *domain, const struct folder_place *place,
                    const char *display_name, struct ldif **out, struct gpmq_error *err)
{
    char dn[LDIF_DN_MAX - 16], sysvol[1024];
    snprintf(dn, sizeof dn, "CN=%s,CN=Policies,CN=System,%s", place->guid, domain->dn);
    snprintf(sysvol, sizeof sysvol, "\\\\%s\\sysvol\\%s\\Policies\\%s", domain->dns_name,
             domain->dns_name, place->guid);
    const char *const pairs[][2] = {
        {"objectClass", "top"},
        {"objectClass", "container"},
        {"objectClass", "groupPolicyContainer"},
        {"cn", place->guid},
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
        rc = folder_set_time(record, "whenCreated", folder_now_unix_ms(), err);
    if (!rc)
        rc = put_default_security(domain, record, err);
    if (!rc)
        rc = make_sides(ldif, dn, err);
    if (!rc)
        *out = STEAL(ldif);
    return rc;
}

/* The number behind a line "Version=", in any case and with spaces around. */
static bool find_version(const char *text, uint32_t *out)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\r\n \t");
        if (strncasecmp(line, "Version", 7) != 0)
            continue;
        const char *at = line + 7 + strspn(line + 7, " \t");
        if (*at != '=')
            continue;
        *out = (uint32_t)strtoul(at + 1, NULL, 10);
        return true;
    }
    return false;
}

int folder_gpt_version(const struct folder_domain *domain, int dir, const char *name, uint32_t *out,
                       struct gpmq_error *err)
{
    char path[GPMQ_GUID_TEXT_SIZE + 16], found[GPO_PATH_MAX + 1];
    CLEANUP(bytes_free) struct bytes text = {0};
    snprintf(path, sizeof path, "%s/GPT.INI", name);
    *out = 0;
    if (beneath_find(dir, path, found) != strlen(path))
        return 0;
    if (beneath_read(dir, found, FOLDER_GPTINI_MAX, &text) != 0)
        return folder_fail(err, "read", domain, found);
    if (text.at)
        find_version((const char *)text.at, out);
    return 0;
}
