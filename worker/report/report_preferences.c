/*
 * The sections of preferences: the items of their XML files ([MS-GPPREF] 2.2), each with its
 * attributes, its place (GPOSettingOrder) and its Filters.
 *
 * As Windows does it, the root of some files has another name in the report, every item has a
 * Filters element, a group has Members and a registry value has Values, and the parts of a
 * scheduled task stand in the order of its schema (report_preferences_order.c).
 *
 * A cpassword is encrypted with a key that Microsoft published: it is not written, and an element
 * of ours says that there is one.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "fail.h"
#include "report_parts.h"
#include "report_preferences.h"
#include "xml.h"

#define SECRET "cpassword"

/* clang-format off */
static const struct {
    const char *file, *report;
} roots[] = {
    {"Drives",    "DriveMapSettings"},
    {"Files",     "FilesSettings"},
    {"Groups",    "LocalUsersAndGroups"},
    {"Shortcuts", "ShortcutSettings"},
};

/* An element that these always have, also when the file leaves it out. */
static const struct {
    const char *item, *part;
} always[] = {
    {"Group",     "Members"},
    {"Registry",  "Values"},
    {"SendEmail", "Attachments"},
};
/* clang-format on */

static const char *root_name(const char *name)
{
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (!strcmp(roots[i].file, name))
            return roots[i].report;
    return name;
}

/* ---- judging -------------------------------------------------------------------------------- */

/* That a report can hold it: names and depth. */
static int judge(const struct xml_element *element, unsigned depth, struct gpmq_error *err)
{
    const char *name, *value;
    if (depth > REPORT_PREFERENCES_DEPTH_MAX)
        return fail(err, GPMQ_ETOOBIG, "line %d: elements are more than %d deep within each other",
                    xml_line(element), REPORT_PREFERENCES_DEPTH_MAX);
    bool fits = strlen(xml_name(element)) <= REPORT_NAME_MAX;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        fits &= strlen(name) <= REPORT_NAME_MAX;
    if (!fits)
        return fail(err, GPMQ_ETOOBIG, "line %d: a name has more than %d bytes", xml_line(element),
                    REPORT_NAME_MAX);
    int rc = 0;
    for (const struct xml_element *e = xml_child(element, NULL); !rc && e; e = xml_next(e, NULL))
        rc = judge(e, depth + 1, err);
    return rc;
}

/* ---- copying -------------------------------------------------------------------------------- */

static bool has_secret(const struct xml_element *element)
{
    const char *name, *value;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        if (!strcasecmp(name, SECRET) && *value)
            return true;
    return false;
}

static bool is_dropped(const struct xml_element *element, const char *attribute)
{
    return !strcmp(xml_name(element), "Actions") && !strcmp(attribute, "Context");
}

static void put_attributes(struct report_write *write, const struct xml_element *element)
{
    const char *name, *value;
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++) {
        bool secret = !strcasecmp(name, SECRET) && *value;
        if (!is_dropped(element, name))
            report_attribute(write, name, secret ? REPORT_SECRET : value);
    }
}

/* Of Properties, it is the item that decides. */
static void put_always(struct report_write *write, const char *of,
                       const struct xml_element *element)
{
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!strcmp(always[i].item, of) && !xml_child(element, always[i].part))
            report_text(write, always[i].part, NULL);
}

static int put_copy(struct report *report, const struct xml_element *element,
                    struct gpmq_error *err);

static int put_children(struct report *report, const struct xml_element *element,
                        struct gpmq_error *err)
{
    CLEANUP(free_pointer) const struct xml_element **children = NULL;
    size_t count;
    int rc = report_preferences_order(element, &children, &count, err);
    for (size_t i = 0; !rc && i < count; i++)
        rc = put_copy(report, children[i], err);
    if (!rc && !count)
        report_content(&report->write, xml_text(element));
    return rc;
}

static int put_copy(struct report *report, const struct xml_element *element,
                    struct gpmq_error *err)
{
    report_open(&report->write, xml_name(element));
    put_attributes(&report->write, element);
    if (has_secret(element))
        report_text_own(&report->write, "gpmq:Secret", SECRET);
    int rc = put_children(report, element, err);
    if (!strcmp(xml_name(element), "SendEmail"))
        put_always(&report->write, "SendEmail", element);
    report_close(&report->write);
    return rc;
}

/* ---- items ---------------------------------------------------------------------------------- */

static bool is_filters(const struct xml_element *element)
{
    return !strcmp(xml_name(element), "Filters");
}

static bool is_properties(const struct xml_element *element)
{
    return !strcmp(xml_name(element), "Properties");
}

static int put_properties(struct report *report, const struct xml_element *item,
                          const struct xml_element *properties, struct gpmq_error *err)
{
    report_open(&report->write, xml_name(properties));
    put_attributes(&report->write, properties);
    if (has_secret(properties))
        report_text_own(&report->write, "gpmq:Secret", SECRET);
    int rc = put_children(report, properties, err);
    put_always(&report->write, xml_name(item), properties);
    report_close(&report->write);
    return rc;
}

static int put_items(struct report *report, const struct xml_element *parent,
                     struct gpmq_error *err);

/* Place, properties, what a collection holds, filters. */
static int put_item(struct report *report, const struct xml_element *item, size_t place,
                    struct gpmq_error *err)
{
    struct report_write *write = &report->write;
    report_open(write, xml_name(item));
    put_attributes(write, item);
    if (has_secret(item))
        report_text_own(write, "gpmq:Secret", SECRET);
    report_number(write, "GPOSettingOrder", place);
    int rc = 0;
    for (const struct xml_element *e = xml_child(item, "Properties"); !rc && e;
         e = xml_next(e, "Properties"))
        rc = put_properties(report, item, e, err);
    if (!rc)
        rc = put_items(report, item, err);
    const struct xml_element *filters = xml_child(item, "Filters");
    if (!filters)
        report_text(write, "Filters", NULL);
    for (; !rc && filters; filters = xml_next(filters, "Filters"))
        rc = put_copy(report, filters, err);
    report_close(write);
    return rc;
}

static int put_items(struct report *report, const struct xml_element *parent,
                     struct gpmq_error *err)
{
    size_t place = 0;
    int rc = 0;
    for (const struct xml_element *e = xml_child(parent, NULL); !rc && e; e = xml_next(e, NULL))
        if (!is_filters(e) && !is_properties(e))
            rc = put_item(report, e, ++place, err);
    return rc;
}

static int put_root(struct report *report, const struct xml_element *root, struct gpmq_error *err)
{
    report_open(&report->write, root_name(xml_name(root)));
    put_attributes(&report->write, root);
    int rc = put_items(report, root, err);
    report_close(&report->write);
    return rc;
}

int report_preferences(struct report *report, const struct report_area *area,
                       struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) uint8_t *bytes = NULL;
    size_t size;
    int rc = report_read(report, area->file, &bytes, &size, err);
    if (rc || !bytes)
        return rc;
    rc = xml_read(&document, bytes, size, area->file, err);
    if (!rc)
        rc = judge(xml_top(document), 0, err);
    if (rc)
        return rc;
    report_begin_area(report, area);
    rc = put_root(report, xml_top(document), err);
    report_end_area(report, area);
    report_told(report, area->file);
    return rc;
}
