/* sample_home.c - a backup's domain of origin, put together as LDIF. */
#include "sample_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

#include "cleanup.h"
#include "ldif.h"
#include "sid.h"

#define DN_SIZE 1024

static void well(int rc, const struct gpmq_error *err)
{
    if (rc)
        fail_msg("%s", err->text);
}

/* "a.b" -> "DC=a,DC=b" */
static void dn_of(const char *dns_name, char out[DN_SIZE])
{
    size_t used = 0;
    for (const char *at = dns_name; *at; at += strcspn(at, "."), at += *at == '.')
        used += (size_t)snprintf(out + used, DN_SIZE - used, "%sDC=%.*s", used ? "," : "",
                                 (int)strcspn(at, "."), at);
}

static bool is_ours(const struct backup *backup, const struct domain_principal *principal)
{
    return principal->sid && principal->sam_account_name && principal->dns_domain_name &&
           strcasecmp(principal->dns_domain_name, backup->info.domain) == 0 &&
           strncmp(principal->sid, "S-1-5-21-", 9) == 0;
}

/* The SID of the domain: that of one of its accounts without the last number. */
static void domain_sid(const struct backup *backup, char out[SID_TEXT_SIZE])
{
    snprintf(out, SID_TEXT_SIZE, "S-1-5-21-1-2-3");
    for (size_t i = 0; i < backup->principal_count; i++) {
        const struct domain_principal *principal = &backup->principals[i].principal;
        if (!is_ours(backup, principal))
            continue;
        snprintf(out, SID_TEXT_SIZE, "%s", principal->sid);
        *strrchr(out, '-') = 0;
        return;
    }
}

static const char *netbios_of(const struct backup *backup)
{
    for (size_t i = 0; i < backup->principal_count; i++)
        if (is_ours(backup, &backup->principals[i].principal))
            return backup->principals[i].principal.netbios_domain_name;
    return NULL;
}

static void put_sid(struct ldif_record *record, const char *text)
{
    struct sid sid;
    struct gpmq_error err;
    well(sid_parse(&sid, text, &err), &err);
    well(ldif_put(record, "objectSid", sid.bytes, sid.size, &err), &err);
}

static void put_text(struct ldif_record *record, const char *name, const char *text)
{
    struct gpmq_error err;
    well(ldif_put_text(record, name, text, &err), &err);
}

static struct ldif_record *add(struct ldif *ldif, const char *dn)
{
    struct ldif_record *record = NULL;
    struct gpmq_error err;
    well(ldif_add(ldif, dn, &record, &err), &err);
    return record;
}

static void add_domain(struct ldif *ldif, const struct backup *backup, const char *dn)
{
    struct ldif_record *record = add(ldif, dn);
    struct gpmq_error err;
    char sid[SID_TEXT_SIZE];
    uint8_t guid[16];
    domain_sid(backup, sid);
    gpmq_guid_to_le(&backup->info.domain_guid, guid);
    put_text(record, "objectClass", "domainDNS");
    put_sid(record, sid);
    well(ldif_put(record, "objectGUID", guid, sizeof guid, &err), &err);
}

static void add_account(struct ldif *ldif, const struct domain_principal *principal, const char *dn,
                        size_t number)
{
    static const struct {
        const char *type, *object_class, *group_type;
    } types[] = {
        {"User", "user", NULL},
        {"Computer", "computer", NULL},
        {"GlobalGroup", "group", "-2147483646"},
        {"LocalGroup", "group", "-2147483644"},
        {"UniversalGroup", "group", "-2147483640"},
    };
    char name[DN_SIZE + 32];
    snprintf(name, sizeof name, "CN=account %zu,%s", number, dn);
    struct ldif_record *record = add(ldif, name);
    put_text(record, "sAMAccountName", principal->sam_account_name);
    put_sid(record, principal->sid);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (principal->type && strcmp(principal->type, types[i].type) == 0) {
            put_text(record, "objectClass", types[i].object_class);
            if (types[i].group_type)
                put_text(record, "groupType", types[i].group_type);
        }
}

static void add_filter(struct ldif *ldif, const struct gpo *gpo, const char *dn)
{
    char guid[GPMQ_GUID_TEXT_SIZE], name[DN_SIZE + 128];
    if (!gpo->wmi_filter)
        return;
    snprintf(guid, sizeof guid, "%s", strchr(gpo->wmi_filter, '{'));
    snprintf(name, sizeof name, "CN=%s,CN=SOM,CN=WMIPolicy,CN=System,%s", guid, dn);
    struct ldif_record *record = add(ldif, name);
    put_text(record, "objectClass", "msWMI-Som");
    put_text(record, "msWMI-ID", guid);
    if (gpo->wmi_filter_name)
        put_text(record, "msWMI-Name", gpo->wmi_filter_name);
}

static void write_ldif(const struct ldif *ldif, const char *path)
{
    CLEANUP(free_pointer) char *text = NULL;
    size_t size = 0;
    struct gpmq_error err;
    well(ldif_format(ldif, &text, &size, &err), &err);
    CLEANUP(close_file) FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
}

void sample_home_make(const struct backup *backup, const char *path)
{
    char dn[DN_SIZE] = "", file[4096];
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    struct gpmq_error err;
    dn_of(backup->info.domain, dn);
    add_domain(ldif, backup, dn);
    for (size_t i = 0; i < backup->principal_count; i++)
        if (is_ours(backup, &backup->principals[i].principal))
            add_account(ldif, &backup->principals[i].principal, dn, i);
    add_filter(ldif, backup->gpo, dn);
    snprintf(file, sizeof file, "%s.from.ldif", path);
    write_ldif(ldif, file);
    const struct domain_create_options options = {
        .dns_name = backup->info.domain, .netbios_name = netbios_of(backup), .ldif = file};
    well(domain_create(path, &options, &err), &err);
    assert_int_equal(unlink(file), 0);
}
