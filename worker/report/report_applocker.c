/*
 * The Application Control Policies section: rules below SrpV2 of registry.pol ([MS-GPAC2] keeps
 * each as a piece of XML), by the kind of file they are for.
 *
 * As Windows does it, a rule's condition stands without its wrapper, in exceptions with it, and a
 * version that is any ("*") is left out.
 */
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "report_parts.h"
#include "xml.h"

#define SRP             "Software\\Policies\\Microsoft\\Windows\\SrpV2"
#define RULES_DEPTH_MAX 16
#define TAIL            "Condition"

/* In the order of reports: publishers, then paths, then hashes. */
static const char *const rule_kinds[] = {"FilePublisherRule", "FilePathRule", "FileHashRule"};

#define COLLECTIONS_MAX 16 /* more than Windows has; what is of others is left to Registry */

/* One RuleCollection: "Exe", "Dll" ... */
struct collection {
    const char *type; /* in the key of the first value; not ended */
    size_t length;
};

struct collections {
    size_t count;
    struct collection items[COLLECTIONS_MAX];
};

static size_t type_length(const char *rest)
{
    return strcspn(rest, "\\");
}

static bool is_of(const struct report_pol_value *value, const struct collection *collection,
                  const char **rest)
{
    if (value->owner != REPORT_POL_APPLOCKER || !report_pol_below(value, SRP, rest) || !**rest)
        return false;
    if (type_length(*rest) != collection->length ||
        strncasecmp(*rest, collection->type, collection->length) != 0)
        return false;
    *rest += collection->length;
    *rest += **rest == '\\';
    return true;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static bool is_shallow(const struct xml_element *element, unsigned depth)
{
    if (depth > RULES_DEPTH_MAX || strlen(xml_name(element)) > REPORT_NAME_MAX)
        return false;
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        if (!is_shallow(e, depth + 1))
            return false;
    return true;
}

static void put_attributes(struct report_write *write, const struct xml_element *element)
{
    const char *name, *value;
    bool range = !strcmp(xml_name(element), "BinaryVersionRange");
    for (size_t i = 0; xml_attribute_at(element, i, &name, &value); i++)
        if (!(range && !strcmp(value, "*")))
            report_attribute(write, name, value);
}

static void put_element(struct report_write *write, const struct xml_element *element,
                        const char *name)
{
    report_open(write, name);
    put_attributes(write, element);
    for (const struct xml_element *e = xml_child(element, NULL); e; e = xml_next(e, NULL))
        put_element(write, e, xml_name(e));
    if (!xml_child(element, NULL))
        report_content(write, xml_text(element));
    report_close(write);
}

/* FilePathCondition is <FilePath Path="..."/>. A hash condition holds what it says. */
static void put_condition(struct report_write *write, const struct xml_element *condition,
                          bool wrapped)
{
    const char *whole = xml_name(condition);
    char name[REPORT_NAME_MAX + 1];
    size_t length = strlen(whole), tail = strlen(TAIL);
    if (length <= tail || strcmp(whole + length - tail, TAIL) != 0 ||
        !xml_attribute_at(condition, 0, &(const char *){NULL}, &(const char *){NULL})) {
        put_element(write, condition, whole);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(length - tail), whole);
    if (wrapped)
        report_open(write, whole);
    put_element(write, condition, name);
    if (wrapped)
        report_close(write);
}

static void put_conditions(struct report_write *write, const struct xml_element *rule,
                           const char *name, bool wrapped)
{
    const struct xml_element *list = xml_child(rule, name);
    if (!list)
        return;
    report_open(write, name);
    for (const struct xml_element *e = xml_child(list, NULL); e; e = xml_next(e, NULL))
        put_condition(write, e, wrapped);
    report_close(write);
}

static void put_rule(struct report_write *write, const struct xml_element *rule)
{
    report_open(write, xml_name(rule));
    put_attributes(write, rule);
    put_conditions(write, rule, "Conditions", false);
    put_conditions(write, rule, "Exceptions", true);
    report_close(write);
}

/* A rule of that kind is written; one that is no XML is left to Registry. */
static int put_value(struct report *report, struct report_pol_value *value, const char *kind,
                     struct gpmq_error *err)
{
    CLEANUP(xml_free) struct xml_document *document = NULL;
    CLEANUP(free_pointer) char *text = NULL;
    int rc = report_pol_text(&text, value, err);
    if (rc || !text || xml_read(&document, text, strlen(text), "a rule", NULL))
        return rc;
    const struct xml_element *rule = xml_top(document);
    if (strcmp(xml_name(rule), kind) != 0 || !is_shallow(rule, 0))
        return 0;
    put_rule(&report->write, rule);
    value->told = true;
    return 0;
}

/* ---- collections ---------------------------------------------------------------------------- */

static int put_rules(struct report *report, const struct collection *collection, const char *kind,
                     struct gpmq_error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < report->pol.count; i++) {
        struct report_pol_value *value = &report->pol.values[i];
        const char *rest;
        if (!value->told && is_of(value, collection, &rest) && *rest && !strchr(rest, '\\') &&
            !strcasecmp(value->name, "Value"))
            rc = put_value(report, value, kind, err);
    }
    return rc;
}

/* Whether rules are enforced or only logged; AllowWindows says nothing that a report tells. */
static void put_mode(struct report *report, const struct collection *collection)
{
    uint64_t mode = 0;
    bool known = false;
    for (size_t i = 0; i < report->pol.count; i++) {
        struct report_pol_value *value = &report->pol.values[i];
        const char *rest;
        uint64_t number;
        if (!is_of(value, collection, &rest) || *rest || !report_pol_number(value, &number))
            continue;
        if (!strcasecmp(value->name, "EnforcementMode")) {
            known = value->told = true;
            mode = number;
        } else if (!strcasecmp(value->name, "AllowWindows")) {
            value->told = true;
        }
    }
    if (!known)
        return;
    report_open(&report->write, "EnforcementMode");
    report_text(&report->write, "Mode", mode ? "Enabled" : "AuditOnly");
    report_close(&report->write);
}

static int put_collection(struct report *report, const struct collection *collection,
                          struct gpmq_error *err)
{
    char type[REPORT_NAME_MAX + 1];
    int rc = 0;
    snprintf(type, sizeof type, "%.*s", (int)collection->length, collection->type);
    report_open(&report->write, "RuleCollection");
    report_attribute(&report->write, "Type", type);
    for (size_t k = 0; !rc && k < sizeof rule_kinds / sizeof *rule_kinds; k++)
        rc = put_rules(report, collection, rule_kinds[k], err);
    put_mode(report, collection);
    report_close(&report->write);
    return rc;
}

/* Adds the collection that a value is of, unless it is there. */
static void add_collection(struct collections *collections, const struct report_pol_value *value)
{
    const char *rest, *unused;
    if (value->owner != REPORT_POL_APPLOCKER || !report_pol_below(value, SRP, &rest) || !*rest)
        return;
    for (size_t i = 0; i < collections->count; i++)
        if (is_of(value, &collections->items[i], &unused))
            return;
    if (collections->count < COLLECTIONS_MAX && type_length(rest) <= REPORT_NAME_MAX)
        collections->items[collections->count++] =
            (struct collection){.type = rest, .length = type_length(rest)};
}

int report_applocker(struct report *report, const struct report_area *area, struct gpmq_error *err)
{
    struct collections collections = {0};
    int rc = 0;
    for (size_t i = 0; i < report->pol.count; i++)
        add_collection(&collections, &report->pol.values[i]);
    if (!collections.count)
        return 0;
    report_begin_area(report, area);
    for (size_t i = 0; !rc && i < collections.count; i++)
        rc = put_collection(report, &collections.items[i], err);
    report_end_area(report, area);
    return rc;
}
