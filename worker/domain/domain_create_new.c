/* domain_create_new.c - names of a domain, and the records of an empty one. */
#include "domain_create.h"

#include <ctype.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "gpmq/op.h"
#include "sid.h"

#define DNS_NAME_MAX     255
#define DNS_LABEL_MAX    63
#define NETBIOS_NAME_MAX 15

static bool is_label(const char *at, size_t length)
{
    if (length == 0 || length > DNS_LABEL_MAX || at[0] == '-' || at[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)at[i]) && at[i] != '-')
            return false;
    return true;
}

int create_dn(const char *dns_name, char **out, struct gpmq_error *err)
{
    CLEANUP(bytes_free) struct bytes dn = {0};
    const char *at = dns_name;
    bool good = strlen(dns_name) <= DNS_NAME_MAX;
    while (good) {
        size_t length = strcspn(at, ".");
        good = is_label(at, length);
        bytes_format(&dn, "%sDC=%.*s", dn.size ? "," : "", (int)length, at);
        if (!at[length])
            break;
        at += length + 1;
    }
    if (!good)
        return fail(err, GPMQ_EINVAL, "'%s' is no DNS name of a domain, like example.test",
                    dns_name);
    void *taken;
    int rc = bytes_take(&dn, &taken, NULL, err);
    if (!rc)
        *out = taken;
    return rc;
}

int create_netbios(const char *dns_name, const char *given, char **out, struct gpmq_error *err)
{
    char name[NETBIOS_NAME_MAX + 1] = "";
    size_t length = given ? strlen(given) : strcspn(dns_name, ".");
    if (!given && length > NETBIOS_NAME_MAX)
        length = NETBIOS_NAME_MAX;
    const char *from = given ? given : dns_name;
    bool good = length > 0 && length <= NETBIOS_NAME_MAX;
    for (size_t i = 0; good && i < length; i++) {
        good = isalnum((unsigned char)from[i]) || from[i] == '-' || from[i] == '_';
        name[i] = given ? from[i] : (char)toupper((unsigned char)from[i]);
    }
    if (!good)
        return fail(err, GPMQ_EINVAL,
                    "'%s' is no NetBIOS name of a domain: 1 to %d letters, digits, '-' and '_'",
                    from, NETBIOS_NAME_MAX);
    *out = strdup(name);
    return *out ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a NetBIOS name");
}

/* A record with its object classes, which `classes` separates by spaces. */
static int add(struct ldif *ldif, const char *rdn, const char *dn, const char *classes,
               struct ldif_record **out, struct gpmq_error *err)
{
    char full[1024], name[64];
    snprintf(full, sizeof full, "%s%s%s", rdn, *rdn ? "," : "", dn);
    int rc = ldif_add(ldif, full, out, err);
    for (const char *at = classes; !rc && *at;) {
        size_t length = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        rc = ldif_put_text(*out, "objectClass", name, err);
        at += length + (at[length] == ' ');
    }
    return rc;
}

int create_cross_ref(struct ldif *ldif, const char *dn, const char *dns_name, const char *netbios,
                     struct gpmq_error *err)
{
    char rdn[128];
    struct ldif_record *record;
    snprintf(rdn, sizeof rdn, "CN=%s,CN=Partitions,CN=Configuration", netbios);
    int rc = add(ldif, rdn, dn, "top crossRef", &record, err);
    if (!rc)
        rc = ldif_put_text(record, "cn", netbios, err);
    if (!rc)
        rc = ldif_put_text(record, "nCName", dn, err);
    if (!rc)
        rc = ldif_put_text(record, "dnsRoot", dns_name, err);
    return rc ? rc : ldif_put_text(record, "nETBIOSName", netbios, err);
}

static int put_random_guid(struct ldif_record *record, struct gpmq_error *err)
{
    struct gpmq_guid guid;
    uint8_t bytes[16];
    randombytes_buf(guid.bytes, sizeof guid.bytes);
    guid.bytes[6] = (uint8_t)(0x40 | (guid.bytes[6] & 0x0f));
    guid.bytes[8] = (uint8_t)(0x80 | (guid.bytes[8] & 0x3f));
    gpmq_guid_to_le(&guid, bytes);
    return ldif_put(record, "objectGUID", bytes, sizeof bytes, err);
}

static int add_domain_object(struct ldif *ldif, const char *dn, struct sid *sid,
                             struct gpmq_error *err)
{
    char text[SID_TEXT_SIZE];
    uint32_t parts[3];
    struct ldif_record *record;
    randombytes_buf(parts, sizeof parts);
    snprintf(text, sizeof text, "S-1-5-21-%" PRIu32 "-%" PRIu32 "-%" PRIu32, parts[0], parts[1],
             parts[2]);
    int rc = sid_parse(sid, text, err);
    if (!rc)
        rc = add(ldif, "", dn, "top domain domainDNS", &record, err);
    if (!rc)
        rc = ldif_put(record, "objectSid", sid->bytes, sid->size, err);
    return rc ? rc : put_random_guid(record, err);
}

struct container {
    const char *rdn;
    const char *classes;
};

static const struct container containers[] = {
    {"CN=Builtin", "top builtinDomain"},
    {"CN=Computers", "top container"},
    {"OU=Domain Controllers", "top organizationalUnit"},
    {"CN=System", "top container"},
    {"CN=Policies,CN=System", "top container"},
    {"CN=WMIPolicy,CN=System", "top container"},
    {"CN=SOM,CN=WMIPolicy,CN=System", "top container"},
    {"CN=Users", "top container"},
    {"CN=Configuration", "top configuration"},
    {"CN=Partitions,CN=Configuration", "top crossRefContainer"},
    {"CN=Sites,CN=Configuration", "top sitesContainer"},
    {"CN=Default-First-Site-Name,CN=Sites,CN=Configuration", "top site"},
};

/* groupType; the sign bit says that the group is for security. */
#define GLOBAL    "-2147483646"
#define LOCAL     "-2147483644"
#define UNIVERSAL "-2147483640"
#define BUILTIN   "-2147483643"

struct account {
    const char *name;
    uint32_t rid;
    const char *group_type; /* NULL: a user */
};

/* [MS-DTYP] 2.4.2.4: of the domain, then of S-1-5-32. */
static const struct account accounts[] = {
    {"Administrator", 500, NULL},
    {"Guest", 501, NULL},
    {"krbtgt", 502, NULL},
    {"Domain Admins", 512, GLOBAL},
    {"Domain Users", 513, GLOBAL},
    {"Domain Guests", 514, GLOBAL},
    {"Domain Computers", 515, GLOBAL},
    {"Domain Controllers", 516, GLOBAL},
    {"Cert Publishers", 517, LOCAL},
    {"Schema Admins", 518, UNIVERSAL},
    {"Enterprise Admins", 519, UNIVERSAL},
    {"Group Policy Creator Owners", 520, GLOBAL},
    {"Read-only Domain Controllers", 521, GLOBAL},
    {"Cloneable Domain Controllers", 522, GLOBAL},
    {"Protected Users", 525, GLOBAL},
    {"RAS and IAS Servers", 553, LOCAL},
    {"Administrators", 544, BUILTIN},
    {"Users", 545, BUILTIN},
    {"Guests", 546, BUILTIN},
    {"Account Operators", 548, BUILTIN},
    {"Server Operators", 549, BUILTIN},
    {"Print Operators", 550, BUILTIN},
    {"Backup Operators", 551, BUILTIN},
    {"Replicator", 552, BUILTIN},
    {"Pre-Windows 2000 Compatible Access", 554, BUILTIN},
    {"Remote Desktop Users", 555, BUILTIN},
    {"Network Configuration Operators", 556, BUILTIN},
    {"Performance Monitor Users", 558, BUILTIN},
    {"Performance Log Users", 559, BUILTIN},
    {"Distributed COM Users", 562, BUILTIN},
    {"IIS_IUSRS", 568, BUILTIN},
    {"Cryptographic Operators", 569, BUILTIN},
    {"Event Log Readers", 573, BUILTIN},
    {"Hyper-V Administrators", 578, BUILTIN},
    {"Remote Management Users", 580, BUILTIN},
};

static int add_account(struct ldif *ldif, const char *dn, const struct sid *domain,
                       const struct account *account, struct gpmq_error *err)
{
    bool builtin = account->group_type && strcmp(account->group_type, BUILTIN) == 0;
    char rdn[128];
    struct sid base = *domain, sid;
    struct ldif_record *record;
    snprintf(rdn, sizeof rdn, "CN=%s,CN=%s", account->name, builtin ? "Builtin" : "Users");
    int rc = builtin ? sid_parse(&base, "S-1-5-32", err) : 0;
    if (!rc)
        rc = sid_append(&sid, &base, account->rid, err);
    if (!rc)
        rc = add(ldif, rdn, dn,
                 account->group_type ? "top group" : "top person organizationalPerson user",
                 &record, err);
    if (!rc)
        rc = ldif_put_text(record, "sAMAccountName", account->name, err);
    if (!rc && account->group_type)
        rc = ldif_put_text(record, "groupType", account->group_type, err);
    return rc ? rc : ldif_put(record, "objectSid", sid.bytes, sid.size, err);
}

int create_new_directory(const char *dn, const char *dns_name, const char *netbios,
                         struct ldif **out, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *ldif = ldif_new();
    struct ldif_record *record;
    struct sid sid;
    if (!ldif)
        return fail(err, GPMQ_ENOMEM, "no memory for a domain");
    if (sodium_init() < 0)
        return fail(err, GPMQ_EIO, "no random numbers from the system");
    int rc = add_domain_object(ldif, dn, &sid, err);
    for (size_t i = 0; !rc && i < sizeof containers / sizeof *containers; i++)
        rc = add(ldif, containers[i].rdn, dn, containers[i].classes, &record, err);
    if (!rc)
        rc = create_cross_ref(ldif, dn, dns_name, netbios, err);
    for (size_t i = 0; !rc && i < sizeof accounts / sizeof *accounts; i++)
        rc = add_account(ldif, dn, &sid, &accounts[i], err);
    if (!rc)
        *out = STEAL(ldif);
    return rc;
}
