/* domain_records.c - SOMs, their links and WMI filters, as a directory has them. */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "dn.h"
#include "domain_records.h"
#include "fail.h"
#include "fold.h"

#define BLOCKS_INHERITANCE 1

#define GROUP_GLOBAL       0x2u
#define GROUP_DOMAIN_LOCAL 0x4u
#define GROUP_UNIVERSAL    0x8u

struct som_class {
    const char *object_class;
    enum domain_som_type type;
};

static const struct som_class som_classes[] = {
    {"domainDNS", DOMAIN_SOM_DOMAIN},
    {"organizationalUnit", DOMAIN_SOM_OU},
    {"site", DOMAIN_SOM_SITE},
};
#define SOM_CLASSES (sizeof som_classes / sizeof *som_classes)

/* NULL: the record is no SOM of this domain. */
static const struct som_class *class_of(const char *domain_dn, const struct ldif_record *record)
{
    for (size_t i = 0; i < SOM_CLASSES; i++) {
        const struct som_class *found = &som_classes[i];
        if (!ldif_has(record, "objectClass", found->object_class))
            continue;
        bool ours = found->type == DOMAIN_SOM_DOMAIN ? dn_equal(record->dn, domain_dn)
                                                     : dn_is_within(record->dn, domain_dn);
        /* Sites lie in the forest's configuration, which need not be below this domain. */
        return ours || found->type == DOMAIN_SOM_SITE ? found : NULL;
    }
    return NULL;
}

/* A SOM with damaged links is listed without them, and says so. */
static int read_links(const struct ldif_record *record, struct domain_som *som,
                      struct gpmq_error *err)
{
    struct gpmq_error why = {0};
    uint64_t options;
    int rc = ldif_number(record, "gPOptions", &options, &why);
    if (!rc)
        rc = gplink_parse(ldif_text(record, "gPLink"), &som->links, &som->link_count, &why);
    if (rc == GPMQ_ENOMEM)
        return fail(err, rc, "%s", why.text);
    if (!rc) {
        som->blocks_inheritance =
            som->type != DOMAIN_SOM_SITE && (options & BLOCKS_INHERITANCE) != 0;
        return 0;
    }
    som->damage = strdup(why.text);
    return som->damage ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a SOM");
}

static int read_som(const struct ldif_record *record, enum domain_som_type type,
                    struct domain_som *som, struct gpmq_error *err)
{
    som->type = type;
    som->dn = strdup(record->dn);
    som->name = dn_name(record->dn);
    som->path = dn_canonical(record->dn);
    if (!som->dn || !som->name || !som->path)
        return fail(err, GPMQ_ENOMEM, "no memory for a SOM");
    return read_links(record, som, err);
}

static int rank(enum domain_som_type type)
{
    static const int ranks[] = {
        [DOMAIN_SOM_DOMAIN] = 0, [DOMAIN_SOM_OU] = 1, [DOMAIN_SOM_SITE] = 2};
    return ranks[type];
}

/* By canonical name: a parent's is the beginning of its children's. */
static int by_place(const void *a, const void *b)
{
    const struct domain_som *left = a, *right = b;
    int order = rank(left->type) - rank(right->type);
    return order ? order : fold_compare_paths(left->path, right->path);
}

int records_soms(const struct ldif *directory, const char *domain_dn, struct domain_soms *out,
                 struct gpmq_error *err)
{
    CLEANUP(domain_soms_free) struct domain_soms soms = {0};
    size_t count = 0;
    for (size_t i = 0; i < directory->count; i++)
        count += class_of(domain_dn, &directory->records[i]) != NULL;
    soms.items = calloc(count + 1, sizeof *soms.items);
    if (!soms.items)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu SOMs", count);
    int rc = 0;
    for (size_t i = 0; !rc && i < directory->count; i++) {
        const struct ldif_record *record = &directory->records[i];
        const struct som_class *found = class_of(domain_dn, record);
        if (found)
            rc = read_som(record, found->type, &soms.items[soms.count++], err);
    }
    if (rc)
        return rc;
    qsort(soms.items, soms.count, sizeof *soms.items, by_place);
    *out = soms;
    soms = (struct domain_soms){0};
    return 0;
}

/* ---- WMI filters ----------------------------------------------------------------------------- */

static int read_queries(const struct ldif_record *record, struct domain_wmi_filter *filter,
                        struct gpmq_error *err)
{
    const char *text = ldif_text(record, "msWMI-Parm2");
    struct gpmq_error why = {0};
    int rc = wmi_queries_parse(text ? text : "", &filter->queries, &filter->query_count, &why);
    if (rc == GPMQ_ENOMEM)
        return fail(err, rc, "%s", why.text);
    filter->damage = rc ? strdup(why.text) : NULL;
    return !rc || filter->damage ? 0 : fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
}

static bool filter_id(const struct ldif_record *record, struct gpmq_guid *id)
{
    const char *text = ldif_text(record, "msWMI-ID");
    return text && ldif_has(record, "objectClass", "msWMI-Som") && gpmq_guid_parse(id, text) == 0;
}

static int read_filter(const struct ldif_record *record, struct domain_wmi_filter *filter,
                       struct gpmq_error *err)
{
    const char *name = ldif_text(record, "msWMI-Name");
    const char *description = ldif_text(record, "msWMI-Parm1");
    filter->name = strdup(name ? name : "");
    filter->description = strdup(description ? description : "");
    if (!filter->name || !filter->description)
        return fail(err, GPMQ_ENOMEM, "no memory for a WMI filter");
    return read_queries(record, filter, err);
}

static int by_filter_name(const void *a, const void *b)
{
    const struct domain_wmi_filter *left = a, *right = b;
    int order = fold_compare(left->name, right->name);
    return order ? order : memcmp(left->id.bytes, right->id.bytes, sizeof left->id.bytes);
}

int records_wmi_filters(const struct ldif *directory, struct domain_wmi_filters *out,
                        struct gpmq_error *err)
{
    CLEANUP(domain_wmi_filters_free) struct domain_wmi_filters filters = {0};
    struct gpmq_guid id;
    size_t count = 0;
    for (size_t i = 0; i < directory->count; i++)
        count += filter_id(&directory->records[i], &id);
    filters.items = calloc(count + 1, sizeof *filters.items);
    if (!filters.items)
        return fail(err, GPMQ_ENOMEM, "no memory for %zu WMI filters", count);
    int rc = 0;
    for (size_t i = 0; !rc && i < directory->count; i++) {
        if (!filter_id(&directory->records[i], &id))
            continue;
        struct domain_wmi_filter *filter = &filters.items[filters.count++];
        filter->id = id;
        rc = read_filter(&directory->records[i], filter, err);
    }
    if (rc)
        return rc;
    qsort(filters.items, filters.count, sizeof *filters.items, by_filter_name);
    *out = filters;
    filters = (struct domain_wmi_filters){0};
    return 0;
}

/* ---- principals ------------------------------------------------------------------------------ */

static const char *type_of(const struct ldif_record *record)
{
    uint64_t group_type = 0;
    if (ldif_has(record, "objectClass", "computer"))
        return "Computer";
    if (ldif_has(record, "objectClass", "user"))
        return "User";
    if (!ldif_has(record, "objectClass", "group") ||
        ldif_number(record, "groupType", &group_type, NULL) != 0)
        return "Unknown";
    if (group_type & GROUP_UNIVERSAL)
        return "UniversalGroup";
    if (group_type & GROUP_DOMAIN_LOCAL)
        return "LocalGroup";
    return group_type & GROUP_GLOBAL ? "GlobalGroup" : "Unknown";
}

/* Groups of S-1-5-32 belong to no domain of ours. */
static bool is_builtin(const struct sid *sid)
{
    static const uint8_t builtin[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0};
    return sid->size == 16 && memcmp(sid->bytes, builtin, sizeof builtin) == 0;
}

int records_principal(const struct ldif_record *record, const struct sid *sid,
                      const struct domain_info *info, struct domain_principal *principal,
                      struct gpmq_error *err)
{
    bool builtin = is_builtin(sid);
    const char *name = ldif_text(record, "sAMAccountName");
    const char *dns = builtin ? "BUILTIN" : info->dns_name;
    principal->sam_account_name = strdup(name);
    principal->type = strdup(type_of(record));
    principal->netbios_domain_name = strdup(builtin ? "BUILTIN" : info->netbios_name);
    principal->dns_domain_name = strdup(dns);
    if (asprintf(&principal->upn, "%s@%s", name, dns) < 0)
        principal->upn = NULL;
    if (principal->sam_account_name && principal->type && principal->netbios_domain_name &&
        principal->dns_domain_name && principal->upn)
        return 0;
    return fail(err, GPMQ_ENOMEM, "no memory for a principal");
}
