/* report_policy_elements.c - what a policy's elements say, in the order of its presentation. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admx_match.h"
#include "cleanup.h"
#include "report_policies.h"

/* One policy whose elements are written. */
struct writing {
    struct report *report;
    const struct admx_values *values;
    const struct admx_policy *policy;
};

/* ---- values of elements --------------------------------------------------------------------- */

static struct report_pol_value *value_at(const struct writing *of, size_t at)
{
    return &of->report->pol.values[at];
}

/* A number or text, in whatever element is open. */
static int put_scalar(const struct writing *of, const char *name,
                      const struct report_pol_value *value, struct gpmq_error *err)
{
    struct report_write *write = &of->report->write;
    CLEANUP(free_pointer) char *text = NULL;
    uint64_t number;
    int rc = report_pol_text(&text, value, err);
    if (!rc && text) {
        report_text(write, name, text);
    } else if (!rc && report_pol_number(value, &number)) {
        report_number(write, name, number);
    } else if (!rc) {
        rc = report_hex(&text, value->content, value->size, err);
        if (!rc)
            report_text(write, name, text);
    }
    return rc;
}

static int put_strings(const struct writing *of, const struct report_pol_value *value,
                       struct gpmq_error *err)
{
    struct report_write *write = &of->report->write;
    int rc = 0;
    report_open(write, "Value");
    for (size_t at = 0; !rc;) {
        CLEANUP(free_pointer) char *text = NULL;
        rc = report_pol_next_text(&text, value, &at, err);
        if (rc || !text)
            break;
        report_text(write, "string", text);
    }
    report_close(write);
    return rc;
}

/* The name of the item that holds; of none, the value itself. */
static int put_choice(const struct writing *of, const struct xml_element *element,
                      const struct report_pol_value *value, struct gpmq_error *err)
{
    struct report_write *write = &of->report->write;
    const char *name;
    const char *key = admx_element_key(of->policy, element, &name);
    const struct xml_element *item = xml_child(element, "item");
    while (item && !admx_value_is(of->values, key, name, xml_child(item, "value")))
        item = xml_next(item, "item");
    report_open(write, "Value");
    int rc = 0;
    if (item)
        report_text(write, "Name", admx_text(of->policy->file, xml_attribute(item, "displayName")));
    else
        rc = put_scalar(of, "Name", value, err);
    report_close(write);
    return rc;
}

static bool says(const struct xml_element *element, const char *attribute)
{
    const char *value = xml_attribute(element, attribute);
    return value && (!strcmp(value, "true") || !strcmp(value, "1"));
}

static int put_list(const struct writing *of, const struct xml_element *list,
                    struct gpmq_error *err)
{
    struct report_write *write = &of->report->write;
    const char *name, *prefix = xml_attribute(list, "valuePrefix");
    size_t first;
    size_t count =
        admx_values_of_key(of->values, admx_element_key(of->policy, list, &name), &first);
    int rc = 0;
    report_bool(write, "ExplicitValue", says(list, "explicitValue"));
    report_bool(write, "Additive", says(list, "additive"));
    if (prefix)
        report_text(write, "ValuePrefix", prefix);
    report_open(write, "Value");
    for (size_t i = first; i < first + count && !rc; i++) {
        const struct report_pol_value *value = value_at(of, of->values->order[i]);
        if (!admx_list_has(list, value))
            continue;
        report_open(write, "Element");
        if (says(list, "explicitValue"))
            report_text(write, "Name", value->name);
        rc = put_scalar(of, "Data", value, err);
        report_close(write);
    }
    report_close(write);
    return rc;
}

/* ---- elements ------------------------------------------------------------------------------- */

static enum admx_state element_state(const struct writing *of, const struct xml_element *element,
                                     size_t *at)
{
    const char *name;
    const char *key = admx_element_key(of->policy, element, &name);
    size_t first;
    if (!strcmp(xml_name(element), "list"))
        return admx_values_of_key(of->values, key, &first) ? ADMX_ENABLED : ADMX_NOT_CONFIGURED;
    enum admx_found found = name ? admx_values_find(of->values, key, name, at, NULL) : ADMX_ABSENT;
    return found == ADMX_SET       ? ADMX_ENABLED
           : found == ADMX_DELETED ? ADMX_DISABLED
                                   : ADMX_NOT_CONFIGURED;
}

/* A check box: what its value says, not whether there is one. */
static enum admx_state box_state(const struct writing *of, const struct xml_element *box,
                                 enum admx_state state, size_t at)
{
    const struct xml_element *on = xml_child(box, "trueValue");
    const char *name;
    uint64_t number = 0;
    const char *key = admx_element_key(of->policy, box, &name);
    if (state != ADMX_ENABLED)
        return on && name && admx_value_is(of->values, key, name, on) ? ADMX_ENABLED : state;
    if (on)
        return admx_value_is(of->values, key, name, on) ? ADMX_ENABLED : ADMX_DISABLED;
    return report_pol_number(value_at(of, at), &number) && number ? ADMX_ENABLED : ADMX_DISABLED;
}

/* How the elements of a policy are called in a report. */
static const struct {
    const char *element;
    const char *report;
} kinds[] = {
    {"boolean", "CheckBox"}, {"decimal", "Numeric"},     {"longDecimal", "Numeric"},
    {"text", "EditText"},    {"multiText", "MultiText"}, {"enum", "DropDownList"},
    {"list", "ListBox"},
};

static const char *kind_of(const struct xml_element *element)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].element, xml_name(element)))
            return kinds[i].report;
    return NULL;
}

static int put_value(const struct writing *of, const struct xml_element *element, size_t at,
                     struct gpmq_error *err)
{
    const char *kind = xml_name(element);
    if (!strcmp(kind, "list"))
        return put_list(of, element, err);
    if (!strcmp(kind, "enum"))
        return put_choice(of, element, value_at(of, at), err);
    if (!strcmp(kind, "multiText"))
        return put_strings(of, value_at(of, at), err);
    if (!strcmp(kind, "boolean"))
        return 0;
    return put_scalar(of, "Value", value_at(of, at), err);
}

static int put_element(const struct writing *of, const struct xml_element *element,
                       const char *label, struct gpmq_error *err)
{
    struct report_write *write = &of->report->write;
    const char *kind = kind_of(element);
    size_t at = 0;
    if (!kind)
        return 0;
    enum admx_state state = element_state(of, element, &at);
    bool there = state == ADMX_ENABLED;
    if (!strcmp(xml_name(element), "boolean"))
        state = box_state(of, element, state, at);
    report_open(write, kind);
    report_text(write, "Name", label);
    report_text(write, "State", report_policy_state(state));
    int rc = there ? put_value(of, element, at, err) : 0;
    report_close(write);
    return rc;
}

/* A presentation's label: the element's text, or that of a <label> in it. */
static const char *label_of(const struct xml_element *shown)
{
    const char *label = xml_child_text(shown, "label");
    return label ? label : xml_text(shown);
}

static bool is_shown(const struct xml_element *presentation, const char *id)
{
    for (const struct xml_element *e = xml_child(presentation, NULL); e; e = xml_next(e, NULL)) {
        const char *shown = xml_attribute(e, "refId");
        if (shown && id && !strcasecmp(shown, id))
            return true;
    }
    return false;
}

/* As the presentation has them, then what it leaves out, under its id. */
static int put_elements(const struct writing *of, struct gpmq_error *err)
{
    const struct xml_element *presentation = admx_presentation(of->policy);
    const struct xml_element *elements = xml_child(of->policy->element, "elements");
    int rc = 0;
    for (const struct xml_element *e = xml_child(presentation, NULL); e && !rc;
         e = xml_next(e, NULL)) {
        const struct xml_element *element = admx_element(of->policy, xml_attribute(e, "refId"));
        if (element) {
            rc = put_element(of, element, label_of(e), err);
        } else if (!strcmp(xml_name(e), "text")) {
            report_open(&of->report->write, "Text");
            report_text(&of->report->write, "Name", xml_text(e));
            report_close(&of->report->write);
        }
    }
    for (const struct xml_element *e = xml_child(elements, NULL); e && !rc; e = xml_next(e, NULL)) {
        const char *id = xml_attribute(e, "id");
        if (!is_shown(presentation, id))
            rc = put_element(of, e, id ? id : "", err);
    }
    return rc;
}

int report_policy_elements(struct report *report, const struct admx_values *values,
                           const struct admx_policy *policy, struct gpmq_error *err)
{
    const struct writing of = {report, values, policy};
    return put_elements(&of, err);
}
