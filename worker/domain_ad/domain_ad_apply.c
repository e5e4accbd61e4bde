/* domain_ad_apply.c - makes the directory say what records say. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "cleanup.h"
#include "dn.h"
#include "domain_ad.h"
#include "fail.h"

#define EDITS_MAX 32

/* What a change may alter in a GPC; the note comes last and is compare and swap, as the version. */
static const char *const gpc_attributes[] = {
    "displayName",           "flags",        "gPCMachineExtensionNames",
    "gPCUserExtensionNames", "gPCWQLFilter", "nTSecurityDescriptor",
};
static const char *const swapped_attributes[] = {"versionNumber", AD_ATTR_NOTE};

/* What the directory makes itself, or what an object cannot be made with. */
static const char *const own_attributes[] = {
    "cn",
    "distinguishedName",
    "dSCorePropagationData",
    "instanceType",
    "name",
    "objectCategory",
    "objectGUID",
    "objectSid",
    "uSNChanged",
    "uSNCreated",
    "whenChanged",
    "whenCreated",
    "showInAdvancedViewOnly",
};

/* ---- the GPC --------------------------------------------------------------------------------- */

static bool is_same(const struct ldif_value *a, const struct ldif_value *b)
{
    return a && b ? a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0 : a == b;
}

static size_t put_replacements(struct ad_edit *edits, const struct ldif_record *before,
                               const struct ldif_record *after)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof gpc_attributes / sizeof *gpc_attributes; i++) {
        const struct ldif_value *now = ldif_get(after, gpc_attributes[i]);
        if (is_same(ldif_get(before, gpc_attributes[i]), now))
            continue;
        edits[count++] = (struct ad_edit){.kind = AD_EDIT_REPLACE,
                                          .name = gpc_attributes[i],
                                          .bytes = now ? now->bytes : NULL,
                                          .size = now ? now->size : 0};
    }
    return count;
}

static size_t put_swaps(struct ad_edit *edits, const struct ldif_record *before,
                        const struct ldif_record *after)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof swapped_attributes / sizeof *swapped_attributes; i++) {
        const char *name = swapped_attributes[i];
        const struct ldif_value *was = ldif_get(before, name), *now = ldif_get(after, name);
        if (is_same(was, now))
            continue;
        if (was)
            edits[count++] = (struct ad_edit){AD_EDIT_DELETE, name, was->bytes, was->size};
        if (now)
            edits[count++] = (struct ad_edit){AD_EDIT_ADD, name, now->bytes, now->size};
    }
    return count;
}

static int apply_gpc(struct ad_domain *domain, const struct ldif *before, const struct ldif *after,
                     struct gpmq_error *err)
{
    struct ad_edit edits[EDITS_MAX];
    const struct ldif_record *was = gpc_find(before), *now = gpc_find(after);
    size_t count = put_replacements(edits, was, now);
    count += put_swaps(edits + count, was, now);
    return count ? ad_ldap_modify(domain->ldap, was->dn, edits, count, err) : 0;
}

/* ---- objects below it ------------------------------------------------------------------------ */

static bool is_own(const char *name)
{
    size_t length = strcspn(name, ";");
    for (size_t i = 0; i < sizeof own_attributes / sizeof *own_attributes; i++)
        if (strlen(own_attributes[i]) == length &&
            strncasecmp(own_attributes[i], name, length) == 0)
            return true;
    return strcasestr(name, ";x-gpmq-none");
}

/* An object as it can be made: without what the directory adds, names without our options. */
static int plain_record(const struct ldif_record *record, struct ldif *out, struct gpmq_error *err)
{
    struct ldif_record *plain;
    int rc = ldif_add(out, record->dn, &plain, err);
    for (size_t i = 0; i < record->count && !rc; i++) {
        const struct ldif_value *value = &record->values[i];
        char name[LDIF_NAME_MAX + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(value->name, ";"), value->name);
        if (!is_own(value->name) && value->size)
            rc = ldif_put(plain, name, value->bytes, value->size, err);
    }
    return rc;
}

static bool is_side(const struct ldif_record *record)
{
    return strncasecmp(record->dn, "CN=Machine,CN={", 15) == 0 ||
           strncasecmp(record->dn, "CN=User,CN={", 12) == 0;
}

/* "*,CN=Packages,..." is a pattern of Backup.xml, and no object. */
static bool is_below(const struct ldif_record *record)
{
    return record->dn[0] != '*' && !is_side(record) &&
           !ldif_has(record, "objectClass", "groupPolicyContainer");
}

static size_t depth_of(const struct ldif_record *record)
{
    size_t depth = 0;
    for (const char *c = record->dn; *c; c++)
        depth += *c == ',' && (c == record->dn || c[-1] != '\\');
    return depth;
}

static int by_depth(const void *a, const void *b)
{
    const struct ldif_record *left = a, *right = b;
    size_t x = depth_of(left), y = depth_of(right);
    return x != y ? (x < y ? -1 : 1) : strcasecmp(left->dn, right->dn);
}

/* The objects below the GPC, parents first, as they can be made. */
static int collect(const struct ldif *from, struct ldif **out, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *objects = ldif_new();
    int rc = objects ? 0 : fail(err, GPMQ_ENOMEM, "no memory for directory objects");
    for (size_t i = 0; i < from->count && !rc; i++)
        if (is_below(&from->records[i]))
            rc = plain_record(&from->records[i], objects, err);
    if (rc)
        return rc;
    if (objects->count)
        qsort(objects->records, objects->count, sizeof *objects->records, by_depth);
    *out = STEAL(objects);
    return 0;
}

static bool has_value(const struct ldif_record *record, const struct ldif_value *value)
{
    for (size_t i = 0; i < record->count; i++)
        if (strcasecmp(record->values[i].name, value->name) == 0 &&
            is_same(&record->values[i], value))
            return true;
    return false;
}

/* Every value of `wanted`; the directory may have more, as a descriptor it inherited. */
static bool has_all(const struct ldif *there, const struct ldif *wanted)
{
    if (there->count != wanted->count)
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct ldif_record *record = ldif_find(there, wanted->records[i].dn);
        for (size_t k = 0; record && k < wanted->records[i].count; k++)
            if (!has_value(record, &wanted->records[i].values[k]))
                record = NULL;
        if (!record)
            return false;
    }
    return true;
}

/* Parents come first, and what is below them goes with them. */
static int remove_all(struct ad_domain *domain, const struct ldif *objects, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < objects->count && !rc; i++) {
        rc = ad_ldap_delete_tree(domain->ldap, objects->records[i].dn, err);
        rc = rc == GPMQ_ENOTFOUND ? 0 : rc;
    }
    return rc;
}

static int add_all(struct ad_domain *domain, const struct ldif *objects, struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < objects->count && !rc; i++) {
        rc = ad_ldap_add(domain->ldap, &objects->records[i], err);
        rc = rc == GPMQ_EEXIST ? 0 : rc;
    }
    return rc;
}

/* CN=Machine and CN=User, which an interrupted attempt may have left out. */
static int add_sides(struct ad_domain *domain, const struct ldif *before, const struct ldif *after,
                     struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < after->count && !rc; i++) {
        CLEANUP(ldif_free) struct ldif *side = ldif_new();
        if (!is_side(&after->records[i]) || (before && ldif_find(before, after->records[i].dn)))
            continue;
        rc = side ? plain_record(&after->records[i], side, err)
                  : fail(err, GPMQ_ENOMEM, "no memory for directory objects");
        if (!rc)
            rc = add_all(domain, side, err);
    }
    return rc;
}

static int apply_below(struct ad_domain *domain, const struct ldif *before,
                       const struct ldif *after, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *was = NULL;
    CLEANUP(ldif_free) struct ldif *now = NULL;
    int rc = add_sides(domain, before, after, err);
    if (!rc)
        rc = collect(before, &was, err);
    if (!rc)
        rc = collect(after, &now, err);
    if (rc || has_all(was, now))
        return rc;
    rc = remove_all(domain, was, err);
    return rc ? rc : add_all(domain, now, err);
}

int ad_apply(struct ad_domain *domain, const struct ldif *before, const struct ldif *after,
             struct gpmq_error *err)
{
    int rc = apply_below(domain, before, after, err);
    return rc ? rc : apply_gpc(domain, before, after, err);
}

/* The GPC comes first, and says that it is being made until all is there. */
int ad_apply_new(struct ad_domain *domain, const struct ldif *after, struct gpmq_error *err)
{
    CLEANUP(ldif_free) struct ldif *gpc = ldif_new();
    CLEANUP(ldif_free) struct ldif *below = NULL;
    struct ad_note note;
    char text[AD_NOTE_MAX + 1];
    ad_note_read(&note, ldif_text(gpc_find(after), AD_ATTR_NOTE));
    note.committing = true;
    ad_note_text(&note, text);
    int rc = gpc ? plain_record(gpc_find(after), gpc, err)
                 : fail(err, GPMQ_ENOMEM, "no memory for directory objects");
    if (!rc)
        rc = ldif_set_text(&gpc->records[0], AD_ATTR_NOTE, text, err);
    if (!rc)
        rc = collect(after, &below, err);
    if (!rc)
        rc = ad_ldap_add(domain->ldap, &gpc->records[0], err);
    if (!rc)
        rc = add_sides(domain, NULL, after, err);
    if (!rc)
        rc = add_all(domain, below, err);
    note.committing = false;
    return rc ? rc : ad_note_put(domain, gpc, &note, err);
}
