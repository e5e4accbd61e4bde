#include "settings_general.h"

#include <string.h>

#include "bytes.h"
#include "cleanup.h"
#include "fail.h"
#include "report_area.h"

enum area { AREA_GENERAL, AREA_DELEGATION, AREA_LINKS, AREA_OTHER };
static const char *const area_names[] = {"General", "Delegation", "Links", SETTINGS_OTHER};

struct reading {
    struct settings list;
    struct gpmq_error *err;
};

/* ---- the list ------------------------------------------------------------------------------- */

/* What is not there has no setting: value NULL. */
static int add(struct reading *reading, enum area area, const char *key, const char *name,
               const char *value, const struct xml_element *element)
{
    struct settings *list = &reading->list;
    if (!value)
        return 0;
    struct setting *items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items)
        return fail(reading->err, GPMQ_ENOMEM, "no memory for the settings of a report");
    list->items = items;
    struct setting *setting = &items[list->count];
    *setting = (struct setting){.side = SETTING_GENERAL,
                                .area = area_names[area],
                                .rank = area,
                                .order = list->count,
                                .element = element,
                                .key = strdup(key),
                                .target = strdup(key),
                                .name = strdup(name),
                                .value = strdup(value)};
    list->count++;
    if (!setting->key || !setting->target || !setting->name || !setting->value)
        return fail(reading->err, GPMQ_ENOMEM, "no memory for the settings of a report");
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct setting *left = a, *right = b;
    int order = settings_compare(left, right);
    return order ? order : left->order < right->order ? -1 : left->order > right->order;
}

/* ---- General -------------------------------------------------------------------------------- */

static const char *enabled(const struct xml_element *root, const char *side)
{
    const char *text = xml_child_text(xml_child(root, side), "Enabled");
    return text ? !strcmp(text, "true") ? "enabled" : "disabled" : NULL;
}

static int read_general(struct reading *reading, const struct xml_element *root)
{
    const struct {
        const char *key;
        const char *value;
    } rows[] = {
        {"Name", xml_child_text(root, "Name")},
        {"Description", xml_child_text(root, "Comment")},
        {"Computer settings", enabled(root, "Computer")},
        {"User settings", enabled(root, "User")},
        {"WMI filter", xml_child_text(root, "FilterName")},
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !rc; i++)
        rc = add(reading, AREA_GENERAL, rows[i].key, rows[i].key, rows[i].value, root);
    return rc;
}

/* ---- Delegation ----------------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static int read_owner(struct reading *reading, const struct xml_element *security)
{
    CLEANUP(bytes_free) struct bytes value = {0};
    const struct xml_element *owner = xml_child(security, "Owner");
    if (!owner)
        return 0;
    const char *name = or_empty(xml_child_text(owner, "Name"));
    const char *sid = or_empty(xml_child_text(owner, "SID"));
    bytes_format(&value, *name ? "%s (%s)" : "%s%s", name, sid);
    if (value.failed)
        return fail(reading->err, GPMQ_ENOMEM, "no memory for the owner of a GPO");
    int rc = add(reading, AREA_DELEGATION, "Owner", "Owner", (const char *)value.at, owner);
    if (rc || !*sid)
        return rc;
    struct setting *setting = &reading->list.items[reading->list.count - 1];
    setting->compared = strdup(sid);
    return setting->compared ? 0 : fail(reading->err, GPMQ_ENOMEM, "no memory for an owner");
}

static const char *yes(const struct xml_element *element, const char *child)
{
    return or_empty(xml_child_text(element, child));
}

/* "Apply Group Policy", and where it reaches when that is not what a GPO's own entries do. */
static int read_trustee(struct reading *reading, const struct xml_element *entry)
{
    CLEANUP(bytes_free) struct bytes key = {0};
    CLEANUP(bytes_free) struct bytes value = {0};
    const struct xml_element *trustee = xml_child(entry, "Trustee");
    const struct xml_element *reach = xml_child(entry, "Applicability");
    const char *name = xml_child_text(trustee, "Name"), *sid = yes(trustee, "SID");
    const char *type = yes(xml_child(entry, "Type"), "PermissionType");
    const char *access = yes(xml_child(entry, "Standard"), "GPOGroupedAccessEnum");
    bytes_format(&key, "%s/%s", sid, type);
    bytes_format(&value, "%s%s", !strcmp(type, "Deny") ? "Deny: " : "", access);
    if (!strcmp(yes(entry, "Inherited"), "true"))
        bytes_put_text(&value, ", inherited");
    if (reach && strcmp(yes(reach, "ToSelf"), "true") != 0)
        bytes_put_text(&value, ", not on the GPO itself");
    if (key.failed || value.failed)
        return fail(reading->err, GPMQ_ENOMEM, "no memory for the permissions of a GPO");
    return add(reading, AREA_DELEGATION, (const char *)key.at, name && *name ? name : sid,
               (const char *)value.at, entry);
}

static int read_delegation(struct reading *reading, const struct xml_element *security,
                           unsigned told)
{
    const struct xml_element *all = xml_child(security, "Permissions");
    int rc = told & SETTINGS_OWNER ? read_owner(reading, security) : 0;
    for (const struct xml_element *e = xml_child(all, "TrusteePermissions"); e && !rc;
         e = xml_next(e, "TrusteePermissions"))
        rc = read_trustee(reading, e);
    return rc;
}

/* ---- Links ---------------------------------------------------------------------------------- */

static int read_links(struct reading *reading, const struct xml_element *root)
{
    int rc = 0;
    for (const struct xml_element *e = xml_child(root, "LinksTo"); e && !rc;
         e = xml_next(e, "LinksTo")) {
        char value[64];
        const char *path = or_empty(xml_child_text(e, "SOMPath"));
        snprintf(value, sizeof value, "%s%s",
                 strcmp(yes(e, "Enabled"), "true") ? "disabled" : "enabled",
                 strcmp(yes(e, "NoOverride"), "true") ? "" : ", enforced");
        rc = add(reading, AREA_LINKS, path, path, value, e);
    }
    return rc;
}

/* ---- Other files ---------------------------------------------------------------------------- */

/* Files that belong to neither side and that no section tells of. */
static int read_other(struct reading *reading, const struct xml_element *root)
{
    const struct xml_element *other = xml_child(root, "Other");
    int rc = 0;
    for (const struct xml_element *e = xml_child(other, "File"); e && !rc;
         e = xml_next(e, "File")) {
        const char *path = or_empty(xml_child_text(e, "Path"));
        rc = add(reading, AREA_OTHER, path, path, or_empty(xml_child_text(e, "Reason")), e);
    }
    return rc;
}

int settings_read_general(struct settings *out, const struct xml_document *report, unsigned told,
                          struct gpmq_error *err)
{
    const struct xml_element *root = xml_root(report, "GPO", REPORT_NS);
    if (!root)
        return fail(err, GPMQ_EMALFORMED, "this is no report of a GPO: its root is not 'GPO' in %s",
                    REPORT_NS);
    struct reading reading = {.err = err};
    int rc = read_general(&reading, root);
    if (!rc)
        rc = read_delegation(&reading, xml_child(root, "SecurityDescriptor"), told);
    if (!rc && told & SETTINGS_LINKS)
        rc = read_links(&reading, root);
    if (!rc)
        rc = read_other(&reading, root);
    if (rc) {
        settings_free(&reading.list);
        return rc;
    }
    if (reading.list.count)
        qsort(reading.list.items, reading.list.count, sizeof *reading.list.items, by_key);
    *out = reading.list;
    return 0;
}
